#pragma once

#include "daemon/notify/api/message.hpp"

#include <string>

namespace reviewd::notify {

/// The message as Slack's incoming webhooks take it: a header, sections of plain text, which Slack
/// shows as it is, and a link of its own. A recipient whose address is a member id (U… or W…) is
/// mentioned; nobody else can be, whatever the words say.
[[nodiscard]] std::string slack_payload(const Message& message);

} // namespace reviewd::notify
