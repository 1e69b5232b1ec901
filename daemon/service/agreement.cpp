#include "daemon/service/agreement.hpp"

#include "daemon/service/kept_zones.hpp"
#include "daemon/service/silence.hpp"
#include "daemon/store/markers.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

using store::ReviewState;

/// Stands where no appointment without a time is noted as a moment.
constexpr std::string_view midnights_marker = "appointments.whole_days";

/// The state that a reopened review says it came back with. Histories of old do not say it: only
/// appointments came back with their accounts, and what people reopened was planned.
ReviewState state_told(const std::string& details) {
    const auto document = boost::json::parse(details);
    if (const auto* const told = document.as_object().if_contains("state")) {
        return store::find_review_state(told->as_string()).value();
    }
    const auto* const because = document.as_object().if_contains("because");
    const bool is_back = because != nullptr && because->as_string() == because_active_again;
    return is_back ? ReviewState::appointment : ReviewState::planned;
}

ReviewState state_after(ReviewState state, const store::ReviewEvent& event) {
    const bool is_agreed = state == ReviewState::appointment;
    if (event.what == "appointment") {
        return ReviewState::appointment;
    }
    if (event.what == "invited" || (event.what == "rescheduled" && is_agreed)) {
        return is_agreed && event.what == "invited" ? state : ReviewState::invited;
    }
    if (event.what == "contacted" && !is_agreed) {
        return ReviewState::planned;
    }
    return event.what == "reopened" ? state_told(event.details) : state;
}

} // namespace

std::optional<Agreement> agreement_of(const store::Review& review, const review::Zone& zone) {
    if (review.state != ReviewState::appointment) {
        return std::nullopt;
    }
    if (!review.appointment) {
        return Agreement{review.due};
    }
    return Agreement{zone.civil_day(*review.appointment), zone.local_time(*review.appointment)};
}

std::string text_of(const Agreement& agreement) {
    const std::string day = to_string(agreement.day);
    if (!agreement.time) {
        return day;
    }
    const auto minutes = agreement.time->count();
    return fmt::format("{} {:02}:{:02}", day, minutes / 60, minutes % 60);
}

void settle_day(store::Review& review, const review::Zone& zone) {
    if (const auto agreed = agreement_of(review, zone)) {
        review.due = agreed->day;
    }
}

void give_to(Context& context, store::Review& review, const PersonProfile& owner) {
    if (review.quiet_until && review.owner != owner.id) {
        const Silence silence = silence_of(store::Reviews{context.database}.events(review.id));
        if (silence.is_disowned) {
            review.quiet_until =
                silence.until ? std::min(silence.until, review.quiet_until) : std::nullopt;
        }
    }
    review.owner = owner.id;
    settle_day(review, owner.zone);
}

bool is_midnight(TimePoint moment, const review::Zone& zone) {
    return moment == zone.moment(zone.civil_day(moment), std::chrono::minutes{0});
}

ReviewState state_before_end(const std::vector<store::ReviewEvent>& events) {
    ReviewState state = ReviewState::planned;
    for (const store::ReviewEvent& event : events) {
        state = state_after(state, event);
    }
    return state;
}

void forget_midnights(Context& context) {
    store::Markers markers{context.database};
    if (markers.find(midnights_marker)) {
        return;
    }
    const KeptZones kept = KeptZones::read(context.database);
    store::Reviews reviews{context.database};
    for (const store::Reviews::Moment& noted : reviews.appointment_moments()) {
        const review::Zone* const before = kept.find(noted.owner);
        const review::Zone& zone = before ? *before : context.people->owner(noted.owner).zone;
        const bool is_due_then = zone.civil_day(noted.appointment) == noted.due;
        if (is_due_then && is_midnight(noted.appointment, zone)) {
            reviews.forget_moment(noted.review);
        }
    }
    markers.set(midnights_marker, "");
}

} // namespace reviewd::service
