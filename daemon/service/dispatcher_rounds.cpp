// What becomes of deliveries that were frozen: claims, results, pauses, limits. The state of gates
// and budgets changes after the database has taken a round, never before: a round may be run twice.
#include "daemon/service/channel_pause.hpp"
#include "daemon/service/composer.hpp"
#include "daemon/service/dispatcher.hpp"
#include "daemon/service/isolated_row.hpp"
#include "daemon/service/lost_channels.hpp"
#include "daemon/service/retry_schedule.hpp"
#include "daemon/service/standing.hpp"
#include "daemon/service/usefulness.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reviewd::service {
namespace {

using std::chrono::milliseconds;

constexpr int pass_time_batch = 500;
constexpr int claim_limit = 256;
constexpr int looks_most = 3;
/// A delivery that found its channel misconfigured waits as long as the channel does.
constexpr milliseconds misconfigured_wait = std::chrono::minutes{15};
constexpr std::chrono::hours budget_span{24};

/// Whether the attempt still holds its delivery, which is then past the point of no return.
bool passes(store::Database& database, const Rows& rows, DeliveryId delivery, int attempt) {
    bool may_go_on = false;
    auto pass = [&]() -> Result<void> {
        // An attempt that was overtaken is no trouble: nothing was written.
        may_go_on = store::Outbox{database}.commit_phase(delivery, attempt).has_value();
        return {};
    };
    const Result<void> passed = rows.isolated(pass);
    return passed.has_value() && may_go_on;
}

/// What its schedule goes by: the night or the queue before the first try is no failure.
Repetition repetition_of(
    Context& context, store::Outbox& outbox, const store::Delivery& delivery, TimePoint now
) {
    const std::vector<store::DeliveryAttempt> tries = outbox.attempts(delivery.id);
    const TimePoint begun = tries.empty() ? now : tries.front().started;
    return {context.options.seed, delivery.id.value, delivery.attempts, now - begun};
}

Extent extent_of(const config::ChannelSettings& channel, const notify::ChannelRules& rules) {
    const bool is_minimal = rules.content == notify::ChannelRules::Content::minimal;
    return {
        is_minimal ? Detail::minimal : Detail::full,
        channel.traits.shows_html ? message::Html::composed : message::Html::left_out};
}

} // namespace

struct Dispatcher::Effects {
    struct Result {
        store::Delivery delivery;
        notify::Outcome outcome;
        bool is_own_trouble = false;
    };
    std::vector<Result> ended;
    std::map<std::string, std::string, std::less<>> gone; ///< channels, each with the words why
    std::map<std::string, int, std::less<>> claimed;
    std::map<std::string, TimePoint, std::less<>> limited; ///< channels, and until when
    std::vector<std::pair<SendBudget*, SendBudget::Recipient>> taken;
    std::vector<std::pair<SendBudget*, SendBudget::Recipient>> returned;
    std::vector<Notice> notices;
};

Dispatcher::Endpoint& Dispatcher::endpoint(std::string_view channel) {
    const auto found = endpoints_.find(channel);
    if (found != endpoints_.end()) {
        return found->second;
    }
    Endpoint& made = endpoints_.emplace(channel, Endpoint{}).first->second;
    if (const auto pause = find_channel_pause(context_.database, channel)) {
        made.gate.hold(pause->reason);
    }
    return made;
}

