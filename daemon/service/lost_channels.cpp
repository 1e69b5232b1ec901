// A channel that is renamed, or taken out of the configuration, has no sender: what waits on it
// would do so until it expires.
#include "daemon/service/lost_channels.hpp"

#include "daemon/service/composer.hpp"
#include "daemon/service/invitations.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/usefulness.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace reviewd::service {
namespace {

constexpr int lost_at_once = 500;
constexpr std::string_view because = "its channel is gone: planned anew";

using PlansByChannel = std::map<std::string, std::vector<store::ReminderPlan>>;

/// The reminders that stand, for the channels that their person is reached by today.
PlansByChannel routes_of(
    Context& context, const std::vector<store::Reminder>& reminders, const PersonProfile& person
) {
    PlansByChannel plans;
    store::Reviews reviews{context.database};
    for (const store::Reminder& reminder : reminders) {
        const auto review = reviews.find(reminder.key.review);
        const auto step = review::find_step(reminder.key.step);
        if (!review || !step) {
            continue;
        }
        for (const std::string& channel : routing_of(context, *review, *step, person).channels) {
            store::ReminderPlan plan{reminder.key, reminder.day};
            plan.key.channel = channel;
            plans[channel].push_back(std::move(plan));
        }
    }
    return plans;
}

/// Whether a message that goes out, or did, has the reminder.
bool is_carried(store::Outbox& outbox, const store::ReminderKey& key) {
    const std::string wanted = to_string(key);
    for (const store::Reminder& known : outbox.reminders_of(key.review, key.occurrence)) {
        if (!known.is_cancelled && to_string(known.key) == wanted) {
            const auto state = outbox.find_without_message(known.delivery)->state;
            return !store::is_final(state) || state == store::DeliveryState::accepted;
        }
    }
    return false;
}

/// @returns whether each that stands goes over another channel now, or did
bool plan_reminders(
    Context& context, const store::Delivery& delivery, const PersonProfile& person, TimePoint now
) {
    store::Outbox outbox{context.database};
    const PlansByChannel plans = routes_of(context, outbox.reminders(delivery.id), person);
    for (const auto& [channel, reminders] : plans) {
        store::DeliveryPlan plan;
        plan.channel = channel;
        plan.person = delivery.person;
        plan.kind = delivery.kind;
        plan.digest = delivery.digest;
        plan.not_before = std::max(delivery.not_before, now);
        plan.expires_at = given_up_at(context, person, plan.not_before, now);
        static_cast<void>(outbox.plan(plan, reminders, now));
    }
    std::set<std::string> standing;
    std::set<std::string> carried;
    for (const auto& [channel, reminders] : plans) {
        for (const store::ReminderPlan& reminder : reminders) {
            store::ReminderKey key = reminder.key;
            key.channel.clear();
            standing.insert(to_string(key));
            if (is_carried(outbox, reminder.key)) {
                carried.insert(to_string(key));
            }
        }
    }
    return !standing.empty() && standing == carried;
}

/// An invitation is for what reaches a calendar.
bool may_carry(const Context& context, const std::string& channel, const std::string& kind) {
    const config::Settings& settings = context.settings();
    return kind == "invitation" ? carries_calendar(settings, channel)
                                : has_channel(settings, channel);
}

bool plan_notice_anew(
    Context& context, const store::Delivery& delivery, const PersonProfile& person, TimePoint now
) {
    store::Outbox outbox{context.database};
    const TimePoint expires_at = given_up_at(context, person, delivery.not_before, now);
    bool is_planned = false;
    for (const std::string& channel : person.channels) {
        // One that was sent again by hand has left its name to the first.
        if (!delivery.requeued_from && may_carry(context, channel, delivery.kind)) {
            is_planned = outbox.plan_elsewhere(delivery, channel, expires_at, now) || is_planned;
        }
    }
    return is_planned;
}

struct Left {
    int taken_back = 0;
    int stayed = 0;
};

Result<void> leave_some(
    Context& context,
    const std::string& channel,
    store::DeliveryState state,
    TimePoint now,
    Left& left
) {
    store::Outbox outbox{context.database};
    store::DeliveryFilter filter;
    filter.channel = channel;
    filter.state = state;
    filter.limit = lost_at_once;
    for (;;) {
        const std::vector<store::Delivery> page = outbox.list(filter);
        for (const store::Delivery& delivery : page) {
            const Result<bool> is_left = leave_lost_channel(context, delivery, now);
            if (!is_left.has_value()) {
                return is_left.error();
            }
            ++(*is_left ? left.taken_back : left.stayed);
        }
        if (static_cast<int>(page.size()) < lost_at_once) {
            return {};
        }
        filter.after = page.back().id;
    }
}

} // namespace

bool has_channel(const config::Settings& settings, std::string_view channel) {
    return std::any_of(
        settings.channels.begin(),
        settings.channels.end(),
        [&](const config::ChannelSettings& each) { return each.name == channel; }
    );
}

Result<bool> leave_lost_channel(Context& context, const store::Delivery& delivery, TimePoint now) {
    store::Outbox outbox{context.database};
    const PersonProfile* const person = context.people->find(delivery.person);
    if (person == nullptr || delivery.is_held_by_hand() || !outbox.is_unread(delivery.id)) {
        return false;
    }
    const bool is_planned = carries_reminders(delivery.kind)
                                ? plan_reminders(context, delivery, *person, now)
                                : plan_notice_anew(context, delivery, *person, now);
    if (!is_planned) {
        return false;
    }
    const Result<void> cancelled = outbox.cancel(delivery.id, because, now);
    return cancelled.has_value() ? Result<bool>{true} : cancelled.error();
}

Result<std::vector<std::string>> leave_lost_channels(Context& context, TimePoint now) {
    std::vector<std::string> lines;
    for (const std::string& channel : store::Outbox{context.database}.channels()) {
        if (has_channel(context.settings(), channel)) {
            continue;
        }
        Left left;
        using enum store::DeliveryState;
        for (const store::DeliveryState state : {planned, held, ready, wait}) {
            const Result<void> some = leave_some(context, channel, state, now, left);
            if (!some.has_value()) {
                return some.error();
            }
        }
        if (left.taken_back + left.stayed > 0) {
            lines.push_back(fmt::format(
                "there is no channel {} any more: of {} that waited on it, {} planned anew for "
                "today's channels",
                escape_controls(channel),
                counted(left.taken_back + left.stayed, "delivery", "deliveries"),
                left.taken_back == 1 ? "1 is" : fmt::format("{} are", left.taken_back)
            ));
        }
    }
    return lines;
}

std::vector<std::string> lost_channels(
    const config::Settings& settings, const std::vector<store::DeliveryCount>& counts
) {
    std::map<std::string, std::int64_t> left;
    for (const store::DeliveryCount& count : counts) {
        if (!store::is_final(count.state) && !has_channel(settings, count.channel)) {
            left[count.channel] += count.deliveries;
        }
    }
    std::vector<std::string> lines;
    for (const auto& [channel, deliveries] : left) {
        lines.push_back(fmt::format(
            "{} on `{}`, which is no channel any more, and may have been received or cannot go "
            "elsewhere",
            deliveries == 1 ? "a delivery waits" : fmt::format("{} deliveries wait", deliveries),
            channel
        ));
    }
    return lines;
}

} // namespace reviewd::service
