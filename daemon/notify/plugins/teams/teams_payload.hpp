#pragma once

#include "daemon/notify/api/message.hpp"

#include <string>

namespace reviewd::notify {

/// The message as a Workflow of Teams takes it: one Adaptive Card. Words stand in rich text runs,
/// in which nothing is markup. Never longer than Teams takes (28 KB).
[[nodiscard]] std::string teams_payload(const Message& message);

} // namespace reviewd::notify
