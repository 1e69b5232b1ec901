#pragma once

#include "scoring/base/date.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::message {

/// One entry of a person's calendar. Texts may be hostile.
struct CalendarEvent {
    std::string uid; ///< permanent; the same over all changes
    int sequence = 0;
    std::string summary;
    std::string description;
    // When: an appointment has a moment, a review without one only its day.
    std::optional<TimePoint> start;
    std::chrono::minutes length{30};
    Date day{};
    bool is_cancelled = false;
    // Of an invitation:
    std::string organizer_email;
    std::string attendee_name;
    std::string attendee_email;
};

struct CalendarText {
    enum class Method {
        publish, ///< a feed
        request, ///< an invitation or its change (iTIP)
        cancel,
    } method = Method::publish;
    std::string name; ///< of a feed
    std::string zone; ///< IANA; its rules go along as VTIMEZONE
    TimePoint stamp{};
    std::vector<CalendarEvent> events;
};

/// iCalendar (RFC 5545), lines folded and ended with CR LF. A zone that is not known gives times in
/// UTC.
[[nodiscard]] std::string to_icalendar(const CalendarText& calendar);

} // namespace reviewd::message
