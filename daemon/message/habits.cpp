#include "daemon/message/habits.hpp"

#include "scoring/base/text.hpp"
#include "scoring/engine/ledger_text.hpp"
#include "scoring/engine/timeline.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace reviewd::message {
namespace {

using MonthNames = std::array<std::string_view, 12>;

constexpr MonthNames english_months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr MonthNames bengali_months{
    "জানু",
    "ফেব্রু",
    "মার্চ",
    "এপ্রিল",
    "মে",
    "জুন",
    "জুলাই",
    "আগস্ট",
    "সেপ্টে",
    "অক্টো",
    "নভে",
    "ডিসে",
};
constexpr std::array<std::string_view, 10> bengali_digits{
    "০", "১", "২", "৩", "৪", "৫", "৬", "৭", "৮", "৯"};

constexpr std::string_view narrow_space = "\xE2\x80\xAF";

bool is_bengali(const Habits& habits) {
    return habits.language == "bn";
}

/// Commas and points, as they stand in a number, in the person's style.
std::string restyled(const std::string& number, NumberStyle style) {
    if (style == NumberStyle::comma_point) {
        return number;
    }
    std::string text;
    for (const char c : number) {
        if (c == '.') {
            text += ',';
        } else if (c == ',') {
            text += style == NumberStyle::point_comma ? "." : narrow_space;
        } else {
            text += c;
        }
    }
    return text;
}

std::string show_number(const std::string& number, const Habits& habits) {
    return show_digits(restyled(number, habits.numbers), habits);
}

std::string full_date(Date date, const Habits& habits) {
    if (habits.dates == DateStyle::iso) {
        return to_string(date);
    }
    const std::chrono::year_month_day day{date};
    const MonthNames& months = is_bengali(habits) ? bengali_months : english_months;
    const std::string_view month = months.at(static_cast<unsigned>(day.month()) - 1);
    const auto number = static_cast<unsigned>(day.day());
    const int year = static_cast<int>(day.year());
    const std::string text = habits.dates == DateStyle::day_month
                                 ? fmt::format("{} {} {}", number, month, year)
                                 : fmt::format("{} {} {}", month, number, year);
    return show_digits(text, habits);
}

/// What a person needs of a number that is no money: nobody plans by "1.677 months".
double rounded(double number) {
    const double parts = std::abs(number) < 1 ? 100 : 10;
    return std::round(number * parts) / parts;
}

} // namespace

Habits habits_of(std::string_view language) {
    const std::string base = lower_case(language.substr(0, language.find_first_of("-_")));
    Habits habits;
    habits.language = base.empty() ? "en" : base;
    if (language == "en-US" || language == "en_US") {
        habits.dates = DateStyle::month_day;
    }
    if (base == "de" || base == "es" || base == "it" || base == "nl" || base == "pt") {
        habits.numbers = NumberStyle::point_comma;
    } else if (base == "fr" || base == "pl" || base == "sv" || base == "cs") {
        habits.numbers = NumberStyle::space_comma;
    }
    return habits;
}

std::string show_date(Date date, Date today, const Habits& habits) {
    const std::string text = full_date(date, habits);
    const std::chrono::year_month_day day{date};
    const bool is_same_year = day.year() == std::chrono::year_month_day{today}.year();
    if (habits.dates == DateStyle::iso || !is_same_year) {
        return text;
    }
    return text.substr(0, text.rfind(' '));
}

std::string show_digits(std::string_view text, const Habits& habits) {
    if (!is_bengali(habits)) {
        return std::string{text};
    }
    std::string shown;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            shown += bengali_digits.at(static_cast<std::size_t>(c - '0'));
        } else {
            shown += c;
        }
    }
    return shown;
}

std::string show_count(std::int64_t number, const Habits& habits) {
    return show_digits(std::to_string(number), habits);
}

std::string show_points(rules::Points points, const Habits& habits) {
    return show_number(engine::plain_points(points), habits);
}

std::string show_signed_points(rules::Points points, const Habits& habits) {
    return show_number(engine::signed_points(points), habits);
}

std::string show_fact(
    const rules::Fact& fact, const cel::Value& value, const Currency& currency, const Habits& habits
) {
    if (const std::optional<Date> date = engine::to_date(value)) {
        return full_date(*date, habits);
    }
    const bool* answer = value.get_if<bool>();
    if (answer != nullptr && is_bengali(habits)) {
        return *answer ? "হ্যাঁ" : "না";
    }
    const double* real = value.get_if<double>();
    const bool is_rounded = real != nullptr && fact.type != rules::FactType::money;
    const cel::Value shown = is_rounded ? cel::Value::of(rounded(*real)) : value;
    std::string text = engine::describe_fact(fact, shown, currency);
    const bool is_number = real != nullptr || value.get_if<std::int64_t>() != nullptr;
    return is_number ? show_number(text, habits) : text;
}

std::string text_in(const rules::Texts& texts, const std::string& language) {
    for (const std::string& wanted : {language, std::string{"en"}}) {
        const auto found = texts.find(wanted);
        if (found != texts.end()) {
            return found->second;
        }
    }
    return texts.empty() ? std::string{} : texts.begin()->second;
}

} // namespace reviewd::message
