#pragma once

#include "daemon/notify/api/message.hpp"

#include <string>

namespace reviewd::notify {

/// The message as Mattermost's incoming webhooks take it. Marks of Markdown are escaped, and an `@`
/// that could call people is kept from it by an invisible space.
[[nodiscard]] std::string mattermost_payload(const Message& message);

} // namespace reviewd::notify
