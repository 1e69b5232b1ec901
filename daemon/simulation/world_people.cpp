// What people and peers do to the daemon.

#include "daemon/simulation/world.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/sources.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::simulation {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr int claimed_at_once = 4;

} // namespace

// ---- what is sent ---------------------------------------------------------------------------

void World::deliver() {
    for (const auto& channel : machine_.service().configuration().settings->channels) {
        const auto orders =
            machine_.service().outbox().claim(channel.name, claimed_at_once, daemon_now());
        if (!orders.has_value()) {
            if (has_room() && !machine_.disk().is_crashed()) {
                throw Violated({now_, "I12", "claims succeed", orders.error().message});
            }
            continue;
        }
        if (!orders->empty() && !has_room()) {
            throw Violated({now_, "I16", "nothing is claimed on a full disk", channel.name});
        }
        for (const service::SendOrder& order : *orders) {
            checker_.when_claimed(order, daemon_now());
            under_way_.push_back({order, {}, false, false});
        }
        for (const service::SendOrder& order : *orders) {
            const auto own =
                std::find_if(under_way_.begin(), under_way_.end(), [&](const UnderWay& one) {
                    return one.order.delivery == order.delivery
                           && one.order.attempt == order.attempt;
                });
            under_way_.erase(own);
            attempt(order);
            if (machine_.disk().is_crashed()) {
                return; // with the attempt that the crash broke off as the current one
            }
        }
    }
}

void World::attempt(const service::SendOrder& order) {
    const PeerAnswer answer = peers_.answer(order, now_);
    current_ = UnderWay{order, answer.outcome, false, false};
    const bool is_killed = fate_.chance(faults_.chance(Fault::crash_sending, 0.004));
    const int place = fate_.below(4);
    const auto die_at = [&](int here) {
        if (is_killed && place == here) {
            machine_.disk().crash_now(
                fate_.chance(0.5) ? Disk::Ending::power : Disk::Ending::process
            );
            throw Killed{};
        }
    };
    ++happened_["attempts to deliver"];
    die_at(0);
    if (answer.is_committed) {
        if (!machine_.service().outbox().mark_commit(order.delivery, order.attempt)) {
            // The disk is full: the attempt ends before the point of no return.
            current_->outcome = failed(
                notify::Verdict::temporary, notify::Reason::local_io, "the claim is not recorded"
            );
            return settle(*std::exchange(current_, std::nullopt));
        }
        die_at(1);
    }
    if (answer.is_accepted) {
        current_->is_accepted = true;
        peers_.accept(order, now_);
        ++happened_["messages accepted"];
        trace_.add(now_, "accepted", std::to_string(order.delivery.value));
        checker_.when_accepted(order, daemon_now());
        die_at(2);
    }
    if (answer.is_accepted && answer.outcome.verdict == notify::Verdict::uncertain) {
        current_->is_counted = true;
        peers_.lose(order);
        ++happened_["answers lost"];
    }
    answer_to_former(order.delivery);
    if (machine_.disk().is_crashed()) {
        return;
    }
    if (answer.delay > minutes{0}) {
        under_way_.push_back(*std::exchange(current_, std::nullopt));
        return at(now_ + answer.delay, Happening::answer);
    }
    settle(*std::exchange(current_, std::nullopt));
}

void World::settle(UnderWay attempt) {
    current_ = attempt;
    const Result<void> settled = machine_.service().outbox().settle(
        attempt.order.delivery, attempt.order.attempt, attempt.outcome, daemon_now()
    );
    if (machine_.disk().is_crashed()) {
        return;
    }
    current_.reset();
    if (!settled.has_value()) {
        if (has_room()) {
            throw Violated({now_, "I12", "results are recorded", settled.error().message});
        }
        // The daemon keeps what it could not record, and tries again.
        under_way_.push_back(attempt);
        return at(now_ + minutes{10}, Happening::answer);
    }
    checker_.when_answered(attempt.order, attempt.outcome.verdict, daemon_now());
    const bool is_tried_again = attempt.outcome.verdict == notify::Verdict::temporary;
    if (is_tried_again && echoes_.chance(faults_.chance(Fault::answer_late, 0.2))) {
        answered_.push_back(attempt);
        at(now_ + minutes{echoes_.between(1, 240)}, Happening::echo);
    }
    trace_.add(
        now_, notify::name(attempt.outcome.verdict), std::to_string(attempt.order.delivery.value)
    );
}

