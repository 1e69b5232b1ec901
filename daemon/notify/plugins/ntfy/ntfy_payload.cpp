#include "daemon/notify/plugins/ntfy/ntfy_payload.hpp"

#include "daemon/notify/api/message_text.hpp"
#include "daemon/notify/web/chat_text.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace reviewd::notify {
namespace {

namespace json = boost::json;

constexpr std::size_t message_bytes = 4000; // longer ones become attachments at 4096
constexpr std::size_t title_columns = 120;

} // namespace

bool is_ntfy_topic(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || c == '-' || c == '_';
    });
}

Result<std::string> ntfy_payload(const Message& message, const std::string& topic) {
    const bool has_own = is_ntfy_topic(message.recipient.address);
    if (!has_own && topic.empty()) {
        return fail(
            ErrorCode::bad_config,
            "this person has no topic: give one in `addresses:`, or the channel a `topic:`"
        );
    }
    const std::string link = link_of(message);
    ChatFormat format;
    format.limit = message_bytes;
    format.measure = Measure::bytes;
    const std::string text = chat_text(message.text, link, format);
    json::object document{
        {"topic", has_own ? message.recipient.address : topic},
        {"title", one_line(message.subject, title_columns)},
        {"message", text},
        {"markdown", false},
        {"sequence_id", one_line(message.id, 64)}};
    if (!link.empty()) {
        document["click"] = link;
    }
    return json::serialize(document);
}

} // namespace reviewd::notify
