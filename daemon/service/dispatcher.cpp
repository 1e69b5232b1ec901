#include "daemon/service/dispatcher.hpp"

#include "daemon/notify/api/channel_rules.hpp"
#include "daemon/notify/api/delivery_traits.hpp"
#include "daemon/service/composer.hpp"
#include "daemon/service/digest_days.hpp"
#include "daemon/service/digest_maker.hpp"
#include "daemon/service/recipients.hpp"
#include "daemon/service/retry_schedule.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

using std::chrono::milliseconds;

constexpr int freeze_batch = 20;
constexpr int pass_time_batch = 500;
constexpr int claim_limit = 64;

/// After it a channel that was found misconfigured tries one delivery again.
constexpr milliseconds pause_length = std::chrono::minutes{15};
/// What the outbox has to know of a channel beyond its verdicts.
struct Habits {
    notify::DeliveryTraits traits;
    notify::ChannelRules rules;
};

const config::ChannelSettings* find_channel(
    const config::Settings& settings, std::string_view channel
) {
    for (const config::ChannelSettings& one : settings.channels) {
        if (one.name == channel) {
            return &one;
        }
    }
    return nullptr;
}

/// Chats recognise no repetition: one is enough. The journal answers nothing, and a second line
/// would only confuse. An inbox is the database itself. A program says itself what it can bear.
notify::DeliveryTraits traits_of(const config::ChannelSettings& channel) {
    using Schedule = notify::DeliveryTraits::Schedule;
    using WhenUncertain = notify::DeliveryTraits::WhenUncertain;
    const std::string& type = channel.type;
    notify::DeliveryTraits traits;
    if (type == "journal" || type == "inbox") {
        traits.when_uncertain = WhenUncertain::accept;
    } else if (type == "slack" || type == "teams" || type == "discord" || type == "mattermost") {
        traits.schedule = Schedule::webhook;
        traits.when_uncertain = WhenUncertain::resend_once;
    } else if (type == "webhook" || type == "ntfy") {
        traits.schedule = Schedule::webhook;
    } else if (type == "exec") {
        const config::Node* idempotent = channel.node.find("idempotent");
        const bool is_not =
            idempotent != nullptr && idempotent->is_scalar() && idempotent->text() == "false";
        traits.when_uncertain = is_not ? WhenUncertain::hold : WhenUncertain::resend;
    }
    return traits;
}

Habits habits_of(const config::Settings& settings, std::string_view name) {
    Habits habits;
    const config::ChannelSettings* channel = find_channel(settings, name);
    if (channel == nullptr) {
        return habits;
    }
    config::Report checked_before; // the loader has told what is wrong
    config::MapReader reader{channel->node, checked_before};
    reader.allow_any_key();
    habits.traits = traits_of(*channel);
    habits.rules = notify::read_channel_rules(reader);
    const bool is_known = find_channel(settings, habits.rules.fallback) != nullptr;
    if (!is_known || habits.rules.fallback == name) {
        habits.rules.fallback.clear();
    }
    return habits;
}

/// Another channel takes over what this one has given up. The keys of reminders see to it that it
/// happens once, and not at all where the person gets the same over that channel anyway.
void fall_back(Context& context, const store::Delivery& delivery, TimePoint now) {
    const std::string fallback = habits_of(context.settings(), delivery.channel).rules.fallback;
    if (fallback.empty()) {
        return;
    }
    store::Outbox outbox{context.database};
    const TimePoint expires_at = now + context.settings().retry.give_up_after;
    if (!carries_reminders(delivery.kind)) {
        outbox.plan_elsewhere(delivery, fallback, expires_at, now);
        return;
    }
    std::vector<store::ReminderPlan> reminders;
    for (const store::Reminder& reminder : outbox.reminders(delivery.id)) {
        store::ReminderPlan plan{reminder.key, reminder.day};
        plan.key.channel = fallback;
        reminders.push_back(std::move(plan));
    }
    store::DeliveryPlan plan;
    plan.channel = fallback;
    plan.person = delivery.person;
    plan.not_before = now;
    plan.expires_at = expires_at;
    plan.kind = delivery.kind;
    static_cast<void>(outbox.plan(plan, reminders, now));
}

