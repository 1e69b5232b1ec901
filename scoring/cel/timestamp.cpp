#include "scoring/cel/timestamp.hpp"

#include <fmt/format.h>

#include <cctz/time_zone.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace reviewd::cel {
namespace {

constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::int64_t first_second = -62'135'596'800; // 0001-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::int64_t billion = 1'000'000'000;

/// Reads fixed forms from the front of a text; once something is amiss it stays so.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    int number(std::size_t digits) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            value = value * 10 + digit();
        }
        return value;
    }

    int digit() {
        if (text_.empty() || text_.front() < '0' || text_.front() > '9') {
            is_right_ = false;
            return 0;
        }
        const int value = text_.front() - '0';
        text_.remove_prefix(1);
        return value;
    }

    void expect(std::string_view any_of) {
        if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) {
            is_right_ = false;
            return;
        }
        text_.remove_prefix(1);
    }

    bool take(char c) {
        const bool is_there = !text_.empty() && text_.front() == c;
        text_.remove_prefix(is_there ? 1 : 0);
        return is_there;
    }

    [[nodiscard]] bool has_digit() const {
        return !text_.empty() && text_.front() >= '0' && text_.front() <= '9';
    }
    [[nodiscard]] bool is_finished() const { return is_right_ && text_.empty(); }
    void fail() { is_right_ = false; }

private:
    std::string_view text_;
    bool is_right_ = true;
};

std::int64_t read_date(Reader& reader) {
    const int year = reader.number(4);
    reader.expect("-");
    const int month = reader.number(2);
    reader.expect("-");
    const int day = reader.number(2);
    const std::chrono::year_month_day date{
        std::chrono::year{year},
        std::chrono::month{static_cast<unsigned>(month)},
        std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || year < 1) {
        reader.fail();
        return 0;
    }
    return std::chrono::sys_days{date}.time_since_epoch().count() * seconds_per_day;
}

/// Up to nine digits behind a point, as nanoseconds.
std::int32_t read_fraction(Reader& reader) {
    std::int32_t fraction = 0;
    int digits = 0;
    do {
        fraction = fraction * 10 + reader.digit();
        ++digits;
    } while (reader.has_digit() && digits < 9);
    for (; digits < 9; ++digits) {
        fraction *= 10;
    }
    return fraction;
}

std::int64_t read_offset(Reader& reader) {
    if (reader.take('Z') || reader.take('z')) {
        return 0;
    }
    const bool is_behind = reader.take('-');
    if (!is_behind) {
        reader.expect("+");
    }
    const int hours = reader.number(2);
    reader.expect(":");
    const int minutes = reader.number(2);
    if (hours > 23 || minutes > 59) {
        reader.fail();
    }
    const int seconds = hours * 3600 + minutes * 60;
    return is_behind ? -seconds : seconds;
}

std::string fraction_digits(std::int64_t nanoseconds) {
    if (nanoseconds == 0) {
        return {};
    }
    std::string digits = fmt::format(".{:09}", nanoseconds);
    digits.erase(digits.find_last_not_of('0') + 1);
    return digits;
}

/// Brings nanoseconds into 0 … 999,999,999.
std::optional<Timestamp> normalised(std::int64_t seconds, std::int64_t nanoseconds) {
    seconds += nanoseconds / billion;
    nanoseconds %= billion;
    if (nanoseconds < 0) {
        nanoseconds += billion;
        --seconds;
    }
    const Timestamp made{seconds, static_cast<std::int32_t>(nanoseconds)};
    return is_in_range(made) ? std::optional{made} : std::nullopt;
}

struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
};

