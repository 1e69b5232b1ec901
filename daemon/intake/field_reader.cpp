#include "daemon/intake/field_reader.hpp"

#include "daemon/intake/decimal.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace reviewd::intake {
namespace {

constexpr double no_rate = 1;
/// Amounts and whole numbers up to here are exact as doubles, which rules count in.
constexpr std::int64_t largest = 9'000'000'000'000'000;
constexpr std::string_view too_large = "the number is too large";
constexpr std::string_view too_large_whole =
    "the number is too large: whole numbers go up to 9000000000000000; if it is rather a name, "
    "such as an account number, take a column of type text";

bool is_exact(std::int64_t number) {
    return number >= -largest && number <= largest;
}

std::optional<int> power_of_ten(double scale) {
    double power = 1;
    for (int exponent = 0; exponent <= 12; ++exponent, power *= 10) {
        if (scale == power) {
            return exponent;
        }
    }
    return std::nullopt;
}

double units(int minor_digits) {
    constexpr std::array<double, 5> powers{1, 10, 100, 1000, 10'000};
    return powers.at(static_cast<std::size_t>(minor_digits));
}

bool equals_in_any_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c =
            text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 0x20) : text[i];
        if (c != lower[i]) {
            return false;
        }
    }
    return true;
}

std::optional<bool> to_boolean(std::string_view text) {
    for (const std::string_view word : {"true", "yes", "1"}) {
        if (equals_in_any_case(text, word)) {
            return true;
        }
    }
    for (const std::string_view word : {"false", "no", "0"}) {
        if (equals_in_any_case(text, word)) {
            return false;
        }
    }
    return std::nullopt;
}

bool has_breaks(std::string_view text) {
    return text.find_first_of("\t\r\n") != std::string_view::npos;
}

/// Control characters other than line ends and tabs.
bool has_other_controls(std::string_view text) {
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
        if (has_controls(text.substr(begin, end - begin))) {
            return true;
        }
        begin = end + 1;
    }
    return false;
}

/// A date, or a moment's day.
std::optional<Date> to_date(const cel::Timestamp& time) {
    const std::chrono::sys_seconds seconds{std::chrono::seconds{time.seconds}};
    const auto days = std::chrono::floor<std::chrono::days>(seconds);
    const Date date{days.time_since_epoch()};
    return date < first_date || date > last_date ? std::nullopt : std::optional{date};
}

} // namespace

FieldReader::FieldReader(const FieldFormat& format, DatePattern date)
    : format_(format), date_(std::move(date)), scale_shift_(power_of_ten(format.scale)) {
    REVIEWD_ASSERT(std::isfinite(format.scale) && format.scale != 0);
}

Result<FieldReader> FieldReader::make(const FieldFormat& format) {
    Result<DatePattern> date = DatePattern::compile(format.date_format);
    if (!date) {
        return date.error();
    }
    return FieldReader{format, *std::move(date)};
}

bool FieldReader::refuse(std::string why) {
    why_ = std::move(why);
    return false;
}

bool FieldReader::read(std::string_view text, Bytes bytes, double rate, store::Field& to) {
    switch (format_.type) {
    case rules::ColumnType::text:
        return read_text(text, bytes, to);
    case rules::ColumnType::integer:
        return read_integer(text, to);
    case rules::ColumnType::number:
        return read_number(text, to);
    case rules::ColumnType::money:
        return read_money(text, rate, to);
    case rules::ColumnType::date:
        return read_date(text, to);
    case rules::ColumnType::boolean:
        return read_boolean(text, to);
    }
    return false;
}

bool FieldReader::read_text(std::string_view text, Bytes bytes, store::Field& to) {
    if (text.size() > format_.most_bytes) {
        return refuse(
            fmt::format("a text of {} bytes; at most {} are kept", text.size(), format_.most_bytes)
        );
    }
    if (bytes == Bytes::utf8) {
        if (format_.breaks == FieldFormat::Breaks::refused && has_breaks(text)) {
            return refuse("a line break or a tab; only notes may have one");
        }
        if (has_other_controls(text)) {
            return refuse("a control character, which no text should have");
        }
    }
    if (auto* kept = std::get_if<std::string>(&to)) {
        kept->assign(text);
    } else {
        to.emplace<std::string>(text);
    }
    return true;
}

