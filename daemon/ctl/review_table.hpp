#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/array.hpp>

#include <string>

namespace reviewd::ctl {

/// Reviews (shape `review`) as a table.
[[nodiscard]] std::string review_table(const boost::json::array& reviews, const Screen& screen);

} // namespace reviewd::ctl
