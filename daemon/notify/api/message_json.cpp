#include "daemon/notify/api/message_json.hpp"

#include "daemon/notify/api/message_text.hpp"

#include <boost/json/parse.hpp>

namespace reviewd::notify {

namespace json = boost::json;

json::object recipient_json(const Recipient& recipient) {
    return {
        {"name", valid_utf8(recipient.name)},
        {"address", valid_utf8(recipient.address)},
        {"language", valid_utf8(recipient.language)}};
}

json::array reminders_json(const Message& message) {
    json::array reminders;
    for (const std::string& reminder : message.reminder_ids) {
        reminders.emplace_back(valid_utf8(reminder));
    }
    return reminders;
}

json::value payload_json(const Message& message) {
    boost::system::error_code error;
    json::value payload = json::parse(message.payload, error);
    return error ? json::value(nullptr) : payload;
}

} // namespace reviewd::notify
