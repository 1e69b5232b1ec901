#pragma once

#include "daemon/message/habits.hpp"
#include "scoring/base/date.hpp"

#include <string>

namespace reviewd::message {

/// What is wrong with a form that somebody sent.
struct FormMistake {
    enum class Kind {
        nothing_chosen,
        foreign_field, ///< only a form that is not ours has one
        no_text,       ///< bytes that are no UTF-8
        held_day_missing,
        held_day_taken,      ///< the review before it is recorded as held on that day
        held_day_impossible, ///< still to come, or before what is known already
        reminder_day_missing,
        reminder_day_over,
        reminder_day_late, ///< after `limit`, until which a reminder may wait
        due_day_missing,
        due_day_over,
        due_day_free,           ///< no working day; the next one is `limit`
        due_day_too_far,        ///< after `limit`, the last one that may be chosen
        due_day_without_reason, ///< after `limit`, the latest day
    } kind = Kind::nothing_chosen;
    Date day{}; ///< that was chosen
    Date limit{};
};

/// A sentence for the person who sent it, in their language.
[[nodiscard]] std::string mistake_text(
    const FormMistake& mistake, Date today, const Habits& habits
);

/// The same for what only a form that is not ours can hold: `detail` says it in English.
[[nodiscard]] std::string unusual_mistake_text(const std::string& detail, const Habits& habits);

} // namespace reviewd::message