/// An answer that the daemon has recorded already, perhaps while a later attempt is under way.
void World::answer_again() {
    if (answered_.empty() || !has_room()) {
        return;
    }
    const UnderWay attempt = answered_.front();
    answered_.erase(answered_.begin());
    answer_in_vain(attempt);
}

/// An answer to an attempt of a process that has ended comes while a later attempt is under way.
void World::answer_to_former(DeliveryId delivery) {
    const auto former = std::find_if(orphans_.begin(), orphans_.end(), [&](const UnderWay& one) {
        return one.order.delivery == delivery;
    });
    if (former == orphans_.end() || !has_room()) {
        return;
    }
    const UnderWay attempt = *former;
    orphans_.erase(former);
    trace_.add(now_, "answer to a former process", std::to_string(delivery.value));
    ++happened_["answers to former processes"];
    answer_in_vain(attempt);
}

/// Whatever the delivery has become since, this answer leaves it so.
void World::answer_in_vain(const UnderWay& attempt) {
    store::Outbox outbox{machine_.database()};
    const std::optional<store::Delivery> before = outbox.find(attempt.order.delivery);
    const Result<void> settled = machine_.service().outbox().settle(
        attempt.order.delivery, attempt.order.attempt, attempt.outcome, daemon_now()
    );
    if (machine_.disk().is_crashed() || !settled.has_value()) {
        return;
    }
    ++happened_["answers that came twice"];
    const std::optional<store::Delivery> after = outbox.find(attempt.order.delivery);
    if (after->state != before->state || after->next_at != before->next_at) {
        throw Violated(
            {now_,
             "I3",
             fmt::format("message {} stays {}", attempt.order.message.id, name(before->state)),
             fmt::format(
                 "the answer to attempt {} made it {}", attempt.order.attempt, name(after->state)
             )}
        );
    }
}

void World::answer_late() {
    if (under_way_.empty()) {
        return;
    }
    const UnderWay attempt = under_way_.front();
    under_way_.erase(under_way_.begin());
    settle(attempt);
    wake_ = now_;
}

// ---- files ----------------------------------------------------------------------------------

void World::publish() {
    company_.publish(now_);
    on_file_ = company_.published();
    ++publications_;
    if (company_.has_staff_to_tell()) { // until then they work as anybody does
        checker_.forget_configuration(company_.company_zone().civil_day(daemon_now()));
    }
    if (fate_.chance(faults_.chance(Fault::feed_shrunk, 0.03))) {
        int index = 0;
        for (auto& [key, customer] : on_file_.customers) {
            customer.is_listed = customer.is_listed && ++index % 3 != 0;
        }
        trace_.add(now_, "feed shrunk");
    }
    std::map<std::string, std::string> texts = source_texts(on_file_);
    const bool is_broken = fate_.chance(faults_.chance(Fault::feed_broken, 0.05));
    const bool is_missing = fate_.chance(faults_.chance(Fault::feed_missing, 0.05));
    const std::vector<std::string> names{"people", "accounts", "purchases", "tickets"};
    const std::string victim = fate_.pick(names);
    if (is_broken) {
        texts[victim] = "<html><body>502 Bad Gateway</body></html>\n";
    }
    for (const auto& [name, text] : texts) {
        machine_.write_source(name, is_missing && name == victim ? nullptr : &text, now_);
    }
    are_imports_seen_ = false;
    trace_.add(now_, "published", is_broken || is_missing ? victim : "");
}