/// Tries that went past the point of no return without an answer.
std::ptrdiff_t count_uncertain(store::Outbox& outbox, DeliveryId delivery) {
    const std::vector<store::DeliveryAttempt> attempts = outbox.attempts(delivery);
    return std::count_if(attempts.begin(), attempts.end(), [](const auto& attempt) {
        return attempt.phase == store::SendPhase::commit
               && (attempt.outcome == "uncertain" || attempt.outcome == "interrupted");
    });
}

/// Whether a reminder may still go out: its review is open, of the same occurrence, and the person
/// is the one whom the step is for.
bool stands(
    const Context& context,
    const store::Reminder& reminder,
    const std::optional<store::Review>& review,
    TimePoint now
) {
    if (reminder.is_cancelled || !review || !is_open(review->state)
        || review->occurrence != reminder.key.occurrence) {
        return false;
    }
    const auto step = review::find_step(reminder.key.step);
    const Date today = context.people->owner(review->owner).today(now);
    return step
           && may_receive(
               context, *review, {*step, reminder.key.repeat}, reminder.key.person, today
           );
}

/// The reminders that stand, with their reviews. What does not stand is taken out of the outbox,
/// and its review looked at again.
struct Checked {
    std::vector<RemindedReview> standing;
    bool is_complete = true;
};

Result<Checked> check_reminders(
    Context& context, const std::vector<store::Reminder>& reminders, TimePoint now
) {
    store::Reviews reviews{context.database};
    Checked checked;
    for (const store::Reminder& reminder : reminders) {
        if (reminder.is_cancelled) {
            continue;
        }
        std::optional<store::Review> review = reviews.find(reminder.key.review);
        if (stands(context, reminder, review, now)) {
            checked.standing.push_back({reminder, std::move(*review)});
            continue;
        }
        checked.is_complete = false;
        store::Outbox{context.database}.cancel_review(
            reminder.key.review, store::Outbox::Ending::superseded, "no longer stands", now
        );
        if (review && is_open(review->state)) {
            set_next_step(context, *review, now);
            const Result<void> updated = reviews.update(*review);
            if (!updated.has_value()) {
                return updated.error();
            }
        }
    }
    return checked;
}

/// Puts a delivery off while its person wants to be left in peace, and makes a digest of an earlier
/// day part of today's. @returns whether it may be claimed now
Result<bool> is_timely(Context& context, DeliveryId id, TimePoint now) {
    store::Outbox outbox{context.database};
    const std::optional<store::Delivery> delivery = outbox.find(id);
    const PersonProfile* person = delivery ? context.people->find(delivery->person) : nullptr;
    if (person == nullptr) {
        return true;
    }
    const bool is_digest = !delivery->digest.empty();
    const review::Attention attention = person->attention();
    if (!review::may_write(attention, now)) {
        const TimePoint until =
            is_digest ? review::next_morning(attention, now) : review::next_opening(attention, now);
        const Result<void> held = outbox.hold(id, "quiet hours", until, now);
        return held.has_value() ? Result<bool>{false} : held.error();
    }
    const std::string today = to_string(person->today(now));
    if (!is_digest || delivery->digest >= today) {
        return true;
    }
    if (!person->is_reminded_at(now)) {
        const Result<void> held =
            outbox.hold(id, "the next morning", review::next_morning(attention, now), now);
        return held.has_value() ? Result<bool>{false} : held.error();
    }
    store::DeliveryPlan plan;
    plan.person = delivery->person;
    plan.channel = delivery->channel;
    plan.digest = today;
    plan.not_before = now;
    plan.expires_at = now + context.settings().retry.give_up_after;
    return !outbox.renew(id, plan, now).has_value();
}

