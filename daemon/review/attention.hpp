#pragma once

#include "daemon/review/calendar.hpp"
#include "daemon/review/zone.hpp"

#include <chrono>
#include <optional>

namespace reviewd::review {

/// Local times between which nobody is written to; over midnight when `from` is the later one.
struct QuietHours {
    std::chrono::minutes from{};
    std::chrono::minutes to{};
};

/// When one person may be written to.
struct Attention {
    Zone zone;
    Calendar calendar;
    std::chrono::minutes morning{}; ///< local time of the morning's message; it ends the night
    std::optional<QuietHours> quiet;
    enum class DaysOff { open, quiet } days_off = DaysOff::open;
};

/// Whether a message may reach the person at `now`.
[[nodiscard]] bool may_write(const Attention& attention, TimePoint now);

/// The first moment from `now` on at which may_write holds. A day off is over with the next working
/// day's morning; a night with its quiet hours, or with the morning's message where that is
/// earlier.
[[nodiscard]] TimePoint next_opening(const Attention& attention, TimePoint now);

/// The first morning of a working day at or after `now`: what waited over quiet hours joins that
/// day's digest.
[[nodiscard]] TimePoint next_morning(const Attention& attention, TimePoint now);

/// The day whose weekly report is to be sent at `now`, or nothing: the latest `weekday` that has
/// come, once its morning (or that of the next working day) has come. A week without a working day
/// has no report, and an older one is not made up for.
/// @param last the day of the last report that was made
[[nodiscard]] std::optional<Date> weekly_report_due(
    const Attention& attention,
    std::chrono::weekday weekday,
    std::optional<Date> last,
    TimePoint now
);

} // namespace reviewd::review