constexpr std::array<Unit, 8> units{{
    {"ms", 1'000'000},
    {"us", 1'000},
    {"µs", 1'000},
    {"μs", 1'000},
    {"ns", 1},
    {"h", 3'600 * billion},
    {"m", 60 * billion},
    {"s", billion},
}};

/// One "1.5h" at the front of `text`, in nanoseconds; nothing when there is none or it is too
/// large.
std::optional<std::int64_t> read_duration_part(std::string_view& text) {
    std::int64_t whole = 0;
    std::int64_t fraction = 0;
    std::int64_t scale = 1;
    std::size_t digits = 0;
    const auto next_digit = [&text] {
        return !text.empty() && text.front() >= '0' && text.front() <= '9';
    };
    for (; next_digit(); text.remove_prefix(1), ++digits) {
        if (__builtin_mul_overflow(whole, 10, &whole)
            || __builtin_add_overflow(whole, text.front() - '0', &whole)) {
            return std::nullopt;
        }
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        for (; next_digit(); text.remove_prefix(1), ++digits) {
            if (scale < billion) {
                fraction = fraction * 10 + (text.front() - '0');
                scale *= 10;
            }
        }
    }
    const auto* unit = std::find_if(units.begin(), units.end(), [&text](const Unit& one) {
        return text.starts_with(one.name);
    });
    if (digits == 0 || unit == units.end()) {
        return std::nullopt;
    }
    text.remove_prefix(unit->name.size());
    std::int64_t total = 0;
    if (__builtin_mul_overflow(whole, unit->nanoseconds, &total)) {
        return std::nullopt;
    }
    // At most 10^9 · 3600 · 10^9 / 10^9: the factors are divided first where that loses nothing.
    const std::int64_t part = unit->nanoseconds >= scale ? fraction * (unit->nanoseconds / scale)
                                                         : fraction * unit->nanoseconds / scale;
    if (__builtin_add_overflow(total, part, &total)) {
        return std::nullopt;
    }
    return total;
}

bool is_zone_name(std::string_view name) {
    const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || c == '_' || c == '/' || c == '+' || c == '-';
    });
    return is_plain && !name.empty() && name.size() <= 64 && name.front() != '/';
}

} // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
    Reader reader{text};
    std::int64_t seconds = read_date(reader);
    reader.expect("Tt");
    const int hour = reader.number(2);
    reader.expect(":");
    const int minute = reader.number(2);
    reader.expect(":");
    const int second = reader.number(2);
    const std::int32_t fraction = reader.take('.') ? read_fraction(reader) : 0;
    seconds += hour * 3600 + minute * 60 + second - read_offset(reader);
    const Timestamp made{seconds, fraction};
    const bool is_clock = hour <= 23 && minute <= 59 && second <= 59;
    return reader.is_finished() && is_clock && is_in_range(made) ? std::optional{made}
                                                                 : std::nullopt;
}

std::optional<Timestamp> parse_civil_date(std::string_view text) {
    Reader reader{text};
    const std::int64_t seconds = read_date(reader);
    return reader.is_finished() ? std::optional{Timestamp{seconds, 0}} : std::nullopt;
}

std::string to_string(const Timestamp& timestamp) {
    const std::chrono::sys_seconds moment{std::chrono::seconds{timestamp.seconds}};
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date{day};
    const std::int64_t clock = (moment - day).count();
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock / 3600,
        clock / 60 % 60,
        clock % 60,
        fraction_digits(timestamp.nanoseconds)
    );
}

bool is_in_range(const Timestamp& timestamp) {
    return timestamp.seconds >= first_second && timestamp.seconds <= last_second;
}

