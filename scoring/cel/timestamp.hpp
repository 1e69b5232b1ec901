#pragma once

#include "scoring/base/date.hpp"
#include "scoring/cel/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::cel {

/// Parses RFC 3339, "2026-01-31T08:00:00Z" or "…+01:00", with up to nine digits of fraction, years
/// 1 to 9999.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

/// Parses "2026-01-31" as its midnight in UTC, which is how a civil date is held.
[[nodiscard]] std::optional<Timestamp> parse_civil_date(std::string_view text);

/// Prints RFC 3339 in UTC, the fraction only as far as needed.
[[nodiscard]] std::string to_string(const Timestamp& timestamp);

/// Whether it lies in the years 1 to 9999.
[[nodiscard]] bool is_in_range(const Timestamp& timestamp);

/// Parses "1h30m", "-1.5s", "100ms" …: units h, m, s, ms, us, ns. Nothing beyond ±2^63 ns (292
/// years).
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// Prints seconds: "90s", "-0.5s".
[[nodiscard]] std::string to_string(const Duration& duration);

/// @returns nothing beyond ±2^63 ns
[[nodiscard]] std::optional<std::int64_t> to_nanoseconds(const Duration& duration);
[[nodiscard]] Duration from_nanoseconds(std::int64_t nanoseconds);

/// Arithmetic; nothing where the result leaves its range.
[[nodiscard]] std::optional<Timestamp> add(const Timestamp& timestamp, const Duration& duration);
[[nodiscard]] std::optional<Timestamp> subtract(
    const Timestamp& timestamp, const Duration& duration
);
[[nodiscard]] std::optional<Duration> subtract(const Timestamp& later, const Timestamp& earlier);
[[nodiscard]] std::optional<Duration> add(const Duration& a, const Duration& b);
[[nodiscard]] std::optional<Duration> subtract(const Duration& a, const Duration& b);

/// The civil day of the moment in UTC.
[[nodiscard]] Date to_date(const Timestamp& timestamp);

/// The midnight of the day in UTC: how a date enters an expression.
[[nodiscard]] Timestamp to_timestamp(Date date);

/// Seconds by which the zone is ahead of UTC at that moment.
/// @param zone an IANA name ("Europe/Berlin"), "UTC", or a fixed offset ("+05:30", "-02:00",
/// "02:00")
/// @returns nothing for a zone that does not exist
[[nodiscard]] std::optional<std::int64_t> utc_offset_seconds(
    const Timestamp& timestamp, std::string_view zone
);

} // namespace reviewd::cel
