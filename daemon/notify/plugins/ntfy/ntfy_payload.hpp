#pragma once

#include "daemon/notify/api/message.hpp"
#include "scoring/base/result.hpp"

#include <string>

namespace reviewd::notify {

/// The message as ntfy takes it at its root address. The topic is the recipient's address, or
/// `topic` when that is none. The sequence id is the message's own: newer servers show a repetition
/// in place of the first one.
/// @errors `bad_config` when there is no topic at all
[[nodiscard]] Result<std::string> ntfy_payload(const Message& message, const std::string& topic);

/// A name that ntfy takes for a topic: letters, digits, `-` and `_`, at most 64.
[[nodiscard]] bool is_ntfy_topic(std::string_view name);

} // namespace reviewd::notify
