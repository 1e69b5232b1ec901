#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/array.hpp>

#include <string>

namespace reviewd::ctl {

/// The answer of `forecast` drawn as bars: one line a week, the room marked.
[[nodiscard]] std::string forecast_page(const boost::json::array& owners, const Screen& screen);

/// The same, as owner,week,planned,expected,capacity,name with a head; see csv_of.
[[nodiscard]] std::string forecast_csv(const boost::json::array& owners);

/// The overloads in the answer of `plan`, in sentences; empty when there is none.
[[nodiscard]] std::string overload_page(const boost::json::array& overloads, const Screen& screen);

} // namespace reviewd::ctl
