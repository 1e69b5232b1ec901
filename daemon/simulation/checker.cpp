#include "daemon/simulation/checker.hpp"

#include "daemon/store/outbox.hpp"
#include "daemon/store/outbox_health.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/scores.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace reviewd::simulation {
namespace {

using std::chrono::days;

/// Days on which a change of configuration may still show.
constexpr days settling_days{12};
/// The planner moves nothing in the near term; this is surely beyond it.
constexpr days beyond_near_term{45};
constexpr std::int64_t thousandths = 1000;
/// The first delay of the settings, less its jitter.
constexpr std::chrono::minutes shortest_retry{4};
constexpr std::int64_t log_limit_bytes = 64 * 1024 * 1024;

Date monday_of(Date day) {
    return day - (std::chrono::weekday{day} - std::chrono::Monday);
}

/// "12/1/overdue/2/5/mail" in parts.
std::vector<std::string> parts_of(const std::string& reminder) {
    std::vector<std::string> parts(1);
    for (const char letter : reminder) {
        if (letter == '/') {
            parts.emplace_back();
        } else {
            parts.back() += letter;
        }
    }
    return parts;
}

std::int64_t to_number(const std::string& text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// The series of steps is 0 (invite) … 3; escalations go their own way.
std::string fingerprint(const notify::Message& message) {
    return fmt::format(
        "{} {} {} {} {} {}",
        message.message_id,
        message.recipient.address,
        to_string(message.date),
        message.subject,
        std::hash<std::string>{}(message.text),
        std::hash<std::string>{}(message.payload)
    );
}

} // namespace

void Checker::break_off(
    TimePoint now, std::string_view invariant, std::string expected, std::string found
) const {
    throw Violated({now, std::string{invariant}, std::move(expected), std::move(found)});
}

void Checker::count(std::string_view invariant) {
    const auto known = counts_.find(invariant);
    if (known == counts_.end()) {
        counts_.emplace(invariant, 1);
    } else {
        ++known->second;
    }
}

const std::string& Checker::key_of(AccountId account) {
    const auto [known, is_new] = accounts_.try_emplace(account);
    if (is_new) {
        store::Portfolio portfolio{
            machine_.database(), machine_.service().configuration().rules->schema};
        const std::optional<store::Account> found = portfolio.account(account);
        known->second = found ? found->key : fmt::format("(account {})", account.value);
    }
    return known->second;
}

const std::string& Checker::key_of(PersonId person) {
    const auto [known, is_new] = people_.try_emplace(person);
    if (is_new && person) {
        store::Portfolio portfolio{
            machine_.database(), machine_.service().configuration().rules->schema};
        const std::optional<store::Person> found = portfolio.person(person);
        known->second = found ? found->key : fmt::format("(person {})", person.value);
    }
    return known->second;
}

std::string Checker::told(const store::Review& review) {
    return fmt::format(
        "review {} of {} ({}, {}, {}): window {} … {} … {}, due {}, made {}, last held {}",
        review.id.value,
        key_of(review.account),
        name(review.state),
        review.kind,
        review.level,
        to_string(review.earliest),
        to_string(review.target),
        to_string(review.latest),
        to_string(review.due),
        to_string(review.created),
        model_.was_held(key_of(review.account))
            ? to_string(model_.last_held(key_of(review.account)))
            : "never"
    );
}

bool Checker::is_settled(Date today) const {
    return !configured_ || today >= *configured_ + settling_days;
}

void Checker::when_idle(TimePoint now, std::size_t under_way) {
    store::Reviews reviews{machine_.database()};
    const auto missing = reviews.accounts_without_review({}, 1);
    expect(missing.empty(), now, "I1", "every active account has an open review", [&] {
        return missing.empty() ? "" : fmt::format("{} has none", key_of(missing.front()));
    });
    const auto orphans = reviews.of_inactive_accounts({}, 1);
    expect(orphans.empty(), now, "I2", "no account that is not active has an open review", [&] {
        return orphans.empty() ? "" : told(orphans.front());
    });
    const auto misplaced = reviews.with_former_owner({}, 1);
    expect(misplaced.empty(), now, "I14", "every open review is its account's owner's", [&] {
        return misplaced.empty() ? "" : told(misplaced.front());
    });
    store::Outbox outbox{machine_.database()};
    const int sending = outbox.count_under_way(store::DeliveryState::sending);
    const int uncertain = outbox.count_under_way(store::DeliveryState::uncertain);
    expect(
        sending <= static_cast<int>(under_way) && uncertain == 0,
        now,
        "I12",
        [&] { return fmt::format("{} messages are under way, none is left undecided", under_way); },
        [&] { return fmt::format("{} sending, {} uncertain", sending, uncertain); }
    );
    check_tables(now, store::InspectionDepth::open);
}

void Checker::check_tables(TimePoint now, store::InspectionDepth depth) {
    const auto found = store::inspect(machine_.database(), depth);
    expect(
        found.empty(),
        now,
        "I18",
        found.empty() ? "" : found.front().promise,
        found.empty() ? "" : found.front().found
    );
    const std::int64_t log = machine_.disk().largest_log_bytes();
    expect(
        log < log_limit_bytes,
        now,
        "I22",
        "the write-ahead log stays below 64 MiB",
        fmt::format("{} bytes", log)
    );
}

void Checker::when_looked_at(TimePoint now) {
    late_.reset();
    store::ReviewFilter filter;
    filter.limit = 1'000'000;
    const std::vector<store::Review> open = store::Reviews{machine_.database()}.list(filter);
    std::set<AccountId> accounts;
    std::map<ReviewId, Seen> seen;
    for (const store::Review& review : open) {
        expect(
            accounts.insert(review.account).second,
            now,
            "I1",
            "an account has one open review",
            [&] { return told(review); }
        );
        check_review(review, now);
        seen[review.id] = {review.account, review.due, review.version, review.occurrence};
    }
    seen_ = std::move(seen);
    looked_ = Date{std::chrono::floor<days>(now.time_since_epoch())};
    const std::vector<std::string> active = model_.active_accounts();
    expect(
        active.size() == accounts.size(),
        now,
        "I1",
        [&] {
            return fmt::format(
                "{} open reviews, one for each account of the last export", active.size()
            );
        },
        [&] { return fmt::format("{}", accounts.size()); }
    );
    check_capacity(open, now);
    check_scores(now);
}

void Checker::check_review(const store::Review& review, TimePoint now) {
    const std::string& account = key_of(review.account);
    const std::string& owner = key_of(review.owner);
    expect(model_.is_active(account), now, "I2", "only active accounts are reviewed", [&] {
        return told(review);
    });
    expect(
        owner == model_.owner(account),
        now,
        "I14",
        [&] {
            return fmt::format("{} is reviewed by its owner `{}`", account, model_.owner(account));
        },
        [&] { return fmt::format("by `{}`", owner); }
    );
    expect(
        review.earliest <= review.target && review.target <= review.latest,
        now,
        "I5",
        "a window is in order",
        [&] { return told(review); }
    );
    const Person* person = model_.company().find(owner);
    if (person == nullptr) {
        return;
    }
    const Date today = model_.company().zone_of(*person).civil_day(now);
    const bool is_chosen = review.is_chosen || review.state == store::ReviewState::appointment;
    const auto before = seen_.find(review.id);
    if (before != seen_.end() && before->second.due != review.due && !is_chosen) {
        // Since the last look, which may be weeks old, every day may have been planned for.
        const Date then = std::min(before->second.due, looked_.value_or(today) - days{2});
        expect(review.due >= then, now, "I6", "a due day does not move into the past", [&] {
            return told(review);
        });
    }
    if (!is_settled(today)) {
        return;
    }
    expect(
        is_chosen || review.due < today || model_.company().works_on(*person, review.due),
        now,
        "I5",
        "a review is due on a working day of its owner",
        [&] { return told(review); }
    );
    check_window(review, account, now);
}

void Checker::check_window(const store::Review& review, const std::string& account, TimePoint now) {
    const bool is_chosen = review.is_chosen || review.state == store::ReviewState::appointment;
    // What is overdue stays where it is and is named as overdue instead.
    const bool is_past = review.due <= model_.company().company_zone().civil_day(now);
    expect(
        is_chosen || review.due <= review.latest || is_past || is_named_late(review.account, now),
        now,
        "I5",
        "nothing is planned beyond its latest day without being named",
        [&] { return told(review); }
    );
    if (review.kind != "periodic" || !model_.was_held(account)) {
        return;
    }
    const Model::Series series = model_.series(account, review.level);
    expect(
        review.latest <= series.latest,
        now,
        "I5",
        [&] {
            return fmt::format(
                "held on {}, {} has to be reviewed by {}",
                to_string(series.held),
                account,
                to_string(series.latest)
            );
        },
        [&] { return told(review); }
    );
    const bool is_inside = review.earliest < review.target && review.target < review.latest;
    const bool is_pulled = review.reasons != "[]";
    expect(
        !is_inside || is_pulled || review.target >= series.target,
        now,
        "I8",
        [&] {
            return fmt::format(
                "the series of {} goes on on {} or the next working day",
                account,
                to_string(series.target)
            );
        },
        [&] { return told(review); }
    );
    expect(
        !is_inside || review.target <= series.target + days{45},
        now,
        "I8",
        [&] {
            return fmt::format(
                "the series of {} goes on near {}", account, to_string(series.target)
            );
        },
        [&] { return told(review); }
    );
}

bool Checker::is_named_late(AccountId account, TimePoint now) {
    if (!late_) {
        late_.emplace();
        const service::StatusView status =
            machine_.service().views().status(service::Views::Shares::leave_out, now);
        for (const service::LateReview& late : status.late) {
            late_->insert(late.account);
        }
    }
    return late_->count(account) == 1;
}

void Checker::check_capacity(const std::vector<store::Review>& open, TimePoint now) {
    std::map<PersonId, std::vector<const store::Review*>> by_owner;
    for (const store::Review& review : open) {
        by_owner[review.owner].push_back(&review);
    }
    for (const auto& [owner, reviews] : by_owner) {
        const Person* person = model_.company().find(key_of(owner));
        if (person == nullptr) {
            continue;
        }
        const Date today = model_.company().zone_of(*person).civil_day(now);
        if (!is_settled(today)) {
            continue;
        }
        std::map<Date, int> by_day;
        std::map<Date, int> by_week;
        std::set<Date> chosen_weeks; ///< a person may put more into them than there is room for
        for (const store::Review* review : reviews) {
            const bool is_chosen =
                review->is_chosen || review->state == store::ReviewState::appointment;
            if (review->due <= today + beyond_near_term) {
                continue;
            }
            if (is_chosen) {
                chosen_weeks.insert(monday_of(review->due));
            }
            ++by_day[review->due];
            ++by_week[monday_of(review->due)];
        }
        for (const auto& [day, count] : by_day) {
            expect(
                count <= person->per_day || chosen_weeks.count(monday_of(day)) == 1,
                now,
                "I5",
                fmt::format("{} has room for {} reviews a day", person->key, person->per_day),
                fmt::format("{} on {}", count, to_string(day))
            );
        }
        for (const auto& [week, count] : by_week) {
            expect(
                count <= person->per_week || chosen_weeks.count(week) == 1,
                now,
                "I5",
                fmt::format("{} has room for {} reviews a week", person->key, person->per_week),
                fmt::format("{} in the week of {}", count, to_string(week))
            );
        }
    }
}

void Checker::check_scores(TimePoint now) {
    const Date today = model_.company().company_zone().civil_day(now);
    store::Portfolio portfolio{
        machine_.database(), machine_.service().configuration().rules->schema};
    store::Scores scores{machine_.database()};
    std::vector<AccountId> accounts;
    for (const auto& [id, review] : seen_) {
        accounts.push_back(review.account);
    }
    std::sort(accounts.begin(), accounts.end());
    const std::vector<store::AccountScore> all = scores.find(accounts);
    const auto score_of = [&all](AccountId account) -> const store::AccountScore* {
        const auto found = std::lower_bound(
            all.begin(),
            all.end(),
            account,
            [](const store::AccountScore& one, AccountId wanted) { return one.account < wanted; }
        );
        return found != all.end() && found->account == account ? &*found : nullptr;
    };
    for (const auto& [id, review] : seen_) {
        const std::string& account = key_of(review.account);
        const store::AccountScore* const kept = score_of(review.account);
        const int points = model_.points(account, today);
        const std::string level = Model::level_of(points);
        expect(
            kept != nullptr && kept->points == points * thousandths && kept->raw_level == level,
            now,
            "scores",
            [&] { return fmt::format("{} scores {}: {}", account, points, level); },
            [&] {
                return kept == nullptr
                           ? "no score"
                           : fmt::format("{} thousandths: {}", kept->points, kept->raw_level);
            }
        );
        // Whatever moved the level since the last look has left another day there.
        const auto stood = levels_.find(review.account);
        const std::pair standing{kept->level, kept->level_since};
        if (stood == levels_.end() || stood->second != standing) {
            check_flapping(scores, review.account, now);
            levels_[review.account] = standing;
        }
    }
}

void Checker::check_flapping(store::Scores& scores, AccountId account, TimePoint now) {
    auto history = scores.history(account);
    std::erase_if(history, [](const store::ScoreChange& change) {
        return change.from == change.to;
    });
    const auto is_by_facts = [](const store::ScoreChange& change) {
        return change.cause == store::LevelCause::facts || change.cause == store::LevelCause::day;
    };
    if (history.size() >= 2 && is_by_facts(history[0]) && is_by_facts(history[1])) {
        expect(
            history[0].day >= history[1].day + days{7},
            now,
            "I10",
            fmt::format("facts move the level of {} at most once a week", key_of(account)),
            fmt::format("on {} and {}", to_string(history[1].day), to_string(history[0].day))
        );
    }
}

/// Reading every page costs what the database has become, and what it finds does not heal: SQLite
/// checks neither rows nor indexes that it does not use, so what one crash has damaged the next
/// look through the whole file finds too, and the one at the end finds it at the latest. Only the
/// log is torn by most crashes; then all that SQLite takes from it are frames that it wrote itself,
/// with their checksums. So crashes that may have torn pages of the file are counted by themselves,
/// and of each kind the first eight and then those at powers of two are followed by a look through
/// the whole file. What else may be lost shows after every crash: what was acknowledged, the
/// settings, the tables that are open, and every page that SQLite reads.
bool Checker::is_file_checked() {
    constexpr int always = 8;
    int& count = machine_.disk().has_torn_pages() ? torn_restarts_ : restarts_;
    ++count;
    const bool is_power_of_two = (count & (count - 1)) == 0;
    return file_checks_ == Plan::FileChecks::every_crash || count <= always || is_power_of_two;
}

void Checker::when_restarted(TimePoint now) {
    if (is_file_checked()) {
        const std::string integrity = machine_.database().check_integrity();
        expect(integrity == "ok", now, "I19", "the database is sound", integrity);
    }
    const std::string settings = machine_.database().check_settings();
    expect(settings.empty(), now, "I19", "all settings of SQLite are kept", settings);
    store::Reviews reviews{machine_.database()};
    for (const auto& [id, acknowledged] : acknowledged_) {
        const std::optional<store::Review> found = reviews.find(id);
        const bool is_there =
            found
            && (found->version > acknowledged.version
                || (found->version == acknowledged.version && found->state == acknowledged.state
                    && found->due == acknowledged.due && found->held_on == acknowledged.held_on));
        expect(
            is_there,
            now,
            "I17",
            fmt::format("what was acknowledged outlives a crash: {}", told(acknowledged)),
            found ? told(*found) : "the review is not there"
        );
    }
    acknowledged_.clear();
    answered_.clear(); // a new process goes on at once with what the old one had begun
}

void Checker::when_acknowledged(const store::Review& review) {
    acknowledged_[review.id] = review;
    constexpr std::size_t kept = 64;
    if (acknowledged_.size() > kept) {
        acknowledged_.erase(acknowledged_.begin());
    }
}

void Checker::when_answered(
    const service::SendOrder& order, notify::Verdict verdict, TimePoint now
) {
    answered_[order.delivery] = now;
    if (verdict == notify::Verdict::permanent) {
        refused_.insert(order.delivery);
    }
}

void Checker::check_spacing(const service::SendOrder& order, TimePoint now) {
    const auto last = answered_.find(order.delivery);
    if (last != answered_.end() && last->second <= now) {
        expect(
            now - last->second >= shortest_retry,
            now,
            "I13",
            "a message is not tried again within four minutes",
            fmt::format(
                "{} at {} and {}", order.message.id, to_string(last->second), to_string(now)
            )
        );
    }
    expect(
        refused_.count(order.delivery) == 0,
        now,
        "I13",
        "what was refused for good is not sent again",
        order.message.id
    );
}

void Checker::when_claimed(const service::SendOrder& order, TimePoint now) {
    check_spacing(order, now);
    expect(
        machine_.disk().is_synced(),
        now,
        "I11",
        "a claim is synced before anything is sent",
        fmt::format("message {} is handed out unsynced", order.message.id)
    );
    const auto delivery = store::Outbox{machine_.database()}.find_without_message(order.delivery);
    expect(
        delivery && delivery->state == store::DeliveryState::sending,
        now,
        "I11",
        "what is sent is claimed",
        fmt::format("delivery {} is not", order.delivery.value)
    );
    const std::string print = fingerprint(order.message);
    const auto [text, is_first] = texts_.try_emplace(order.message.id, print);
    expect(
        is_first || text->second == print,
        now,
        "I15",
        fmt::format("every attempt of a message is the same: {}", text->second),
        print
    );
    const auto [message, is_new] =
        message_ids_.try_emplace(order.message.message_id, order.message.id);
    expect(
        is_new || message->second == order.message.id || delivery->requeued_from,
        now,
        "I15",
        "two messages have two Message-IDs",
        fmt::format("{}: {} and {}", order.message.message_id, message->second, order.message.id)
    );
    for (const std::string& reminder : order.message.reminder_ids) {
        check_recipient(order, reminder, now);
    }
    check_moment(*delivery, now);
}

/// A message is for a morning. What takes over from one that no receiver was given is for the
/// moment at which that would have been tried again: then it is this moment that has to do.
void Checker::check_moment(const store::Delivery& delivery, TimePoint now) {
    const auto [first, is_new] =
        digests_.try_emplace({delivery.person, delivery.channel, delivery.digest}, delivery.id);
    const Person* person = model_.company().find(key_of(delivery.person));
    // What a person has sent again is of no morning, nor is what is left of it after a review in it
    // was done.
    const bool is_again =
        delivery.requeued_from || (delivery.kind == "digest" && delivery.digest.empty());
    if (person == nullptr || !is_settled(model_.company().company_zone().civil_day(now))
        || is_again) {
        return;
    }
    const ZoneTable& zone = model_.company().zone_of(*person);
    const Date day = zone.civil_day(delivery.not_before);
    const TimePoint morning = zone.moment(day, person->remind_at);
    const bool takes_over = first->second != delivery.id && delivery.not_before > morning;
    const auto planned = [&] {
        return fmt::format(
            "delivery {} on {}, of {}, is planned for {}",
            delivery.id.value,
            delivery.channel,
            delivery.digest,
            to_string(delivery.not_before)
        );
    };
    expect(
        delivery.not_before == morning || takes_over,
        now,
        "I7",
        [&] {
            return fmt::format(
                "{} minutes after midnight of {} in {}, where {} is: {}",
                person->remind_at.count(),
                to_string(day),
                person->zone,
                person->key,
                to_string(morning)
            );
        },
        planned
    );
    expect(
        now >= delivery.not_before
            && model_.company().works_on(*person, takes_over ? zone.civil_day(now) : day),
        now,
        "I4",
        [&] { return fmt::format("{} is written to on a working day, not before", person->key); },
        planned
    );
}

void Checker::check_recipient(
    const service::SendOrder& order, const std::string& reminder, TimePoint now
) {
    const std::vector<std::string> parts = parts_of(reminder);
    const auto review = store::Reviews{machine_.database()}.find(ReviewId{to_number(parts.at(0))});
    expect(
        review && is_open(review->state),
        now,
        "I14",
        "nobody is reminded of a closed review",
        reminder
    );
    const std::string owner = key_of(review->owner);
    std::string wanted = owner;
    if (parts.at(2) == "escalation") {
        const std::vector<std::string> managers = model_.managers_of(owner);
        const auto stage = static_cast<std::size_t>(to_number(parts.at(3)));
        wanted = stage >= 1 && stage <= managers.size() ? managers[stage - 1] : "(nobody)";
    }
    expect(
        order.message.recipient.address == wanted + "@example.test",
        now,
        "I14",
        fmt::format("reminder {} goes to {}", reminder, wanted),
        order.message.recipient.address
    );
}

void Checker::when_accepted(const service::SendOrder& order, TimePoint now) {
    const Peers::Count message = peers_.messages().at(order.message.id);
    expect(
        message.accepted <= 1 + message.uncertain,
        now,
        "I3",
        fmt::format("message {} is accepted once", order.message.id),
        fmt::format("{} times, {} of them explained", message.accepted, message.uncertain)
    );
    for (const std::string& reminder : order.message.reminder_ids) {
        const Peers::Count count = peers_.reminders().at(reminder);
        expect(
            count.accepted <= 1 + count.uncertain,
            now,
            "I3",
            fmt::format("reminder {} is accepted once", reminder),
            fmt::format("{} times, {} of them explained", count.accepted, count.uncertain)
        );
    }
}

void Checker::when_quiet(TimePoint now, int quiet_days) {
    constexpr int enough_days = 15;
    if (quiet_days < enough_days) {
        return;
    }
    store::Reviews reviews{machine_.database()};
    store::ReviewFilter filter;
    filter.limit = 1'000'000;
    for (const store::Review& review : reviews.list(filter)) {
        const Person* person = model_.company().find(key_of(review.owner));
        if (person == nullptr || person->left) {
            continue;
        }
        const Date today = model_.company().zone_of(*person).civil_day(now);
        int working_days = 0; // on which a reminder could have come
        for (Date day = today - days{13}; day <= today; day += days{1}) {
            working_days += model_.company().works_on(*person, day) ? 1 : 0;
        }
        if (review.due > today - days{14} || working_days < 8) {
            continue;
        }
        const auto events = reviews.events(review.id);
        const bool is_touched =
            std::any_of(events.begin(), events.end(), [&](const store::ReviewEvent& event) {
                return event.who != "reviewd" && event.at > now - days{45};
            });
        const std::optional<TimePoint> last = peers_.last_reminder(review.id.value);
        expect(
            is_touched || (last && *last > now - days{15}),
            now,
            "I12",
            fmt::format("{} hears weekly of what is late: {}", person->key, told(review)),
            last ? fmt::format("last on {}", to_string(*last)) : "never"
        );
    }
}

void Checker::at_the_end(TimePoint now) {
    check_tables(now, store::InspectionDepth::all);
    const std::string integrity = machine_.database().check_integrity();
    expect(integrity == "ok", now, "I19", "the database is sound", integrity);
    for (const store::DeliveryCount& count : store::count_deliveries(machine_.database())) {
        expect(
            count.state != store::DeliveryState::sending
                && count.state != store::DeliveryState::uncertain
                && count.state != store::DeliveryState::wait,
            now,
            "I12",
            "after quiet weeks everything is sent, or given up with an alarm",
            fmt::format("{} on {}: {}", count.deliveries, count.channel, name(count.state))
        );
    }
}

} // namespace reviewd::simulation
