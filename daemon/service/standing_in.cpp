#include "daemon/service/standing_in.hpp"

#include "daemon/service/judge_account.hpp"
#include "daemon/service/occasion_follower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace reviewd::service {

const PersonProfile* stand_in(
    const People& people, const PersonProfile& owner, const rules::Trigger* trigger, Date day
) {
    if (trigger == nullptr || trigger->when_away.empty() || !owner.is_away(day)) {
        return nullptr;
    }
    const PersonProfile* const person = trigger->when_away == "manager"
                                            ? people.manager_there(owner.id, day)
                                            : people.acting_for(owner.id, day);
    return person == nullptr || person->id == owner.id ? nullptr : person;
}

namespace {

std::string text_of(const config::ReminderSettings& reminders) {
    std::string text = fmt::format(
        "{}/{}/{}", reminders.invite_days, reminders.ahead_days, reminders.escalate_days
    );
    for (const Period& period : reminders.overdue) {
        text += "/" + to_string(period);
    }
    return text;
}

} // namespace

std::string habits_of(const Context& context, const PersonProfile& owner) {
    const People& people = *context.people;
    const rules::RuleSet& rules = context.rules();
    std::string habits =
        fmt::format("{} {}", owner.habits(), text_of(context.settings().reminders));
    const bool has_others =
        std::any_of(rules.triggers.begin(), rules.triggers.end(), [](const auto& trigger) {
            return !trigger.when_away.empty();
        });
    if (owner.leave.empty() || !has_others) {
        return habits;
    }
    std::vector<const PersonProfile*> others = people.managers_of(owner.id);
    others.push_back(people.find(owner.substitute_key));
    for (const PersonProfile* const other : others) {
        habits += other == nullptr
                      ? " nobody"
                      : fmt::format(" {} {:016x}", other->id.value, other->calendar.fingerprint());
    }
    return habits;
}

review::OwnContact own_contact(
    const PersonProfile& owner, const rules::Trigger& trigger, const store::Occasion& occasion
) {
    const review::TriggerTimes times = times_of(trigger);
    const review::OccasionDays when = days_of(trigger, occasion);
    const review::Calendar& usual = owner.usual_days;
    const Date wanted = review::contact_from(times, when, usual);
    review::OwnContact contact;
    contact.from = std::max(wanted, occasion.noticed);
    // The day's message may have gone when it was noticed.
    contact.sure = wanted > occasion.noticed ? usual.next_working(wanted)
                                             : usual.add_working_days(occasion.noticed, 1);
    contact.latest = review::occasion_window(times, when, usual).latest;
    return contact;
}

review::Calling calling_of_owner(
    const PersonProfile& owner, const rules::Trigger& trigger, const store::Occasion& occasion
) {
    const Date wanted =
        review::contact_from(times_of(trigger), days_of(trigger, occasion), owner.calendar);
    return {
        static_cast<int>(occasion.id), std::max(wanted, occasion.noticed), review::Hearer::owner};
}

std::optional<Date> stood_in_from(
    const People& people,
    const PersonProfile& owner,
    const rules::Trigger& trigger,
    const store::Occasion& occasion,
    bool is_heard,
    Date today
) {
    review::OwnContact contact = own_contact(owner, trigger, occasion);
    // Leave takes all that the owner was not told of, and of the rest what it leaves no day for.
    contact.sure = is_heard ? contact.from - std::chrono::days{1} : std::max(contact.sure, today);
    const auto taken = review::taken_by_leave(contact, owner.leave, owner.calendar);
    const bool has_other =
        taken && (*taken > today || stand_in(people, owner, &trigger, today) != nullptr);
    return has_other ? taken : std::nullopt;
}

review::Window contact_window(
    const People& people,
    const PersonProfile& owner,
    const rules::Trigger& trigger,
    const store::Occasion& occasion
) {
    const PersonProfile* other = nullptr;
    if (!trigger.when_away.empty()) {
        const auto taken = review::taken_by_leave(
            own_contact(owner, trigger, occasion), owner.leave, owner.calendar
        );
        other = taken ? stand_in(people, owner, &trigger, *taken) : nullptr;
    }
    return review::occasion_window(
        times_of(trigger),
        days_of(trigger, occasion),
        other == nullptr ? owner.calendar : other->calendar
    );
}

void most_urgent_first(
    const rules::RuleSet& rules,
    const People& people,
    const PersonProfile& owner,
    std::vector<store::Occasion>& occasions
) {
    std::map<std::int64_t, Date> latest;
    for (const store::Occasion& occasion : occasions) {
        const rules::Trigger* trigger = find_trigger(rules, occasion.trigger);
        const bool wants_contact =
            trigger != nullptr && occasion.state == store::OccasionState::open;
        latest[occasion.id] =
            wants_contact ? contact_window(people, owner, *trigger, occasion).latest : last_date;
    }
    std::sort(occasions.begin(), occasions.end(), [&](const auto& a, const auto& b) {
        return std::pair{latest.at(a.id), a.id} < std::pair{latest.at(b.id), b.id};
    });
}

review::Window pulled_by(
    const rules::RuleSet& rules,
    const std::vector<store::Occasion>& live,
    const review::Window& window,
    const People& people,
    const PersonProfile& owner
) {
    review::Window nearest = window;
    for (const store::Occasion& occasion : live) {
        const rules::Trigger* trigger = find_trigger(rules, occasion.trigger);
        if (trigger != nullptr && occasion.state == store::OccasionState::open) {
            nearest = review::pulled(nearest, contact_window(people, owner, *trigger, occasion));
        }
    }
    return nearest;
}

bool is_put_off(
    const PersonProfile& owner, const store::Review& review, const store::Occasion& occasion
) {
    // What was known when an earlier review was skipped is left out on purpose.
    const bool is_its_own =
        review.kind != kind_deferred || occasion.noticed > owner.today(review.created);
    return occasion.state == store::OccasionState::deferred && review.is_chosen && is_its_own;
}

review::Window limited_by(
    const rules::RuleSet& rules,
    const std::vector<store::Occasion>& live,
    const store::Review& review,
    const review::Window& window,
    const People& people
) {
    const PersonProfile& owner = people.owner(review.owner);
    review::Window limited = window;
    for (const store::Occasion& occasion : live) {
        const rules::Trigger* trigger = find_trigger(rules, occasion.trigger);
        if (trigger != nullptr && is_put_off(owner, review, occasion)) {
            const Date latest = contact_window(people, owner, *trigger, occasion).latest;
            limited = review::pulled(limited, {limited.earliest, limited.target, latest});
        }
    }
    limited.target = std::min(limited.target, limited.latest);
    limited.earliest = std::min(limited.earliest, limited.target);
    return limited;
}

} // namespace reviewd::service