void World::reconfigure() {
    if (company_.reconfigure(Date{std::chrono::floor<days>(now_.time_since_epoch())})) {
        machine_.write_configuration(company_);
        is_configuration_loaded_ = false;
        checker_.forget_configuration(company_.company_zone().civil_day(daemon_now()));
    }
    if (!is_configuration_loaded_ && machine_.is_running()) {
        guarded([this] { load_configuration(); });
    }
}

void World::load_configuration() {
    const Result<void> loaded = machine_.reload(daemon_now());
    trace_.add(now_, "reload");
    wake_ = now_;
    if (loaded.has_value()) {
        ++happened_["reloads"];
        is_configuration_loaded_ = true;
        model_.rules_loaded(company_.rules());
    } else if (has_room() && !machine_.disk().is_crashed()) {
        throw Violated({now_, "I12", "a good configuration is loaded", loaded.error().message});
    }
}

void World::operate() {
    service::Service& service = machine_.service();
    const auto must_succeed = [&](const Result<void>& result) {
        if (!result.has_value() && has_room() && !machine_.disk().is_crashed()) {
            throw Violated(
                {now_, "I12", "what is held can be let in or dropped", result.error().message}
            );
        }
    };
    const service::Actor actor{"it", "socket"};
    const bool is_prompt = faults_.is_over() || moods_.chance(0.7);
    store::Imports imports{machine_.database()};
    for (const store::Source& source : store::Sources{machine_.database()}.list()) {
        const auto held = source.held ? imports.find(*source.held) : std::nullopt;
        if (held && is_prompt && !service.importer().is_busy()) {
            const bool is_let_in = moods_.chance(0.4);
            const auto decision = is_let_in ? service::Importer::Decision::confirm
                                            : service::Importer::Decision::drop;
            trace_.add(now_, is_let_in ? "import confirmed" : "import dropped", source.name);
            const Result<void> decided =
                service.importer().decide({*held}, decision, actor, daemon_now());
            must_succeed(decided);
            are_reports_old_ = service.importer().is_busy();
            if (is_let_in && decided.has_value()) {
                model_.imported(source.name, on_file_);
            }
            wake_ = now_;
        }
    }
    const auto& waiting = service.rules().waiting();
    if (waiting && waiting->candidate.is_held && is_prompt) {
        trace_.add(now_, "rules confirmed");
        const auto confirmed = service.rules().confirm(actor, daemon_now());
        must_succeed(confirmed.has_value() ? Result<void>{} : confirmed.error());
        wake_ = now_;
    }
    if (service.rescorer().held() && is_prompt) {
        trace_.add(now_, "levels confirmed");
        must_succeed(service.rescorer().confirm(actor, daemon_now()));
        wake_ = now_;
    }
    if (!moods_.chance(0.2)) {
        return;
    }
    store::DeliveryFilter failed;
    failed.state = store::DeliveryState::failed;
    for (const store::Delivery& delivery : service.views().deliveries(failed)) {
        if (moods_.chance(0.25)) {
            const auto retried = service.outbox().retry(delivery.id, actor, daemon_now());
            trace_.add(now_, retried.has_value() ? "retried" : "not retried", delivery.key);
            wake_ = now_;
        }
    }
}

// ---- reviews --------------------------------------------------------------------------------

