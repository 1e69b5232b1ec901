#pragma once

#include "daemon/notify/api/message.hpp"

#include <string>

namespace reviewd::notify {

/// The first line of a file of events.
[[nodiscard]] std::string event_heading();

/// A message as one row of CSV under that heading (RFC 4180): an event with its account and review,
/// anything else with its subject. What a spreadsheet would take for a formula gets an apostrophe
/// in front. Line ends within a value become blanks, so that a row is one line.
[[nodiscard]] std::string event_row(const Message& message);

} // namespace reviewd::notify