/// Rates, limits and extents of the configuration in force.
void Dispatcher::prepare() {
    const config::Settings& settings = context_.settings();
    if (prepared_for_ == &settings) {
        return;
    }
    const bool is_refreshed = std::exchange(refreshed_for_, &settings) == &settings;
    prepared_for_ = &settings;
    for (const config::ChannelSettings& channel : settings.channels) {
        Endpoint& made = endpoint(channel.name);
        made.traits = context_.options.traits ? context_.options.traits(channel.name)
                                              : notify::DeliveryTraits{};
        config::Report checked_before; // by the loader: what is wrong was reported then
        config::MapReader reader{channel.node, checked_before};
        reader.allow_any_key();
        made.rules = notify::read_channel_rules(reader);
        made.extent = extent_of(channel, made.rules);
        const bool is_limited = made.traits.limits == notify::DeliveryTraits::Limits::apply;
        const int per_person = is_limited ? notify::default_per_person_per_day : 0;
        const int in_all = is_limited ? notify::default_per_day : 0;
        made.budget.set_limits(
            {made.rules.per_person_per_day.value_or(per_person),
             made.rules.per_day.value_or(in_all)}
        );
        made.gate.set_rate(
            made.rules.per_minute > 0 ? made.rules.per_minute : made.traits.per_minute
        );
        if (made.rules.fallback.empty() || has_channel(settings, made.rules.fallback)) {
            continue;
        }
        const std::string missing = std::exchange(made.rules.fallback, {});
        if (!is_refreshed) {
            context_.note(
                LogEvent::channel_no_fallback,
                fmt::format(
                    "channel {} falls back to {}, which does not exist", channel.name, missing
                )
            );
        }
    }
}

void Dispatcher::channels_changed() {
    prepared_for_ = nullptr;
    ++rounds_;
}

Result<RoundResult> Dispatcher::run(const Round& round, TimePoint now) {
    prepare();
    ++rounds_;
    const bool has_work =
        !round.commits.empty() || !round.ended.empty()
        || std::any_of(round.wanted.begin(), round.wanted.end(), [&](const Wanted& wanted) {
               return is_due(wanted.channel, now);
           });
    if (!has_work) {
        return RoundResult{}; // without a transaction that would write nothing
    }
    Effects effects;
    const auto undo = [&] {
        for (const auto& [budget, person] : effects.taken) {
            budget->give_back(person);
        }
        effects = {};
    };
    auto work = [&](const Rows& rows) {
        undo(); // of a try that the database refused, or that one row spoilt
        return run_rows(round, rows, now, effects);
    };
    Result<RoundResult> result = write_rows(context_.database, work);
    if (!result.has_value()) {
        undo();
        return result;
    }
    apply(effects, now);
    return result;
}

Result<RoundResult> Dispatcher::run_rows(
    const Round& round, const Rows& rows, TimePoint now, Effects& effects
) {
    RoundResult result;
    for (const auto& [delivery, attempt] : round.commits) {
        result.may_go_on.push_back(passes(context_.database, rows, delivery, attempt));
    }
    for (const Ended& ended : round.ended) {
        const Result<void> recorded = end_one(ended, rows, now, effects);
        if (!recorded.has_value()) {
            result.problems.push_back(
                fmt::format("delivery {}: {}", ended.delivery.value, recorded.error().message)
            );
        }
    }
    for (const Wanted& wanted : round.wanted) {
        const Result<void> claimed = claim_some(wanted, rows, now, effects, result);
        if (!claimed.has_value()) {
            return claimed.error();
        }
    }
    return result;
}

Result<void> Dispatcher::claim_some(
    const Wanted& wanted, const Rows& rows, TimePoint now, Effects& effects, RoundResult& result
) {
    if (context_.restored) {
        return {}; // a person has to say first what was sent already
    }
    Endpoint& channel = endpoint(wanted.channel);
    const int bound = wanted.under_way + std::clamp(wanted.limit, 0, claim_limit);
    int room = channel.gate.room(now, wanted.under_way, bound);
    if (room == 0) {
        return {};
    }
    if (channel.budget.free_at(now) > now) {
        tell_of_limit(wanted.channel, now, effects);
        return {};
    }
    // Some of what is due may not stand any more: then there is another look for the room left.
    for (int looks = 0; looks < looks_most && room > 0; ++looks) {
        const std::vector<DeliveryId> found = due(wanted, room, now);
        const bool is_all = static_cast<int>(found.size()) < room;
        for (const DeliveryId id : found) {
            if (channel.budget.free_at(now) > now) {
                tell_of_limit(wanted.channel, now, effects);
                return {};
            }
            auto work = [&] {
                return claim_due(id, now, effects);
            };
            Result<std::optional<SendOrder>> claimed = rows.isolated(work);
            if (claimed.has_error()) {
                const Result<Notice> held = hold_row(context_, id, claimed.error(), now);
                if (held.has_error()) {
                    return held.error();
                }
                effects.notices.push_back(*held);
            } else if (*claimed) {
                --room;
                result.orders.push_back(std::move(**claimed));
            }
        }
        if (is_all) {
            break;
        }
    }
    return {};
}