bool FieldReader::read_integer(std::string_view text, store::Field& to) {
    const std::optional<Decimal> value = parse_decimal(text, format_.decimal);
    if (!value) {
        return refuse(why_no_decimal(text, format_.decimal, Places::none));
    }
    if (!scale_shift_) {
        return take_integer(to_double(*value) * format_.scale, to);
    }
    const std::optional<std::int64_t> whole = shifted(*value, *scale_shift_);
    if (!whole || !is_exact(*whole)) {
        return refuse(std::string{too_large_whole});
    }
    // What was rounded is not what was written.
    const std::optional<std::int64_t> back =
        value->places > *scale_shift_ ? shifted(
            {static_cast<std::uint64_t>(std::abs(*whole)), 0, false}, value->places - *scale_shift_
        )
                                      : std::nullopt;
    if (back && static_cast<std::uint64_t>(*back) != value->digits) {
        return refuse("expected a whole number");
    }
    to = *whole;
    return true;
}

bool FieldReader::read_number(std::string_view text, store::Field& to) {
    const std::optional<Decimal> value = parse_decimal(text, format_.decimal);
    if (!value) {
        return refuse(why_no_decimal(text, format_.decimal, Places::some));
    }
    return take_number(to_double(*value) * format_.scale, to);
}

bool FieldReader::read_money(std::string_view text, double rate, store::Field& to) {
    const std::optional<Decimal> value = parse_decimal(text, format_.decimal);
    if (!value) {
        return refuse(why_no_decimal(text, format_.decimal, Places::some));
    }
    if (rate != no_rate || !scale_shift_) {
        return take_money(to_double(*value) * format_.scale * rate, to);
    }
    const std::optional<std::int64_t> minor = shifted(*value, format_.minor_digits + *scale_shift_);
    if (!minor || !is_exact(*minor)) {
        return refuse(std::string{too_large});
    }
    to = Money{*minor};
    return true;
}

bool FieldReader::read_date(std::string_view text, store::Field& to) {
    const std::optional<Date> date = date_.parse(text);
    if (!date) {
        return refuse(date_.why_no_date(text));
    }
    to = *date;
    return true;
}

bool FieldReader::read_boolean(std::string_view text, store::Field& to) {
    const std::optional<bool> value = to_boolean(text);
    if (!value) {
        return refuse("expected true, false, yes, no, 1 or 0; other words need `aliases`");
    }
    to = *value;
    return true;
}

bool FieldReader::take_integer(double value, store::Field& to) {
    if (value != std::floor(value)) {
        return refuse("expected a whole number");
    }
    if (std::abs(value) > static_cast<double>(largest)) {
        return refuse(std::string{too_large_whole});
    }
    to = static_cast<std::int64_t>(value);
    return true;
}

bool FieldReader::take_number(double value, store::Field& to) {
    if (!std::isfinite(value)) {
        return refuse("expected a number that is finite");
    }
    to = value;
    return true;
}

bool FieldReader::take_money(double major, store::Field& to) {
    const double minor = std::round(major * units(format_.minor_digits));
    if (!(std::abs(minor) <= static_cast<double>(largest))) {
        return refuse(std::string{too_large});
    }
    to = Money{static_cast<std::int64_t>(minor)};
    return true;
}

bool FieldReader::accept(const cel::Value& value, store::Field& to) {
    if (value.is_null()) {
        to = std::monostate{};
        return true;
    }
    if (const auto* problem = value.get_if<cel::EvaluationError>()) {
        return refuse(problem->message);
    }
    if (const auto* text = value.get_if<std::string>()) {
        if (text->empty()) {
            to = std::monostate{};
            return true;
        }
        return read(*text, Bytes::utf8, no_rate, to);
    }
    std::optional<double> number;
    if (const auto* whole = value.get_if<std::int64_t>()) {
        number = static_cast<double>(*whole);
    } else if (const auto* unsigned_whole = value.get_if<std::uint64_t>()) {
        number = static_cast<double>(*unsigned_whole);
    } else if (const auto* real = value.get_if<double>()) {
        number = *real;
    }
    const auto* boolean = value.get_if<bool>();
    const auto* time = value.get_if<cel::Timestamp>();
    switch (format_.type) {
    case rules::ColumnType::integer:
        return number ? take_integer(*number * format_.scale, to)
                      : refuse("the expression gives no number");
    case rules::ColumnType::number:
        return number ? take_number(*number * format_.scale, to)
                      : refuse("the expression gives no number");
    case rules::ColumnType::money:
        return number ? take_money(*number * format_.scale, to)
                      : refuse("the expression gives no amount");
    case rules::ColumnType::boolean:
        if (boolean == nullptr) {
            return refuse("the expression gives neither yes nor no");
        }
        to = *boolean;
        return true;
    case rules::ColumnType::date:
        if (const auto date = time == nullptr ? std::nullopt : to_date(*time)) {
            to = *date;
            return true;
        }
        return refuse("the expression gives no date between 1900 and 2199");
    case rules::ColumnType::text:
        return refuse("the expression gives no text; string(…) makes one");
    }
    return false;
}

} // namespace reviewd::intake
