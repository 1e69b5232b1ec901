#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace reviewd::ctl {

/// The value with two blanks of indentation a level; ends with a line feed.
[[nodiscard]] std::string pretty(const boost::json::value& value);

} // namespace reviewd::ctl