/// What may be claimed. Who probes takes another than those for which the channel was paused, if
/// there is one: it may be they that are refused, not everything.
std::vector<DeliveryId> Dispatcher::due(const Wanted& wanted, int room, TimePoint now) {
    const Endpoint& channel = endpoint(wanted.channel);
    store::Outbox outbox{context_.database};
    if (!channel.gate.was_paused() || channel.suspects.size() == 0) {
        return outbox.due(now, wanted.channel, room);
    }
    // Half of it at most is deferred, or else all that there is.
    const int enough = room + 2 * static_cast<int>(channel.suspects.size());
    std::vector<DeliveryId> found = outbox.due(now, wanted.channel, enough);
    std::stable_partition(found.begin(), found.end(), [&](DeliveryId id) {
        return !channel.suspects.contains(id);
    });
    found.resize(std::min(found.size(), static_cast<std::size_t>(room)));
    return found;
}

/// When something waits, and once until the channel may go on: the rest is the same trouble.
void Dispatcher::tell_of_limit(const std::string& channel, TimePoint now, Effects& effects) {
    const Endpoint& one = endpoint(channel);
    const bool is_told = one.limit_told_until && now < *one.limit_told_until;
    if (is_told || store::Outbox{context_.database}.due(now, channel, 1).empty()) {
        return;
    }
    const TimePoint free_at = one.budget.free_at(now);
    if (!effects.limited.emplace(channel, free_at).second) {
        return;
    }
    effects.notices.push_back(
        {LogEvent::delivery_limit,
         fmt::format(
             "channel {} has its daily limit of {} in all until {}",
             channel,
             counted(one.budget.limits().overall, "message", "messages"),
             to_string(free_at)
         )}
    );
}

/// The claim of one row that was due; nothing when it is not to be sent now.
Result<std::optional<SendOrder>> Dispatcher::claim_due(
    DeliveryId id, TimePoint now, Effects& effects
) {
    // The ones before it may have changed it.
    store::Delivery delivery = store::Outbox{context_.database}.find(id).value();
    if (!may_become(delivery.state, store::DeliveryState::sending)) {
        return std::optional<SendOrder>{};
    }
    const Result<bool> is_held = hold_beyond_limit(delivery, now, effects);
    if (is_held.has_error()) {
        return is_held.error();
    }
    if (*is_held) {
        return std::optional<SendOrder>{};
    }
    const Result<bool> has_address = follow_address(delivery, now, effects.notices);
    if (has_address.has_error()) {
        return has_address.error();
    }
    if (!*has_address) {
        return std::optional<SendOrder>{};
    }
    const auto person = delivery.person.value;
    Result<std::optional<SendOrder>> claimed = claim_one(std::move(delivery), now);
    if (claimed.has_value() && *claimed) {
        const std::string& channel = (*claimed)->channel;
        SendBudget& budget = endpoint(channel).budget;
        ++effects.claimed[channel];
        budget.take(person, now);
        effects.taken.emplace_back(&budget, person);
    }
    return claimed;
}