/// Whether what a delivery carries is still to be said.
Result<bool> still_stands(Context& context, DeliveryId id, TimePoint now) {
    store::Outbox outbox{context.database};
    const std::optional<store::Delivery> delivery = outbox.find(id);
    if (!delivery || !carries_reminders(delivery->kind)) {
        return delivery.has_value();
    }
    const Result<Checked> checked = check_reminders(context, outbox.reminders(id), now);
    if (!checked.has_value()) {
        return checked.error();
    }
    return checked->is_complete && !checked->standing.empty();
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

notify::Message to_message(const Context& context, const store::Claim& claim) {
    const store::FrozenMessage& frozen = *claim.delivery.message;
    notify::Message message;
    message.id = claim.delivery.key;
    message.message_id = frozen.message_id;
    message.thread_id = frozen.thread_id;
    message.date = frozen.date;
    message.recipient = {frozen.recipient_name, frozen.address, frozen.language};
    message.subject = frozen.subject;
    message.text = frozen.text;
    message.html = frozen.html;
    message.payload = frozen.payload;
    message.calendar = frozen.calendar;
    for (const store::LinkGrant& grant : frozen.links) {
        const std::string token =
            context.options.sign_link ? context.options.sign_link(grant) : std::string{"-"};
        replace_all(message.text, grant.placeholder, token);
        replace_all(message.html, grant.placeholder, token);
        replace_all(message.payload, grant.placeholder, token);
    }
    for (const store::Reminder& reminder : claim.reminders) {
        message.reminder_ids.push_back(to_string(reminder.key));
    }
    return message;
}

} // namespace

Dispatcher::Dispatcher(Context& context) : context_(context) {}

Result<bool> Dispatcher::freeze_some(TimePoint now) {
    store::Outbox outbox{context_.database};
    const std::vector<store::Delivery> planned = outbox.due_for_freezing(now, freeze_batch);
    for (const store::Delivery& delivery : planned) {
        const Result<void> frozen = freeze(delivery, now);
        if (!frozen.has_value()) {
            return frozen.error();
        }
    }
    return !planned.empty();
}

Result<void> Dispatcher::freeze(const store::Delivery& delivery, TimePoint now) {
    std::vector<std::string> problems;
    std::string refusal;
    const auto work = [&]() -> Result<void> {
        problems.clear();
        refusal.clear();
        store::Outbox outbox{context_.database};
        std::vector<RemindedReview> standing;
        if (carries_reminders(delivery.kind)) {
            Result<Checked> checked = check_reminders(context_, outbox.reminders(delivery.id), now);
            if (!checked.has_value()) {
                return checked.error();
            }
            if (!checked->is_complete || checked->standing.empty()) {
                return {}; // taken out; what is left of it comes up again
            }
            standing = std::move(checked->standing);
        }
        const PersonProfile& person = context_.people->owner(delivery.person);
        const std::string address = delivery.person ? person.address_on(delivery.channel) : "";
        if (context_.options.check_address && delivery.person) {
            refusal = context_.options.check_address(delivery.channel, address);
        }
        if (!refusal.empty()) {
            return outbox.hold(delivery.id, "no address: " + refusal, std::nullopt, now);
        }
        const bool is_minimal = habits_of(context_.settings(), delivery.channel).rules.content
                                == notify::ChannelRules::Content::minimal;
        const Detail detail = is_minimal ? Detail::minimal : Detail::full;
        Result<Composed> composed = compose(context_, delivery, standing, detail, now);
        if (!composed.has_value()) {
            return outbox.hold(delivery.id, composed.error().message, std::nullopt, now);
        }
        problems = std::move(composed->problems);
        store::FrozenMessage frozen;
        frozen.address = address;
        frozen.recipient_name = delivery.person ? person.name : std::string{};
        frozen.language = person.language;
        frozen.subject = std::move(composed->rendered.subject);
        frozen.text = std::move(composed->rendered.text);
        frozen.html = std::move(composed->rendered.html);
        frozen.payload = std::move(composed->rendered.payload);
        frozen.message_id = fmt::format("<{}@{}>", delivery.key, context_.options.host_name);
        frozen.thread_id = std::move(composed->thread_id);
        frozen.date = now;
        frozen.calendar = std::move(composed->calendar);
        frozen.links = std::move(composed->links);
        if (delivery.kind == "digest") {
            remember_digest_day(context_, person, person.today(now));
        }
        return outbox.freeze(
            delivery.id, frozen, problems.empty() ? "" : "composed without a template", now
        );
    };
    const Result<void> written = store::write(context_.database, work);
    if (written.has_value() && !refusal.empty()) {
        context_.note(
            Notice::Severity::warning,
            "delivery.no_address",
            fmt::format("delivery {} is held: {}", delivery.id.value, escape_controls(refusal))
        );
    }
    for (const std::string& problem : problems) {
        context_.note(Notice::Severity::warning, "message.template", escape_controls(problem));
    }
    return written;
}

