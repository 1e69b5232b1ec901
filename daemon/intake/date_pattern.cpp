#include "daemon/intake/date_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace reviewd::intake {
namespace {

constexpr std::string_view iso_pattern = "%Y-%m-%d";

/// What other files write; tried to give a hint.
constexpr std::array<std::string_view, 6> usual_patterns{
    iso_pattern, "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d"};

bool is_pattern_digit(char c) {
    return c >= '0' && c <= '9';
}

struct Parts {
    int year = -1;
    int month = -1;
    int day = -1;
};

/// The number at `at`, of `least` to `most` digits, or -1.
int take_number(std::string_view text, std::size_t& at, std::size_t least, std::size_t most) {
    int value = 0;
    std::size_t count = 0;
    while (count < most && at < text.size() && is_pattern_digit(text[at])) {
        value = value * 10 + (text[at] - '0');
        ++at;
        ++count;
    }
    return count < least ? -1 : value;
}

std::optional<Parts> match(std::string_view pattern, std::string_view text) {
    Parts parts;
    std::size_t at = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            if (at == text.size() || text[at] != pattern[i]) {
                return std::nullopt;
            }
            ++at;
            continue;
        }
        ++i;
        // Side by side, as in 20260331, only the full width tells them apart.
        const bool is_adjacent =
            (i + 1 < pattern.size() && pattern[i + 1] == '%') || (i >= 3 && pattern[i - 3] == '%');
        int& part = pattern[i] == 'Y' ? parts.year : pattern[i] == 'm' ? parts.month : parts.day;
        const std::size_t width = pattern[i] == 'Y' ? 4 : 2;
        part = take_number(text, at, pattern[i] == 'Y' || is_adjacent ? width : 1, width);
        if (part < 0) {
            return std::nullopt;
        }
    }
    return at == text.size() ? std::optional{parts} : std::nullopt;
}

std::optional<Date> to_date(const Parts& parts) {
    const std::chrono::year_month_day day{
        std::chrono::year{parts.year},
        std::chrono::month{static_cast<unsigned>(parts.month)},
        std::chrono::day{static_cast<unsigned>(parts.day)}};
    if (!day.ok() || Date{day} < first_date || Date{day} > last_date) {
        return std::nullopt;
    }
    return Date{day};
}

} // namespace

Result<DatePattern> DatePattern::compile(std::string_view pattern) {
    std::array<int, 3> seen{};
    constexpr std::string_view directives = "Ymd";
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            continue;
        }
        ++i;
        const std::size_t which =
            i < pattern.size() ? directives.find(pattern[i]) : std::string_view::npos;
        if (which == std::string_view::npos) {
            return fail(
                ErrorCode::bad_config,
                fmt::format("`{}` is no date format: only %Y, %m and %d are known", pattern)
            );
        }
        ++seen[which];
    }
    if (std::any_of(seen.begin(), seen.end(), [](int count) { return count != 1; })) {
        return fail(
            ErrorCode::bad_config,
            fmt::format("`{}` is no date format: %Y, %m and %d must occur once each", pattern)
        );
    }
    DatePattern compiled{pattern};
    compiled.is_iso_ = pattern == iso_pattern;
    return compiled;
}

std::optional<Date> DatePattern::parse(std::string_view text) const {
    const std::optional<Parts> parts = match(is_iso_ ? iso_pattern : pattern_, text);
    return parts ? to_date(*parts) : std::nullopt;
}

std::string DatePattern::why_no_date(std::string_view text) const {
    if (match(pattern_, text)) {
        return "no such day between 1900 and 2199";
    }
    std::string reason = fmt::format("expected a date as {}", described());
    for (const std::string_view other : usual_patterns) {
        const std::optional<Parts> parts = match(other, text);
        if (parts && to_date(*parts)) {
            return fmt::format(
                "{}; if the file writes days like this, set `date_format: \"{}\"`", reason, other
            );
        }
    }
    const bool has_time = text.size() > 10 && text.find(':') != std::string_view::npos;
    return has_time ? reason + ", without a time of day" : reason;
}

std::string DatePattern::described() const {
    std::string text;
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
        if (pattern_[i] != '%') {
            text += pattern_[i];
            continue;
        }
        ++i;
        text += pattern_[i] == 'Y' ? "YYYY" : pattern_[i] == 'm' ? "MM" : "DD";
    }
    return text;
}

} // namespace reviewd::intake