/// @returns whether the person has had enough for a day
Result<bool> Dispatcher::hold_beyond_limit(
    const store::Delivery& delivery, TimePoint now, Effects& effects
) {
    if (!delivery.person) {
        return false; // events are no nuisance to anybody
    }
    const SendBudget& budget = endpoint(delivery.channel).budget;
    const TimePoint free_at = budget.free_at(delivery.person.value, now);
    if (free_at <= now) {
        return false;
    }
    const std::string reason =
        "daily limit of " + counted(budget.limits().per_recipient, "message", "messages");
    store::Outbox outbox{context_.database};
    const Result<void> held = outbox.hold(delivery.id, reason, free_at, now);
    if (held.has_error()) {
        return held.error();
    }
    effects.notices.push_back(
        {LogEvent::delivery_limit,
         fmt::format("delivery {} is held: {}", delivery.id.value, reason)}
    );
    return true;
}

Result<void> Dispatcher::end_one(
    const Ended& ended, const Rows& rows, TimePoint now, Effects& effects
) {
    store::Outbox outbox{context_.database};
    const std::optional<store::Delivery> delivery = outbox.find_without_message(ended.delivery);
    if (!delivery) {
        return fail(
            ErrorCode::not_found, fmt::format("there is no delivery {}", ended.delivery.value)
        );
    }
    const notify::Outcome& outcome = ended.outcome;
    // Told to the gate even where it cannot be recorded: a probe without an end would stop it.
    effects.ended.push_back({*delivery, outcome, is_own_trouble(*delivery, outcome)});
    auto record = [&] {
        return outbox.settle(ended.delivery, ended.attempt, decide(*delivery, outcome, now), now);
    };
    const Result<bool> moved = rows.isolated(record);
    if (!moved.has_value()) {
        return moved.error();
    }
    if (outcome.reason == notify::Reason::endpoint_gone) {
        retire(delivery->channel, now, effects);
    }
    const bool came_to_nothing = outcome.verdict != notify::Verdict::accepted
                                 && outcome.verdict != notify::Verdict::uncertain;
    if (*moved && came_to_nothing) {
        effects.returned.emplace_back(&endpoint(delivery->channel).budget, delivery->person.value);
    }
    if (!*moved) {
        return {};
    }
    // The result stays recorded, whatever follows: forgotten, it would be sent twice.
    auto follow = [&] {
        return follow_up(*delivery, outcome.verdict, now);
    };
    return rows.isolated(follow);
}

/// What a result brings about beside the delivery's own move.
Result<void> Dispatcher::follow_up(
    const store::Delivery& delivery, notify::Verdict verdict, TimePoint now
) {
    switch (verdict) {
    case notify::Verdict::accepted:
        return {};
    case notify::Verdict::uncertain:
        return resolve_uncertain(delivery, now);
    case notify::Verdict::permanent:
        return fall_back(delivery, now);
    case notify::Verdict::temporary:
    case notify::Verdict::misconfigured:
        break;
    }
    if (!has_channel(context_.settings(), delivery.channel)) {
        const store::Delivery waiting =
            *store::Outbox{context_.database}.find_without_message(delivery.id);
        const Result<bool> left = leave_lost_channel(context_, waiting, now);
        return left.has_value() ? Result<void>{} : left.error();
    }
    // The review may have been closed while the attempt was under way.
    const Result<bool> stands = still_stands(context_, delivery, now);
    return stands.has_value() ? Result<void>{} : stands.error();
}

/// Whether the channel takes others, and refuses this one.
bool Dispatcher::is_own_trouble(const store::Delivery& delivery, const notify::Outcome& outcome) {
    return outcome.verdict == notify::Verdict::misconfigured
           && outcome.reason != notify::Reason::endpoint_gone
           && endpoint(delivery.channel).suspects.is_own_trouble(delivery.id);
}