void Dispatcher::pass_time(TimePoint now) {
    store::Outbox outbox{context_.database};
    const std::optional<TimePoint> wake = outbox.next_wake();
    if (!wake || *wake > now) {
        return;
    }
    const auto expired = store::write(context_.database, [&]() -> Result<std::vector<DeliveryId>> {
        std::vector<DeliveryId> ids = outbox.pass_time(now, pass_time_batch);
        for (const DeliveryId id : ids) {
            fall_back(context_, outbox.find(id).value(), now);
        }
        return ids;
    });
    if (expired.has_value()) {
        for (const DeliveryId id : *expired) {
            context_.note(
                Notice::Severity::warning,
                "delivery.expired",
                fmt::format("delivery {} was not taken in time and is given up", id.value)
            );
        }
    }
}

Result<std::vector<SendOrder>> Dispatcher::claim(
    std::string_view channel, int limit, TimePoint now
) {
    if (context_.restored) {
        return std::vector<SendOrder>{}; // a person has to say first what was sent already
    }
    const auto pause = pauses_.find(channel);
    const bool is_paused = pause != pauses_.end() && now < pause->second.until;
    const bool is_probe = pause != pauses_.end() && !is_paused;
    const int count = is_probe ? 1 : std::clamp(limit, 1, claim_limit);
    const auto work = [&]() -> Result<std::vector<SendOrder>> {
        store::Outbox outbox{context_.database};
        std::vector<SendOrder> orders;
        for (const DeliveryId id : outbox.due(now, channel, claim_limit)) {
            if (static_cast<int>(orders.size()) == count) {
                break;
            }
            if (is_paused) {
                const Result<void> held =
                    outbox.hold(id, pause->second.reason, pause->second.until, now);
                if (!held.has_value()) {
                    return held.error();
                }
                continue;
            }
            const Result<bool> timely = is_timely(context_, id, now);
            if (!timely.has_value()) {
                return timely.error();
            }
            if (!*timely) {
                continue;
            }
            const Result<bool> stands = still_stands(context_, id, now);
            if (!stands.has_value()) {
                return stands.error();
            }
            if (!*stands) {
                continue;
            }
            Result<store::Claim> claimed = outbox.claim(id, now);
            if (claimed.has_value()) {
                orders.push_back(
                    {id,
                     claimed->attempt,
                     claimed->delivery.channel,
                     to_message(context_, *claimed)}
                );
            }
        }
        return orders;
    };
    Result<std::vector<SendOrder>> claimed = store::write(context_.database, work);
    if (is_probe && claimed.has_value() && !claimed->empty()) {
        // Until the probe is settled nobody else tries.
        pauses_.find(channel)->second.until = now + pause_length;
    }
    return claimed;
}

bool Dispatcher::mark_commit(DeliveryId delivery, int attempt) {
    return store::write(
               context_.database,
               [&]() { return store::Outbox{context_.database}.commit_phase(delivery, attempt); }
    ).has_value();
}

