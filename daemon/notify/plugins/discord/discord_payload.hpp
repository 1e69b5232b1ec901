#pragma once

#include "daemon/notify/api/message.hpp"

#include <string>

namespace reviewd::notify {

/// The message as Discord's webhooks take it: one embed with every mark of Markdown escaped. A
/// recipient whose address is a user id is mentioned; the list of allowed mentions keeps everybody
/// else out, whatever the words say.
[[nodiscard]] std::string discord_payload(const Message& message);

} // namespace reviewd::notify
