#include "daemon/notify/plugins/mattermost/mattermost_payload.hpp"

#include "daemon/notify/web/chat_text.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace reviewd::notify {
namespace {

namespace json = boost::json;

constexpr std::size_t post_limit = 16'383;
constexpr std::size_t subject_limit = 500;
constexpr std::string_view invisible_space = "\xE2\x80\x8B";

bool is_word(std::string_view character) {
    const char c = character.empty() ? ' ' : character[0];
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string escape(std::string_view character, std::string_view before) {
    if (character == "@" || character == "~") {
        // Inside a mail address it calls nobody.
        return std::string{character}
               + (character == "@" && is_word(before) ? "" : std::string{invisible_space});
    }
    const bool is_mark =
        character.size() == 1
        && std::string_view{"\\*_`|>#-+[]()<!:$"}.find(character[0]) != std::string_view::npos;
    return (is_mark ? "\\" : "") + std::string{character};
}

/// `@user`, `~channel` or the name of a channel; anything else is no target.
std::string target_of(std::string_view address) {
    if (address.empty() || address.size() > 64) {
        return {};
    }
    const bool has_sign = address[0] == '@' || address[0] == '~';
    const std::string_view name = address.substr(has_sign ? 1 : 0);
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
    if (!is_name) {
        return {};
    }
    return std::string{address[0] == '~' ? name : address};
}

} // namespace

std::string mattermost_payload(const Message& message) {
    const std::string link = link_of(message);
    ChatFormat format;
    format.escape = &escape;
    format.limit = subject_limit;
    const std::string subject = chat_text(message.subject, "", format);
    format.limit = post_limit - subject_limit - 10;
    format.addresses = ChatFormat::Addresses::untouched;
    const std::string text = chat_text(message.text, link, format);
    json::object document{{"text", subject.empty() ? text : "**" + subject + "**\n\n" + text}};
    if (const std::string target = target_of(message.recipient.address); !target.empty()) {
        document["channel"] = target;
    }
    return json::serialize(document);
}

} // namespace reviewd::notify
