#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace reviewd::ctl {

/// The answer of `status` on one screen: what is well, what is not, what to do.
[[nodiscard]] std::string status_page(const boost::json::value& status, const Screen& screen);

} // namespace reviewd::ctl
