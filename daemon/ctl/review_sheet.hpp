#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace reviewd::ctl {

/// A review with all that a call needs (the answer of review.show) as a page for a person.
[[nodiscard]] std::string review_sheet(const boost::json::value& review, const Screen& screen);

} // namespace reviewd::ctl
