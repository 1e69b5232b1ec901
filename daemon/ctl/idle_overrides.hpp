#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace reviewd::ctl {

/// What a person has to know of levels that were set and that the rules in force do not have, and
/// what to do; empty when there are none.
/// @param answer of `status` and others that list them
[[nodiscard]] std::string idle_overrides_in_force(const boost::json::value& answer);

/// The same of rules that wait; empty when none do.
/// @param waiting of the shape `rules waiting`, or null
[[nodiscard]] std::string idle_overrides_of_waiting(const boost::json::value& waiting);

} // namespace reviewd::ctl
