#pragma once

#include "daemon/notify/api/message.hpp"

#include <string>

namespace reviewd::notify {

/// What a mail says about its sender.
struct MailIdentity {
    std::string from; ///< address
    std::string from_name;
    std::string reply_to;      ///< address, or empty
    std::string list_id;       ///< "reviews.example.com", or empty
    std::string unsubscribe{}; ///< address of whoever ends subscriptions, or empty
};

/// The whole RFC 5322 message: headers in RFC 2047, text or text and HTML, an invitation where
/// there is one (RFC 6047: its METHOD is that of the part), each part in base64 or
/// quoted-printable, so that every line is short and none can be taken for something else. Line
/// ends are CRLF. Equal arguments give equal bytes. Nothing of the message's words can become a
/// header.
/// @pre the addresses have passed check_mail_address
[[nodiscard]] std::string build_mail(const Message& message, const MailIdentity& identity);

} // namespace reviewd::notify
