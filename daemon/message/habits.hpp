#pragma once

// daemon/message: what people read, composed from values: mails and their subjects, and the JSON
// that machines get instead. Reads no clock and no database; of files only the templates of one
// directory. Includes scoring/*, config/loader and daemon/review.

#include "scoring/base/currency.hpp"
#include "scoring/base/date.hpp"
#include "scoring/rules/rule_set.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reviewd::message {

enum class DateStyle {
    day_month, ///< 27 Nov
    month_day, ///< Nov 27
    iso,       ///< 2026-11-27
};

enum class NumberStyle {
    comma_point, ///< 42,000.50
    point_comma, ///< 42.000,50
    space_comma, ///< 42 000,50, with a space that does not break
};

/// How a person reads: the language of the words, and the form of days and numbers.
struct Habits {
    std::string language = "en"; ///< "bn" has its own words and digits; others read English
    DateStyle dates = DateStyle::day_month;
    NumberStyle numbers = NumberStyle::comma_point;
};

/// What is usual in a language: "en", "en-US", "bn", "de" … An unknown one gets English.
[[nodiscard]] Habits habits_of(std::string_view language);

/// "27 Nov", with the year when it is not that of `today`.
[[nodiscard]] std::string show_date(Date date, Date today, const Habits& habits);

/// The digits of the language in place of 0 … 9; everything else stays.
[[nodiscard]] std::string show_digits(std::string_view text, const Habits& habits);
/// A count in these digits.
[[nodiscard]] std::string show_count(std::int64_t number, const Habits& habits);

/// "73", "-2.5".
[[nodiscard]] std::string show_points(rules::Points points, const Habits& habits);
/// "+45", "-2.5".
[[nodiscard]] std::string show_signed_points(rules::Points points, const Habits& habits);

/// A fact's value as the person reads it: "EUR 42,000", "16 Oct 2026", "yes"; numbers that are no
/// money with one decimal, below 1 with two.
[[nodiscard]] std::string show_fact(
    const rules::Fact& fact, const cel::Value& value, const Currency& currency, const Habits& habits
);

/// The text in the language, else in English, else in any; empty when there is none.
[[nodiscard]] std::string text_in(const rules::Texts& texts, const std::string& language);

} // namespace reviewd::message
