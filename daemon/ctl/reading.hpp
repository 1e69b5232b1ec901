#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace reviewd::ctl {

// Reading of answers: what is null or absent reads as empty or 0, so that an older daemon's answer
// is shown as far as it goes.

/// A member, or null.
[[nodiscard]] const boost::json::value& member(
    const boost::json::value& object, std::string_view name
);
/// Text, a number as people write it, or an empty string.
[[nodiscard]] std::string text(const boost::json::value& object, std::string_view name);
[[nodiscard]] std::int64_t number(const boost::json::value& object, std::string_view name);
/// A number that may have a fraction.
[[nodiscard]] double real(const boost::json::value& object, std::string_view name);
[[nodiscard]] bool is_true(const boost::json::value& object, std::string_view name);
/// The elements of a member that is a list; none otherwise.
[[nodiscard]] const boost::json::array& list(
    const boost::json::value& object, std::string_view name
);
/// "2026-11-20 06:00" of a moment; UTC.
[[nodiscard]] std::string moment(const boost::json::value& object, std::string_view name);
/// Why the last reload failed, and what to do, out of `daemon` of `status`; empty when it did not.
struct ReloadTrouble {
    std::string found;
    std::string remedy;
};
[[nodiscard]] ReloadTrouble reload_trouble(const boost::json::value& daemon);
/// Until when a channel whose own `per_day:` is reached waits, out of `paused` of `status`.
[[nodiscard]] std::string limit_words(const boost::json::value& paused);
/// "review:7", by which every command finds the review: 7 alone may be an account's key as well.
[[nodiscard]] std::string review_named(const boost::json::value& review);

/// Says below a list that `--limit` left rows out. Nothing when it has all.
/// @param what "deliveries"
void note_if_cut(const boost::json::value& answer, std::string_view what, const Terminal& terminal);

/// What is wrong with a day written on the command line, or an empty text; an empty day is none. As
/// a check of an option it is told with the option's name.
[[nodiscard]] std::string day_problem(const std::string& written);

/// What is wrong with a name written on the command line, or an empty text: an empty name would
/// stand for everybody, where a variable of a script was not set. A check as day_problem.
[[nodiscard]] std::string name_problem(const std::string& written);

} // namespace reviewd::ctl