void World::change(
    const std::string& what,
    const store::Review& before,
    const std::function<Result<store::Review>()>& change,
    const std::function<void(const store::Review& after)>& apply
) {
    unanswered_ = Unanswered{before, what, apply};
    const Result<store::Review> changed = change();
    store::Reviews reviews{machine_.database()};
    const std::optional<store::Review> after = reviews.find(before.id);
    if (machine_.disk().is_crashed()) {
        return;
    }
    unanswered_.reset();
    trace_.add(
        now_,
        changed.has_value() ? what : what + " refused",
        fmt::format("review {} of {}", before.id.value, checker_.key_of(before.account))
    );
    wake_ = now_;
    if (!changed.has_value()) {
        if (after->version != before.version) {
            throw Violated(
                {now_,
                 "I17",
                 "a change that was refused is not there",
                 fmt::format("{}: {}", what, changed.error().message)}
            );
        }
        return;
    }
    ++happened_["reviews " + what];
    apply(*after);
    checker_.when_acknowledged(*after);
    if (changed->id != after->id) {
        checker_.when_acknowledged(*changed);
    }
    if (!store::Reviews{machine_.database()}.open_of(after->account)) {
        throw Violated(
            {now_,
             "I1",
             fmt::format("{} has an open review after `{}`", checker_.key_of(after->account), what),
             "none"}
        );
    }
}

void World::act(const Person& person) {
    store::Portfolio portfolio{
        machine_.database(), machine_.service().configuration().rules->schema};
    const std::optional<store::Person> known = portfolio.find_person(person.key);
    const Date today = company_.zone_of(person).civil_day(daemon_now());
    if (!known || !company_.works_on(person, today)) {
        return;
    }
    store::ReviewFilter filter;
    filter.owner = known->id;
    filter.due_until = today + days{14};
    const std::vector<store::Review> due = store::Reviews{machine_.database()}.list(filter);
    int done_today = 0;
    for (const store::Review& review : due) {
        if (done_today >= 6 || machine_.disk().is_crashed()) {
            break;
        }
        done_today += review.due <= today ? 1 : 0;
        act_on(person, review, today);
    }
    if (!due.empty() && moods_.chance(faults_.chance(Fault::moody, 0.02))
        && !machine_.disk().is_crashed()) {
        const auto review = store::Reviews{machine_.database()}.find(due.front().id);
        if (is_open(review->state)) {
            type_nonsense(*review, today);
        }
    }
    if (moods_.chance(faults_.chance(Fault::moody, 0.01)) && !machine_.disk().is_crashed()) {
        reopen_something(person, today);
    }
}

void World::act_on(const Person& person, const store::Review& review, Date today) {
    const double neglect = faults_.has(Fault::forgetful) ? 0.25 : 1;
    if (moods_.chance(faults_.chance(Fault::moody, 0.03))) {
        return change_mind(person, review, today);
    }
    const service::Actor actor{person.key, "socket"};
    service::ReviewDesk& desk = machine_.service().reviews();
    const auto nothing = [](const store::Review&) {
    };
    if (review.due > today) {
        if (review.state == store::ReviewState::planned && moods_.chance(0.15 * neglect)) {
            change(
                "invited",
                review,
                [&] { return desk.invite(review.id, actor, daemon_now()); },
                nothing
            );
        } else if (review.state == store::ReviewState::invited && moods_.chance(0.1)) {
            const Date day = today + days{moods_.between(1, 14)};
            change(
                "appointed",
                review,
                [&] {
                    return desk.appoint(
                        review.id, {day, hours{10}, "as they like it"}, actor, daemon_now()
                    );
                },
                nothing
            );
        }
        return;
    }
    const double fate = moods_.share();
    const double done = person.diligence * neglect;
    if (fate < done) {
        hold(person, review, today);
    } else if (fate < done + 0.1 * neglect) {
        const std::vector<std::string> results{"no-answer", "hesitated", "declined"};
        change(
            "attempted",
            review,
            [&] { return desk.attempt(review.id, moods_.pick(results), "", actor, daemon_now()); },
            nothing
        );
    }
}