std::optional<Duration> parse_duration(std::string_view text) {
    const bool is_negative = text.starts_with('-');
    if (is_negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (text == "0") {
        return Duration{};
    }
    std::int64_t total = 0;
    do {
        const std::optional<std::int64_t> part = read_duration_part(text);
        if (!part || __builtin_add_overflow(total, *part, &total)) {
            return std::nullopt;
        }
    } while (!text.empty());
    return from_nanoseconds(is_negative ? -total : total);
}

std::string to_string(const Duration& duration) {
    const bool is_negative = duration.seconds < 0 || duration.nanoseconds < 0;
    const std::int64_t nanoseconds = is_negative ? -duration.nanoseconds : duration.nanoseconds;
    const std::int64_t seconds = is_negative ? -duration.seconds : duration.seconds;
    return fmt::format("{}{}{}s", is_negative ? "-" : "", seconds, fraction_digits(nanoseconds));
}

std::optional<std::int64_t> to_nanoseconds(const Duration& duration) {
    std::int64_t total = 0;
    if (__builtin_mul_overflow(duration.seconds, billion, &total)
        || __builtin_add_overflow(total, duration.nanoseconds, &total)) {
        return std::nullopt;
    }
    return total;
}

Duration from_nanoseconds(std::int64_t nanoseconds) {
    return Duration{nanoseconds / billion, static_cast<std::int32_t>(nanoseconds % billion)};
}

std::optional<Timestamp> add(const Timestamp& timestamp, const Duration& duration) {
    std::int64_t seconds = 0;
    if (__builtin_add_overflow(timestamp.seconds, duration.seconds, &seconds)) {
        return std::nullopt;
    }
    return normalised(seconds, std::int64_t{timestamp.nanoseconds} + duration.nanoseconds);
}

std::optional<Timestamp> subtract(const Timestamp& timestamp, const Duration& duration) {
    std::int64_t seconds = 0;
    if (__builtin_sub_overflow(timestamp.seconds, duration.seconds, &seconds)) {
        return std::nullopt;
    }
    return normalised(seconds, std::int64_t{timestamp.nanoseconds} - duration.nanoseconds);
}

std::optional<Duration> subtract(const Timestamp& later, const Timestamp& earlier) {
    std::int64_t seconds = 0;
    std::int64_t total = 0;
    if (__builtin_sub_overflow(later.seconds, earlier.seconds, &seconds)
        || __builtin_mul_overflow(seconds, billion, &total)
        || __builtin_add_overflow(total, later.nanoseconds - earlier.nanoseconds, &total)) {
        return std::nullopt;
    }
    return from_nanoseconds(total);
}

std::optional<Duration> add(const Duration& a, const Duration& b) {
    const auto left = to_nanoseconds(a);
    const auto right = to_nanoseconds(b);
    std::int64_t total = 0;
    if (!left || !right || __builtin_add_overflow(*left, *right, &total)) {
        return std::nullopt;
    }
    return from_nanoseconds(total);
}

std::optional<Duration> subtract(const Duration& a, const Duration& b) {
    const auto left = to_nanoseconds(a);
    const auto right = to_nanoseconds(b);
    std::int64_t total = 0;
    if (!left || !right || __builtin_sub_overflow(*left, *right, &total)) {
        return std::nullopt;
    }
    return from_nanoseconds(total);
}

Date to_date(const Timestamp& timestamp) {
    const std::chrono::local_seconds moment{std::chrono::seconds{timestamp.seconds}};
    return std::chrono::floor<std::chrono::days>(moment);
}

Timestamp to_timestamp(Date date) {
    return Timestamp{std::int64_t{to_day_number(date)} * seconds_per_day, 0};
}

std::optional<std::int64_t> utc_offset_seconds(const Timestamp& timestamp, std::string_view zone) {
    if (zone == "UTC" || zone == "Z") {
        return 0;
    }
    const std::string_view digits =
        zone.starts_with('-') || zone.starts_with('+') ? zone.substr(1) : zone;
    if (!digits.empty() && digits.front() >= '0' && digits.front() <= '9') {
        const std::string signed_offset = (zone.starts_with('-') ? "-" : "+") + std::string{digits};
        Reader reader{signed_offset};
        const std::int64_t offset = read_offset(reader);
        return reader.is_finished() ? std::optional{offset} : std::nullopt;
    }
    cctz::time_zone loaded;
    if (!is_zone_name(zone) || !cctz::load_time_zone(std::string{zone}, &loaded)) {
        return std::nullopt;
    }
    const cctz::time_point<cctz::seconds> moment{cctz::seconds{timestamp.seconds}};
    return loaded.lookup(moment).offset;
}

} // namespace reviewd::cel
