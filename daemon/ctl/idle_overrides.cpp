#include "daemon/ctl/idle_overrides.hpp"

#include "daemon/ctl/reading.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <string_view>

namespace reviewd::ctl {

namespace {

constexpr std::size_t most_named = 3;

/// @param which what the rules are called: "rules v3"
/// @param decides what the score does for these accounts
std::string idle_overrides(
    std::string_view which, std::string_view decides, const boost::json::array& overrides
) {
    std::string named;
    for (std::size_t i = 0; i < overrides.size() && i < most_named; ++i) {
        const boost::json::value& one = overrides[i];
        named += fmt::format(
            "{}{} ({} until {})",
            i == 0 ? "" : ", ",
            text(member(one, "account"), "key"),
            text(one, "level"),
            text(one, "until")
        );
    }
    if (overrides.size() > most_named) {
        named += fmt::format(", and {} more", overrides.size() - most_named);
    }
    return overrides.empty()
               ? std::string{}
               : fmt::format(
                   "{} do not have a level that was set, so the score {}: {}; `reviewctl override "
                   "ACCOUNT LEVEL --until DAY --because \"…\"` sets another, `reviewctl override "
                   "ACCOUNT --remove` takes it back",
                   which,
                   decides,
                   named
               );
}

} // namespace

std::string idle_overrides_in_force(const boost::json::value& answer) {
    return idle_overrides("the rules in force", "decides", list(answer, "overrides_idle"));
}

std::string idle_overrides_of_waiting(const boost::json::value& waiting) {
    const std::string which = "rules " + text(waiting, "version");
    const std::string_view decides = "would decide once they are in force";
    return idle_overrides(which, decides, list(waiting, "overrides_idle"));
}

} // namespace reviewd::ctl
