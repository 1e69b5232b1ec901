#include "daemon/notify/mail/mail_settings.hpp"

#include "daemon/notify/api/mail_address.hpp"

#include <string_view>

namespace reviewd::notify {
namespace {

std::string text(config::MapReader& settings, std::string_view key) {
    const config::Node* node = settings.find(key);
    return node == nullptr ? std::string{}
                           : config::read_text(*node, settings.report()).value_or("");
}

std::string address(config::MapReader& settings, std::string_view key) {
    const std::string value = text(settings, key);
    const config::Node* node = settings.find(key);
    const std::string fault = node == nullptr ? "" : check_mail_address(value);
    if (!fault.empty()) {
        settings.report().error(*node, fault);
    }
    return value;
}

} // namespace

MailSender read_mail_sender(config::MapReader& settings) {
    MailSender sender;
    static_cast<void>(settings.require("from"));
    sender.identity.from = address(settings, "from");
    sender.identity.from_name = text(settings, "from_name");
    sender.identity.reply_to = address(settings, "reply_to");
    sender.envelope_from = address(settings, "envelope_from");
    if (sender.envelope_from.empty()) {
        sender.envelope_from = sender.identity.from;
    }
    sender.identity.unsubscribe = address(settings, "unsubscribe");
    sender.identity.list_id = text(settings, "list_id");
    const bool is_name = sender.identity.list_id.empty()
                         || check_mail_address("x@" + sender.identity.list_id).empty();
    if (!is_name) {
        settings.report().error(
            *settings.find("list_id"), "a list id has the form of a domain: reviews.example.com"
        );
    }
    return sender;
}

} // namespace reviewd::notify
