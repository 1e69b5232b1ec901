#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace reviewd::ctl {

/// `rules preview` for people: who changes level, the histogram before and after, the extra work,
/// and rules that are odd.
[[nodiscard]] std::string preview_page(const boost::json::value& preview, const Screen& screen);

} // namespace reviewd::ctl
