#pragma once

#include "daemon/notify/api/message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace reviewd::notify {

// The parts of a message as programs get them, the same over every channel that hands them on.

/// `{"name", "address", "language"}`, valid UTF-8.
[[nodiscard]] boost::json::object recipient_json(const Recipient& recipient);

/// The permanent keys of its reminders.
[[nodiscard]] boost::json::array reminders_json(const Message& message);

/// Its payload; null when it has none.
[[nodiscard]] boost::json::value payload_json(const Message& message);

} // namespace reviewd::notify
