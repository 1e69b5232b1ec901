#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace reviewd::ctl {

/// Reviews (shape `review`) as a table.
[[nodiscard]] std::string review_table(const boost::json::array& reviews, const Screen& screen);

/// Promises (shape `promise`) in sentences, each with the command that notes it as kept; empty when
/// there is none.
[[nodiscard]] std::string promise_page(const boost::json::array& promises, const Screen& screen);

/// "due 2026-12-10"; of a day beyond the latest one that nobody chose, that it may not stay: a
/// command gives the one review a free day, and the plan of all follows it.
/// @param review shape `review`
[[nodiscard]] std::string due_words(const boost::json::value& review);

/// What may be a slip in an appointment that was just made; it stands all the same.
/// @param answer with `review` and maybe `is_day_full`
/// @param time HH:MM that was asked for; empty: none
[[nodiscard]] std::vector<std::string> appointment_doubts(
    const boost::json::value& answer, const std::string& time
);

/// What became of a review, the one that follows, and what a person should know of it.
/// @param answer of a command that changes one review @param time as above
[[nodiscard]] std::string change_page(const boost::json::value& answer, const std::string& time);

/// What was done (list `trail` of the shape `trail`) as a table, in the order of the answer.
[[nodiscard]] std::string trail_table(const boost::json::array& trail, const Screen& screen);

} // namespace reviewd::ctl
