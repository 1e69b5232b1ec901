#include "daemon/service/invitations.hpp"

#include "daemon/message/habits.hpp"
#include "daemon/service/agreement.hpp"
#include "daemon/store/invitations.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/portfolio.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

namespace reviewd::service {
namespace {

namespace json = boost::json;

/// @param other from whom a new owner takes the appointment over, or who has it instead of a former
///     one; null: nobody
void tell(
    Context& context,
    const store::Review& review,
    const PersonProfile& person,
    const review::InvitationStep& step,
    const PersonProfile* other,
    TimePoint now
) {
    const bool is_off = step.method == review::InvitationStep::Method::cancel;
    const json::value day =
        step.time.day ? json::value(to_string(*step.time.day)) : json::value(nullptr);
    // As they are called now: by the time of the message the review may be another account's.
    const message::CalendarEvent event = event_of(context, review, person);
    store::NoticePlan plan;
    plan.kind = "invitation";
    plan.content = json::serialize(json::object{
        {"review", review.id.value},
        {"sequence", step.sequence},
        {"start_ms", step.time.start.time_since_epoch().count()},
        {"day", day},
        {"is_cancelled", is_off},
        {"other", other == nullptr ? std::string{} : other->name},
        {"summary", event.summary},
        {"description", event.description}});
    // What still waits of an earlier one must not come behind this.
    store::Outbox outbox{context.database};
    outbox.cancel_notices(
        fmt::format("invitation/{}/{}/", review.id.value, person.id.value),
        "a newer invitation replaces it",
        now
    );
    plan.person = person.id;
    plan.not_before = review::next_opening(person.attention(), now);
    plan.expires_at = plan.not_before + context.settings().retry.give_up_after;
    for (const std::string& channel : person.channels) {
        if (carries_calendar(context.settings(), channel)) {
            plan.channel = channel;
            plan.dedupe = fmt::format(
                "invitation/{}/{}/{}/{}", review.id.value, person.id.value, step.sequence, channel
            );
            outbox.plan_notice(plan, now);
        }
    }
    store::Invitations{context.database}.set(
        review.id, person.id, {step.sequence, step.time, is_off}
    );
}

} // namespace

bool carries_calendar(const config::Settings& settings, std::string_view channel) {
    return std::any_of(
        settings.channels.begin(),
        settings.channels.end(),
        [&](const config::ChannelSettings& each) {
            return each.name == channel && each.traits.carries_calendar;
        }
    );
}

namespace {

std::optional<review::AgreedTime> agreed_time(
    const store::Review& review, const PersonProfile& person
) {
    if (review.state != store::ReviewState::appointment) {
        return std::nullopt;
    }
    if (review.appointment) {
        return review::AgreedTime{*review.appointment};
    }
    return review::AgreedTime{person.zone.moment(review.due, std::chrono::minutes{0}), review.due};
}

/// What was told of a day before the day was kept with it began at a midnight.
review::SentInvitation with_day(review::SentInvitation sent, const PersonProfile* person) {
    if (!sent.time.day && person != nullptr && is_midnight(sent.time.start, person->zone)) {
        sent.time.day = person->zone.civil_day(sent.time.start);
    }
    return sent;
}

bool has_begun(const review::AgreedTime& time, const PersonProfile& person, TimePoint now) {
    return time.day ? *time.day <= person.today(now) : time.start <= now;
}

/// Whether it would call off what took place, or was missed: that stays where it was in the
/// calendar.
bool is_over(
    const review::InvitationStep& step,
    const store::Review& review,
    const PersonProfile& person,
    TimePoint now
) {
    const bool is_reported =
        review.state == store::ReviewState::done || review.state == store::ReviewState::missed;
    return step.method == review::InvitationStep::Method::cancel && is_reported
           && has_begun(step.time, person, now);
}

} // namespace

void follow_appointment(Context& context, const store::Review& review, TimePoint now) {
    std::map<PersonId, std::optional<review::SentInvitation>> people;
    for (const auto& [person, sent] : store::Invitations{context.database}.of(review.id)) {
        people[person] = with_day(sent, context.people->find(person));
    }
    const PersonProfile* owner = context.people->find(review.owner);
    if (owner != nullptr && owner->wants_invitations) {
        people.try_emplace(owner->id);
    }
    const PersonProfile* former = nullptr;
    for (const auto& [id, sent] : people) {
        const bool has_it = sent && !sent->is_cancelled && id != review.owner;
        const PersonProfile* const person = has_it ? context.people->find(id) : nullptr;
        const bool is_still_theirs =
            person != nullptr && (sent->time.day || !has_begun(sent->time, *person, now));
        former = is_still_theirs ? person : former;
    }
    const bool stands = review.state == store::ReviewState::appointment;
    for (const auto& [id, sent] : people) {
        const PersonProfile* person = context.people->find(id);
        const bool is_theirs = person != nullptr && person->id == review.owner;
        const auto wanted =
            is_theirs && person->wants_invitations ? agreed_time(review, *person) : std::nullopt;
        const auto step = review::next_invitation(wanted, sent);
        if (person != nullptr && step && !is_over(*step, review, *person, now)) {
            const PersonProfile* const other = is_theirs ? former : owner;
            tell(context, review, *person, *step, stands ? other : nullptr, now);
        }
    }
}

bool is_newest_invitation(Context& context, const store::Delivery& delivery) {
    boost::system::error_code error;
    const json::value content = json::parse(delivery.content, error);
    if (error) {
        return true; // nothing to compare; whoever composes it says what is wrong
    }
    const ReviewId review{content.at("review").as_int64()};
    for (const auto& [person, newest] : store::Invitations{context.database}.of(review)) {
        if (person == delivery.person) {
            return content.at("sequence").as_int64() >= newest.sequence;
        }
    }
    return true;
}

message::CalendarEvent event_of(
    const Context& context, const store::Review& review, const PersonProfile& person
) {
    store::Portfolio portfolio{context.database, context.rules().schema};
    const auto account = portfolio.account(review.account);
    const std::string name = account ? account->name : std::string{};
    const bool is_bengali = message::habits_of(person.language).language == "bn";
    message::CalendarEvent event;
    event.uid = fmt::format("review-{}@{}", review.id.value, context.options.host_name);
    event.summary = fmt::format("{}: {}", is_bengali ? "পর্যালোচনা" : "Review", name);
    const auto contacts = portfolio.contacts(review.account);
    if (!contacts.empty()) {
        event.description = fmt::format("{}\n{}", contacts.front().name, contacts.front().phone);
    }
    event.day = review.due;
    if (review.state == store::ReviewState::appointment) {
        event.start = review.appointment; // without a time it is one of the whole day
    }
    return event;
}

std::string feed_of(Context& context, const PersonProfile& person, TimePoint now) {
    message::CalendarText calendar;
    const bool is_bengali = message::habits_of(person.language).language == "bn";
    calendar.name = is_bengali ? fmt::format("{}-এর পর্যালোচনা", person.name)
                               : fmt::format("Reviews of {}", person.name);
    calendar.zone = person.zone.name();
    calendar.stamp = now;
    if (person.id == PersonId{}) {
        return message::to_icalendar(calendar);
    }
    store::ReviewFilter filter;
    filter.owner = person.id;
    constexpr int entries_max = 2000;
    filter.limit = entries_max;
    for (const store::Review& review : store::Reviews{context.database}.list(filter)) {
        message::CalendarEvent event = event_of(context, review, person);
        event.sequence = review.version;
        calendar.events.push_back(std::move(event));
    }
    return message::to_icalendar(calendar);
}

} // namespace reviewd::service