void World::hold(const Person& person, const store::Review& review, Date today) {
    service::Outcome outcome;
    if (moods_.chance(0.2)) {
        outcome.held_on = today - days{moods_.below(3)};
    }
    std::optional<int> satisfaction;
    if (moods_.chance(0.5)) {
        satisfaction = moods_.between(4, 10);
        outcome.answers["satisfaction"] = std::to_string(*satisfaction);
    }
    if (moods_.chance(0.2)) {
        outcome.promise = "send the prices";
        if (review.id.value % 2 == 0) {
            outcome.promise_due = today + days{review.id.value % 30};
        }
    }
    const std::string account = checker_.key_of(review.account);
    change(
        "done",
        review,
        [&] {
            return machine_.service().reviews().done(
                review.id, outcome, {person.key, "socket"}, daemon_now()
            );
        },
        [this, account, satisfaction](const store::Review& after) {
            model_.held(account, {after.held_on.value(), after.id.value, satisfaction});
        }
    );
}

void World::change_mind(const Person& person, const store::Review& review, Date today) {
    const service::Actor actor{person.key, "socket"};
    service::ReviewDesk& desk = machine_.service().reviews();
    const auto nothing = [](const store::Review&) {
    };
    const Date day = today + days{moods_.between(1, 30)};
    const std::string account = checker_.key_of(review.account);
    switch (moods_.below(5)) {
    case 4:
        return change(
            "contacted",
            review,
            [&] {
                return machine_.service().accounts().contact(
                    review.account, {today, "spoke already"}, actor, daemon_now()
                );
            },
            [this, account, today](const store::Review&) { model_.held(account, {today}); }
        );
    case 0:
        return change(
            "snoozed",
            review,
            [&] { return desk.snooze(review.id, day, actor, daemon_now()); },
            nothing
        );
    case 1:
        return change(
            "rescheduled",
            review,
            [&] { return desk.reschedule(review.id, day, "they asked", actor, daemon_now()); },
            nothing
        );
    case 2:
        return change(
            "skipped",
            review,
            [&] { return desk.skip(review.id, "no time", actor, daemon_now()); },
            nothing
        );
    default:
        return change(
            "missed",
            review,
            [&] { return desk.missed(review.id, "", actor, daemon_now()); },
            nothing
        );
    }
}

void World::reopen_something(const Person& person, Date /*today*/) {
    store::Portfolio portfolio{
        machine_.database(), machine_.service().configuration().rules->schema};
    const std::optional<store::Person> known = portfolio.find_person(person.key);
    const std::vector<AccountId> accounts = portfolio.accounts_of(known->id);
    if (accounts.empty()) {
        return;
    }
    const auto last = store::Reviews{machine_.database()}.last_held(moods_.pick(accounts));
    if (!last) {
        return;
    }
    const std::string account = checker_.key_of(last->account);
    const Model::Talk talk{*last->held_on, last->id.value};
    change(
        "reopened",
        *last,
        [&] {
            return machine_.service().reviews().reopen(
                last->id, {person.key, "socket"}, daemon_now()
            );
        },
        [this, account, talk](const store::Review&) { model_.reopened(account, talk); }
    );
}

void World::type_nonsense(const store::Review& review, Date today) {
    const service::Actor actor{"somebody", "socket"};
    service::ReviewDesk& desk = machine_.service().reviews();
    const auto never = [this](const store::Review&) {
        throw Violated({now_, "I17", "nonsense is refused", "it was taken"});
    };
    service::Outcome outcome;
    switch (moods_.below(4)) {
    case 0:
        outcome.held_on = today + days{3};
        return change(
            "done tomorrow",
            review,
            [&] { return desk.done(review.id, outcome, actor, daemon_now()); },
            never
        );
    case 1:
        outcome.answers["satisfaction"] = "eleven";
        return change(
            "done with nonsense",
            review,
            [&] { return desk.done(review.id, outcome, actor, daemon_now()); },
            never
        );
    case 2:
        return change(
            "snoozed into the past",
            review,
            [&] { return desk.snooze(review.id, today - days{1}, actor, daemon_now()); },
            never
        );
    default:
        return change(
            "skipped without a reason",
            review,
            [&] { return desk.skip(review.id, " ", actor, daemon_now()); },
            never
        );
    }
}

} // namespace reviewd::simulation
