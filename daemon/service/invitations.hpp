#pragma once

#include "daemon/message/calendar_text.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/delivery.hpp"
#include "daemon/store/reviews.hpp"

#include <string>
#include <string_view>

namespace reviewd::service {

/// Whether invitations reach a calendar through it; false for one that is not configured.
[[nodiscard]] bool carries_calendar(const config::Settings& settings, std::string_view channel);

/// Tells the calendars of those who want invitations what became of a review's appointment: a first
/// invitation, a change, or that it is off; of the former owner, too. Through the outbox, inside
/// the transaction of the change.
void follow_appointment(Context& context, const store::Review& review, TimePoint now);

/// A person's open reviews as a calendar to subscribe to: appointments at their time, the others on
/// their due day. An empty one for nobody: what has no owner is not for whoever left.
[[nodiscard]] std::string feed_of(Context& context, const PersonProfile& person, TimePoint now);

/// Whether nothing newer was told to the person of the appointment that an invitation is about.
[[nodiscard]] bool is_newest_invitation(Context& context, const store::Delivery& delivery);

/// The entry of a review, with the same uid in invitations and feeds.
[[nodiscard]] message::CalendarEvent event_of(
    const Context& context, const store::Review& review, const PersonProfile& person
);

} // namespace reviewd::service