store::Settlement Dispatcher::decide(
    const store::Delivery& delivery, const notify::Outcome& outcome, TimePoint now
) const {
    store::Settlement settlement;
    settlement.outcome = notify::name(outcome.verdict);
    settlement.reason = notify::name(outcome.reason);
    settlement.code = outcome.code;
    settlement.enhanced_code = outcome.enhanced_code;
    settlement.reply = outcome.reply;
    switch (outcome.verdict) {
    case notify::Verdict::accepted:
        settlement.next = store::DeliveryState::accepted;
        break;
    case notify::Verdict::permanent:
        settlement.next = store::DeliveryState::failed;
        break;
    case notify::Verdict::uncertain:
        settlement.next = store::DeliveryState::uncertain;
        break;
    case notify::Verdict::misconfigured:
        settlement.next = store::DeliveryState::wait;
        settlement.counts = store::Settlement::Counts::no;
        settlement.next_at = now + pause_length;
        break;
    case notify::Verdict::temporary: {
        const Repetition repetition{
            context_.options.seed, delivery.id.value, delivery.attempts, now - delivery.created};
        const milliseconds wait = retry_delay(
            habits_of(context_.settings(), delivery.channel).traits.schedule,
            context_.settings().retry,
            repetition,
            outcome.retry_after
        );
        settlement.next = store::DeliveryState::wait;
        settlement.next_at = now + wait;
        break;
    }
    }
    return settlement;
}

Result<void> Dispatcher::resolve_uncertain(const store::Delivery& delivery, TimePoint now) {
    using WhenUncertain = notify::DeliveryTraits::WhenUncertain;
    store::Outbox outbox{context_.database};
    const WhenUncertain policy =
        habits_of(context_.settings(), delivery.channel).traits.when_uncertain;
    if (policy == WhenUncertain::accept) {
        return outbox.resolve(
            delivery.id, store::DeliveryState::accepted, std::nullopt, "not repeated", now
        );
    }
    const bool is_enough =
        policy == WhenUncertain::hold
        || (policy == WhenUncertain::resend_once && count_uncertain(outbox, delivery.id) > 1);
    if (is_enough) {
        return outbox.resolve(
            delivery.id,
            store::DeliveryState::held,
            std::nullopt,
            "uncertain: it may have been received; release it to send it again",
            now
        );
    }
    const Repetition repetition{
        context_.options.seed, delivery.id.value, delivery.attempts, now - delivery.created};
    // Never soon: the receiver may be at it still.
    const milliseconds delay = retry_delay(
        notify::DeliveryTraits::Schedule::mail, context_.settings().retry, repetition, std::nullopt
    );
    return outbox.resolve(
        delivery.id,
        store::DeliveryState::wait,
        now + delay,
        "uncertain: sent again with the same id",
        now
    );
}

Result<void> Dispatcher::settle(
    DeliveryId id, int attempt, const notify::Outcome& outcome, TimePoint now
) {
    std::optional<store::Delivery> delivery;
    const auto work = [&]() -> Result<bool> {
        store::Outbox outbox{context_.database};
        delivery = outbox.find(id);
        if (!delivery) {
            return fail(ErrorCode::not_found, fmt::format("there is no delivery {}", id.value));
        }
        const Result<bool> moved = outbox.settle(id, attempt, decide(*delivery, outcome, now), now);
        if (moved.has_value() && *moved && outcome.verdict == notify::Verdict::uncertain) {
            const Result<void> resolved = resolve_uncertain(*delivery, now);
            if (!resolved.has_value()) {
                return resolved.error();
            }
        }
        if (moved.has_value() && *moved && outcome.verdict == notify::Verdict::permanent) {
            fall_back(context_, *delivery, now);
        }
        return moved;
    };
    const Result<bool> moved = store::write(context_.database, work);
    if (!moved.has_value()) {
        return moved.error();
    }
    if (outcome.verdict == notify::Verdict::misconfigured) {
        pauses_[delivery->channel] = {
            fmt::format("{}: {}", notify::name(outcome.reason), outcome.reply), now + pause_length};
    } else if (outcome.verdict == notify::Verdict::accepted) {
        pauses_.erase(delivery->channel);
    }
    if (*moved) {
        report(*delivery, outcome);
    }
    return {};
}

void Dispatcher::report(const store::Delivery& delivery, const notify::Outcome& outcome) {
    const bool is_accepted = outcome.verdict == notify::Verdict::accepted;
    context_.note(
        is_accepted ? Notice::Severity::information : Notice::Severity::warning,
        fmt::format("delivery.{}", notify::name(outcome.verdict)),
        is_accepted ? fmt::format("delivery {} on {}", delivery.id.value, delivery.channel)
                    : fmt::format(
                        "delivery {} on {}: {} {} {}",
                        delivery.id.value,
                        delivery.channel,
                        notify::name(outcome.reason),
                        outcome.code,
                        escape_controls(outcome.reply)
                    )
    );
}