/// The endpoint says that it is gone for good: to ask again is a person's decision.
void Dispatcher::retire(const std::string& channel, TimePoint now, Effects& effects) {
    if (find_channel_pause(context_.database, channel)) {
        return;
    }
    // Whoever shows a pause adds what to do about it.
    const std::string words = "the endpoint says that it is gone for good";
    keep_channel_pause(context_.database, channel, words, now);
    effects.gone.emplace(channel, words);
    effects.notices.push_back(
        {LogEvent::channel_misconfigured,
         fmt::format(
             "channel {0} is paused: {1}; mend its address, then `reviewctl notifier resume {0}`",
             channel,
             words
         )}
    );
}

void Dispatcher::apply(const Effects& effects, TimePoint now) {
    for (const Effects::Result& each : effects.ended) {
        Endpoint& channel = endpoint(each.delivery.channel);
        if (each.is_own_trouble) {
            channel.gate.ended_aside();
            continue;
        }
        channel.gate.ended(each.outcome, now);
        if (each.outcome.verdict == notify::Verdict::misconfigured) {
            channel.suspects.add(each.delivery.id);
        } else if (each.outcome.verdict == notify::Verdict::accepted && !channel.gate.was_paused()) {
            channel.suspects.took(each.delivery.id);
        }
    }
    for (const auto& [channel, words] : effects.gone) {
        endpoint(channel).gate.hold(words);
    }
    for (const auto& [channel, count] : effects.claimed) {
        endpoint(channel).gate.claimed(count, now);
    }
    for (const auto& [budget, person] : effects.returned) {
        budget->give_back(person);
    }
    for (const auto& [channel, until] : effects.limited) {
        endpoint(channel).limit_told_until = until;
    }
    for (const Notice& notice : effects.notices) {
        context_.notices.push_back(notice);
    }
}

Result<std::vector<SendOrder>> Dispatcher::claim(
    std::string_view channel, int limit, TimePoint now
) {
    Round round;
    round.wanted.push_back({std::string{channel}, limit, 0});
    Result<RoundResult> result = run(round, now);
    return result.has_value() ? Result<std::vector<SendOrder>>{std::move(result->orders)}
                              : result.error();
}

bool Dispatcher::mark_commit(DeliveryId delivery, int attempt) {
    Round round;
    round.commits.emplace_back(delivery, attempt);
    const Result<RoundResult> result = run(round, TimePoint{});
    return result.has_value() && result->may_go_on.front();
}

Result<void> Dispatcher::settle(
    DeliveryId id, int attempt, const notify::Outcome& outcome, TimePoint now
) {
    Round round;
    round.ended.push_back({id, attempt, outcome});
    const Result<RoundResult> result = run(round, now);
    if (!result.has_value()) {
        return result.error();
    }
    if (!result->problems.empty()) {
        return fail(ErrorCode::not_found, result->problems.front());
    }
    return {};
}

store::Settlement Dispatcher::decide(
    const store::Delivery& delivery, const notify::Outcome& outcome, TimePoint now
) {
    store::Settlement settlement;
    settlement.outcome = notify::name(outcome.verdict);
    settlement.reason = notify::name(outcome.reason);
    settlement.code = outcome.code;
    settlement.enhanced_code = outcome.enhanced_code;
    settlement.reply = outcome.reply;
    settlement.retry_after = outcome.retry_after;
    switch (is_own_trouble(delivery, outcome) ? notify::Verdict::temporary : outcome.verdict) {
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
        settlement.next_at = now + misconfigured_wait;
        break;
    case notify::Verdict::temporary: {
        store::Outbox outbox{context_.database};
        const Repetition repetition = repetition_of(context_, outbox, delivery, now);
        settlement.next = store::DeliveryState::wait;
        settlement.next_at = now
                             + retry_delay(
                                 endpoint(delivery.channel).traits.schedule,
                                 context_.settings().retry,
                                 repetition,
                                 outcome.retry_after
                             );
        break;
    }
    }
    return settlement;
}

