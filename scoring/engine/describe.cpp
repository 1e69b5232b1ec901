#include "scoring/base/currency.hpp"
#include "scoring/base/money.hpp"
#include "scoring/base/text.hpp"
#include "scoring/engine/ledger_text.hpp"
#include "scoring/engine/timeline.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace reviewd::engine {
namespace {

constexpr std::array<std::string_view, 12> short_months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// "1234567" as "1,234,567"; a sign and a fraction stay where they are. Four digits stay as they
/// are: they may well be a year.
std::string grouped(std::string digits) {
    const std::size_t begin = digits.starts_with('-') ? 1 : 0;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    if (point - begin < 5) {
        return digits;
    }
    for (std::size_t at = point; at > begin + 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

/// At most three decimal places, none that are zero; of less than those hold two digits.
std::string describe_number(double number) {
    if (std::isinf(number)) {
        return number > 0 ? "endless" : "endless, below zero";
    }
    constexpr double largest = 1e15;
    if (std::fabs(number) >= largest) {
        return fmt::format("{:g}", number);
    }
    constexpr double smallest = 0.0005; // what is not zero must not read as zero
    if (number != 0 && std::fabs(number) < smallest) {
        return fmt::format("{:.2g}", number);
    }
    std::string text = fmt::format("{:.3f}", number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) {
        text.pop_back();
    }
    return text == "-0" ? "0" : grouped(std::move(text));
}

std::string describe_money(double amount, const Currency& currency) {
    constexpr double largest = 9e14;
    if (!(std::fabs(amount) <= largest)) {
        return fmt::format("{} {}", currency.code, describe_number(amount));
    }
    const int digits = currency.minor_digits;
    const std::int64_t minor = std::llround(amount * std::pow(10, digits));
    return fmt::format("{} {}", currency.code, to_string(Money{minor}, digits));
}

std::string describe_list(const cel::List& list) {
    if (list.empty()) {
        return "none";
    }
    std::string text;
    for (const cel::Value& element : list) {
        const std::string* word = element.get_if<std::string>();
        text += text.empty() ? "" : ", ";
        text += escape_controls(word != nullptr ? *word : cel::to_string(element));
    }
    return text;
}

} // namespace

std::string full_date(Date date) {
    const std::chrono::year_month_day day{date};
    const std::string_view month = short_months.at(static_cast<unsigned>(day.month()) - 1);
    return fmt::format(
        "{} {} {}", static_cast<unsigned>(day.day()), month, static_cast<int>(day.year())
    );
}

std::string short_date(Date date, Date today) {
    const std::chrono::year_month_day day{date};
    const std::string text = full_date(date);
    const bool is_same_year = day.year() == std::chrono::year_month_day{today}.year();
    return is_same_year ? text.substr(0, text.rfind(' ')) : text;
}

std::string describe_fact(
    const rules::Fact& fact, const cel::Value& value, const Currency& currency
) {
    if (value.is_unknown() || value.is_null()) {
        return "missing";
    }
    if (const bool* answer = value.get_if<bool>()) {
        return *answer ? "yes" : "no";
    }
    if (const std::int64_t* integer = value.get_if<std::int64_t>()) {
        return grouped(std::to_string(*integer));
    }
    if (const double* real = value.get_if<double>()) {
        return fact.type == rules::FactType::money ? describe_money(*real, currency)
                                                   : describe_number(*real);
    }
    if (const std::string* text = value.get_if<std::string>()) {
        return escape_controls(*text);
    }
    if (const std::optional<Date> date = to_date(value)) {
        return full_date(*date);
    }
    if (const auto* list = value.get_if<std::shared_ptr<const cel::List>>()) {
        return describe_list(**list);
    }
    return escape_controls(cel::to_string(value));
}

} // namespace reviewd::engine
