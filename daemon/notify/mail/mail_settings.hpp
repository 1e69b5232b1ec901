#pragma once

// daemon/notify/mail: what the plugins that send mail share: the message itself and what it says
// about its sender. Includes daemon/notify/api.

#include "config/node/reader.hpp"
#include "daemon/notify/mail/mail_message.hpp"

#include <string>

namespace reviewd::notify {

struct MailSender {
    std::string envelope_from; ///< where bounces go
    MailIdentity identity;
};

/// Reads `from`, `from_name`, `reply_to`, `envelope_from`, `unsubscribe` and `list_id` of a
/// channel's map; what is wrong is reported.
[[nodiscard]] MailSender read_mail_sender(config::MapReader& settings);

} // namespace reviewd::notify
