#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace reviewd::ctl {

/// A review with all that a call needs (the answer of review.show) as a page for a person.
[[nodiscard]] std::string review_sheet(const boost::json::value& review, const Screen& screen);

/// "from Jonas Weber to Ana Lima on 2026-11-20 (on leave)"; empty for what was not handed over.
[[nodiscard]] std::string handover_line(const boost::json::value& review);

/// The details of an event: ", due 2026-11-24, kind first".
[[nodiscard]] std::string details_text(const boost::json::value& details);

/// ", held on 2026-12-01" of a closed review; empty: it is open.
[[nodiscard]] std::string ending_text(const boost::json::value& review);

} // namespace reviewd::ctl
