#include "daemon/message/form_mistake.hpp"

#include "scoring/base/assert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace reviewd::message {
namespace {

using Kind = FormMistake::Kind;

struct MistakeWords {
    Kind kind;
    std::string_view english, bengali;
};

constexpr std::array all_words{
    MistakeWords{Kind::nothing_chosen, "Choose what happened.", "কী হয়েছে তা বেছে নিন।"},
    MistakeWords{
        Kind::foreign_field,
        "The form has a field that does not belong to it.",
        "ফর্মে এমন একটি ঘর আছে যা এর নয়।"},
    MistakeWords{
        Kind::no_text, "The form holds something that is no text.", "ফর্মে এমন কিছু আছে যা লেখা নয়।"},
    MistakeWords{
        Kind::held_day_missing,
        "Say on which day the review was held.",
        "পর্যালোচনা কোন দিন হয়েছে তা লিখুন।"},
    MistakeWords{
        Kind::held_day_taken,
        "A review is recorded for {day} already.",
        "{day} তারিখের একটি পর্যালোচনা আগেই লেখা হয়েছে।"},
    MistakeWords{
        Kind::held_day_impossible,
        "{day} is too long ago for this review.",
        "{day} এই পর্যালোচনার জন্য অনেক আগের।"},
    MistakeWords{
        Kind::reminder_day_missing,
        "Choose the day of the next reminder.",
        "পরের বার কোন দিন মনে করানো হবে তা বেছে নিন।"},
    MistakeWords{
        Kind::reminder_day_over,
        "The next reminder comes on {limit} at the earliest.",
        "পরের বার মনে করানো যাবে {limit} বা তার পরে।"},
    MistakeWords{
        Kind::reminder_day_late,
        "A reminder can wait until {limit}, not until {day}. Choose another day for the review "
        "instead.",
        "মনে করানো {limit} পর্যন্ত পিছিয়ে দেওয়া যায়, {day} পর্যন্ত নয়। তার বদলে পর্যালোচনার অন্য দিন ঠিক করুন।"},
    MistakeWords{Kind::due_day_missing, "Choose the new day.", "নতুন দিন বেছে নিন।"},
    MistakeWords{
        Kind::due_day_over,
        "{day} is over. Choose a day from today on.",
        "{day} পেরিয়ে গেছে। আজ বা তার পরের কোনো দিন বেছে নিন।"},
    MistakeWords{
        Kind::due_day_free,
        "{day} is no working day. The next one is {limit}.",
        "{day} কাজের দিন নয়। পরের কাজের দিন {limit}।"},
    MistakeWords{
        Kind::due_day_too_far,
        "{day} is too far ahead. Choose a day until {limit}.",
        "{day} অনেক দূরে। {limit} পর্যন্ত কোনো দিন বেছে নিন।"},
    MistakeWords{
        Kind::due_day_without_reason,
        "{day} is after {limit}, the latest day. Say why.",
        "{day} সর্বশেষ দিনের ({limit}) পরে। কারণ লিখুন।"},
};

constexpr MistakeWords day_to_come{
    Kind::held_day_impossible, "{day} is still to come.", "{day} এখনো আসেনি।"};

/// @param today where the reader is, who may be a day off the owner; today itself is impossible
/// only where the owner does not have it yet
const MistakeWords& words_of(const FormMistake& mistake, Date today) {
    if (mistake.kind == Kind::held_day_impossible && mistake.day >= today) {
        return day_to_come;
    }
    const auto* const words =
        std::find_if(all_words.begin(), all_words.end(), [&](const auto& each) {
            return each.kind == mistake.kind;
        });
    REVIEWD_ASSERT(words != all_words.end());
    return *words;
}

} // namespace

std::string mistake_text(const FormMistake& mistake, Date today, const Habits& habits) {
    const std::string day = show_date(mistake.day, today, habits);
    const std::string limit = show_date(mistake.limit, today, habits);
    const MistakeWords& words = words_of(mistake, today);
    return fmt::format(
        fmt::runtime(habits.language == "bn" ? words.bengali : words.english),
        fmt::arg("day", day),
        fmt::arg("limit", limit)
    );
}

std::string unusual_mistake_text(const std::string& detail, const Habits& habits) {
    const bool is_bengali = habits.language == "bn";
    return fmt::format(
        "{} {}", is_bengali ? "ফর্মটি নেওয়া গেল না:" : "The form cannot be taken:", detail
    );
}

} // namespace reviewd::message
