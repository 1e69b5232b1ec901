#include "daemon/ctl/idle_overrides.hpp"

#include "daemon/ctl/reading.hpp"

#include <fmt/format.h>

namespace reviewd::ctl {

namespace {

constexpr std::size_t most_named = 3;

} // namespace

std::string idle_overrides(std::string_view which, const boost::json::array& overrides) {
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
                   "{} do not have a level that was set, so the score decides: {}; `reviewctl "
                   "override ACCOUNT LEVEL` sets another, `--remove` takes it back",
                   which,
                   named
               );
}

std::string idle_overrides_in_force(const boost::json::value& answer) {
    return idle_overrides("the rules in force", list(answer, "overrides_idle"));
}

std::string idle_overrides_of_waiting(const boost::json::value& waiting) {
    const std::string which = "rules " + text(waiting, "version");
    return idle_overrides(which, list(waiting, "overrides_idle"));
}

} // namespace reviewd::ctl
