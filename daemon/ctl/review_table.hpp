#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/array.hpp>

#include <string>

namespace reviewd::ctl {

/// Reviews (shape `review`) as a table.
[[nodiscard]] std::string review_table(const boost::json::array& reviews, const Screen& screen);

/// What was done (list `trail` of the shape `trail`) as a table, in the order of the answer.
[[nodiscard]] std::string trail_table(const boost::json::array& trail, const Screen& screen);

} // namespace reviewd::ctl