bool Dispatcher::has_claimable(TimePoint now) const {
    if (context_.restored) {
        return false;
    }
    store::Outbox outbox{context_.database};
    const std::optional<TimePoint> wake = outbox.next_wake();
    if (!wake || *wake > now) {
        return false;
    }
    const std::vector<config::ChannelSettings>& channels = context_.settings().channels;
    return std::any_of(channels.begin(), channels.end(), [&](const auto& channel) {
        return !outbox.due(now, channel.name, 1).empty();
    });
}

std::vector<PausedChannel> Dispatcher::paused(TimePoint now) const {
    std::vector<PausedChannel> paused;
    for (const auto& [channel, pause] : pauses_) {
        if (now < pause.until) {
            paused.push_back({channel, pause.reason, pause.until});
        }
    }
    return paused;
}

Result<void> Dispatcher::resume_channel(
    std::string_view channel, const Actor& actor, TimePoint now
) {
    const auto pause = pauses_.find(channel);
    if (pause == pauses_.end()) {
        return fail(ErrorCode::not_found, fmt::format("channel `{}` is not paused", channel));
    }
    const auto work = [&]() -> Result<void> {
        store::Outbox outbox{context_.database};
        store::DeliveryFilter filter;
        filter.state = store::DeliveryState::held;
        filter.channel = std::string{channel};
        filter.limit = 10'000;
        for (const store::Delivery& delivery : outbox.list(filter)) {
            if (delivery.held_until) {
                const Result<void> released = outbox.release(delivery.id, now);
                if (!released.has_value()) {
                    return released;
                }
            }
        }
        store::Audit{context_.database}.record(
            {0,
             now,
             actor.who,
             actor.from,
             "channel.resumed",
             to_json({{"channel", std::string{channel}}})}
        );
        return {};
    };
    const Result<void> resumed = store::write(context_.database, work);
    if (resumed.has_value()) {
        pauses_.erase(pause);
    }
    return resumed;
}

Result<void> Dispatcher::recover(TimePoint now) {
    return store::write(context_.database, [&]() -> Result<void> {
        for (const store::Delivery& delivery : store::Outbox{context_.database}.recover(now)) {
            const Result<void> resolved = resolve_uncertain(delivery, now);
            if (!resolved.has_value()) {
                return resolved;
            }
        }
        return {};
    });
}

namespace {

/// Runs what a person does with a delivery, with its line in the audit.
template <class Work>
auto audited(
    Context& context, DeliveryId id, std::string what, const Actor& actor, TimePoint now, Work work
) {
    return store::write(context.database, [&]() {
        const auto result = work();
        if (result.has_value()) {
            store::Audit{context.database}.record(
                {0,
                 now,
                 actor.who,
                 actor.from,
                 what,
                 to_json({{"delivery", std::to_string(id.value)}})}
            );
        }
        return result;
    });
}

} // namespace

Result<void> Dispatcher::hold(
    DeliveryId id, std::string_view reason, const Actor& actor, TimePoint now
) {
    return audited(context_, id, "outbox.hold", actor, now, [&]() {
        return store::Outbox{context_.database}.hold(id, reason, std::nullopt, now);
    });
}

Result<void> Dispatcher::release(DeliveryId id, const Actor& actor, TimePoint now) {
    return audited(context_, id, "outbox.release", actor, now, [&]() {
        return store::Outbox{context_.database}.release(id, now);
    });
}

Result<DeliveryId> Dispatcher::retry(DeliveryId id, const Actor& actor, TimePoint now) {
    return audited(context_, id, "outbox.retry", actor, now, [&]() {
        const TimePoint expires = now + context_.settings().retry.give_up_after;
        return store::Outbox{context_.database}.retry(id, expires, now);
    });
}

std::optional<TimePoint> Dispatcher::next_wake() const {
    return store::Outbox{context_.database}.next_wake();
}

} // namespace reviewd::service
