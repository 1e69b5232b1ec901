#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace reviewd::ctl {

/// A delivery with what it carries (the answer of outbox.show) as a page for a person. No line of
/// its own ends in a blank; the message's lines stand as they were written.
[[nodiscard]] std::string delivery_sheet(const boost::json::value& delivery, Colour colour);

/// Why a delivery is as it is; one that went well has no reason.
[[nodiscard]] std::string delivery_reason(const boost::json::value& delivery);

} // namespace reviewd::ctl