Result<void> Dispatcher::resolve_uncertain(const store::Delivery& delivery, TimePoint now) {
    using WhenUncertain = notify::DeliveryTraits::WhenUncertain;
    store::Outbox outbox{context_.database};
    const WhenUncertain policy = endpoint(delivery.channel).traits.when_uncertain;
    if (policy == WhenUncertain::accept) {
        return outbox.resolve(
            delivery.id, store::DeliveryState::accepted, std::nullopt, "not repeated", now
        );
    }
    const int uncertain = outbox.count_uncertain(delivery.id);
    const bool is_enough =
        policy == WhenUncertain::hold || (policy == WhenUncertain::resend_once && uncertain > 1);
    if (is_enough) {
        return outbox.resolve(
            delivery.id,
            store::DeliveryState::held,
            std::nullopt,
            "uncertain: it may have been received; release it to send it again",
            now
        );
    }
    // Never soon: the receiver may be at it still.
    const Repetition repetition = repetition_of(context_, outbox, delivery, now);
    const milliseconds delay = resend_delay(context_.settings().retry, repetition, uncertain);
    return outbox.resolve(
        delivery.id,
        store::DeliveryState::wait,
        now + delay,
        "uncertain: sent again with the same id",
        now
    );
}

/// Another channel takes over what this one has given up. The keys of reminders see to it that it
/// happens once, and not at all where the person gets the same over that channel anyway.
Result<void> Dispatcher::fall_back(const store::Delivery& delivery, TimePoint now) {
    const std::string& fallback = endpoint(delivery.channel).rules.fallback;
    if (fallback.empty()) {
        return {};
    }
    store::Outbox outbox{context_.database};
    // Quiet hours are not the other channel's silence.
    const PersonProfile& person = context_.people->owner(delivery.person);
    const TimePoint expires_at = given_up_at(context_, person, now, now);
    if (!carries_reminders(delivery.kind)) {
        static_cast<void>(outbox.plan_elsewhere(delivery, fallback, expires_at, now));
        return {};
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
    return {};
}

/// A digest ends with the oldest of what became part of it: the rest goes on, each in its own time.
Result<void> Dispatcher::save_younger(DeliveryId id, TimePoint now) {
    store::Outbox outbox{context_.database};
    const store::Delivery delivery = *outbox.find_without_message(id);
    const PersonProfile* const person = context_.people->find(delivery.person);
    if (delivery.kind != "digest" || person == nullptr || delivery.is_held_by_hand()) {
        return {};
    }
    const std::vector<store::Reminder> reminders = outbox.reminders(id);
    std::vector<ReminderId> younger;
    TimePoint first_end = TimePoint::max();
    for (const store::Reminder& reminder : reminders) {
        const TimePoint morning = person->zone.moment(reminder.day, person->remind_at);
        const TimePoint end = given_up_at(context_, *person, morning, morning);
        if (end > now) {
            younger.push_back(reminder.id);
            first_end = std::min(first_end, end);
        }
    }
    if (!younger.empty() && younger.size() == reminders.size()) {
        outbox.prolong(id, first_end, now); // what it would have ended with was done meanwhile
    } else if (!younger.empty()) {
        outbox.plan_apart(delivery, younger, first_end, now);
    }
    return {};
}

Result<bool> Dispatcher::pass_time(TimePoint now) {
    const std::optional<TimePoint> wake = times_.next_housekeeping();
    if (!wake || *wake > now) {
        return false;
    }
    prepare(); // for the fallback that is in force
    store::Outbox outbox{context_.database};
    std::vector<std::string> told;
    const auto work = [&]() -> Result<bool> {
        told.clear();
        for (const DeliveryId id : outbox.expiring(now, pass_time_batch)) {
            auto save = [&] {
                return save_younger(id, now);
            };
            // Otherwise it ends as a whole, which is said.
            static_cast<void>(isolated(context_.database, save));
        }
        const store::Outbox::TimePassed passed = outbox.pass_time(now, pass_time_batch);
        for (const DeliveryId id : passed.expired) {
            auto hand_over = [&] {
                return fall_back(*outbox.find_without_message(id), now);
            };
            const Result<void> handed_over = isolated(context_.database, hand_over);
            told.push_back(
                fmt::format("delivery {} was not taken in time and is given up", id.value)
            );
            if (handed_over.has_error()) {
                told.back() += fmt::format(
                    "; its fallback cannot take over: {}",
                    escape_controls(handed_over.error().message)
                );
            }
        }
        return passed.is_more;
    };
    const Result<bool> is_more = store::write(context_.database, work);
    if (is_more.has_value()) {
        for (const std::string& words : told) {
            context_.note(LogEvent::delivery_expired, words);
        }
    }
    return is_more;
}

Result<void> Dispatcher::recover(TimePoint now) {
    prepare();
    store::Outbox outbox{context_.database};
    for (const store::Outbox::Receipt& receipt : outbox.accepted_since(now - budget_span)) {
        endpoint(receipt.channel).budget.take(receipt.person.value, receipt.at);
    }
    return store::write(context_.database, [&]() -> Result<void> {
        for (const store::Delivery& delivery : outbox.recover(now)) {
            const Result<void> resolved = resolve_uncertain(delivery, now);
            if (!resolved.has_value()) {
                return resolved;
            }
        }
        return {};
    });
}

bool Dispatcher::has_claimable(TimePoint now) {
    if (context_.restored) {
        return false;
    }
    prepare();
    store::Outbox outbox{context_.database};
    const std::vector<config::ChannelSettings>& channels = context_.settings().channels;
    return std::any_of(channels.begin(), channels.end(), [&](const auto& channel) {
        const Endpoint& one = endpoint(channel.name);
        return one.gate.opens_at(now) <= now && one.budget.free_at(now) <= now
               && is_due(channel.name, now) && !outbox.due(now, channel.name, 1).empty();
    });
}

/// Whether something of the channel waits to be claimed; it may have expired.
bool Dispatcher::is_due(std::string_view channel, TimePoint now) {
    const std::optional<TimePoint> next = times_.next_due(channel);
    return next && *next <= now;
}

std::optional<TimePoint> Dispatcher::next_wake(TimePoint now) {
    prepare();
    store::Outbox outbox{context_.database};
    std::optional<TimePoint> wake;
    // What is due already and waits for something else must not hide what comes after it.
    const auto consider = [&](std::optional<TimePoint> one) {
        if (one && *one > now && (!wake || *one < *wake)) {
            wake = one;
        }
    };
    consider(times_.next_housekeeping());
    for (const OutboxTimes::Planned& planned : times_.planned()) {
        if (outbox.count_ready(planned.channel, ready_most) < ready_most) {
            consider(planned.next);
        }
    }
    for (const config::ChannelSettings& channel : context_.settings().channels) {
        const std::optional<TimePoint> due = times_.next_due(channel.name);
        const Endpoint& one = endpoint(channel.name);
        const TimePoint opens = one.gate.opens_at(now);
        if (due && opens != TimePoint::max()) {
            consider(std::max({*due, opens, one.budget.free_at(now)}));
        }
    }
    return wake;
}

std::vector<PausedChannel> Dispatcher::paused(TimePoint now) {
    std::vector<PausedChannel> paused;
    for (const config::ChannelSettings& channel : context_.settings().channels) {
        const Endpoint& one = endpoint(channel.name);
        if (const auto pause = one.gate.pause(now)) {
            const bool is_held = pause->until == TimePoint::max();
            paused.push_back(
                {channel.name, pause->reason, is_held ? std::nullopt : std::optional{pause->until}}
            );
        } else if (one.budget.free_at(now) > now) {
            paused.push_back(
                {channel.name,
                 fmt::format(
                     "daily limit of {} in all",
                     counted(one.budget.limits().overall, "message", "messages")
                 ),
                 one.budget.free_at(now),
                 true}
            );
        }
    }
    return paused;
}

} // namespace reviewd::service
