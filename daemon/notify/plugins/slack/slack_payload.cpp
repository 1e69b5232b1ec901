#include "daemon/notify/plugins/slack/slack_payload.hpp"

#include "daemon/notify/api/message_text.hpp"
#include "daemon/notify/web/chat_text.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <algorithm>

namespace reviewd::notify {
namespace {

namespace json = boost::json;

constexpr std::size_t header_columns = 140; // of at most 150 characters
constexpr std::size_t section_limit = 2900; // of at most 3000
constexpr std::size_t whole_limit = 8700;   // a message with more than about 13,000 is refused
constexpr std::size_t fallback_columns = 300;

/// Slack's three control characters.
std::string escape(std::string_view character, std::string_view /*before*/) {
    if (character == "&") {
        return "&amp;";
    }
    if (character == "<") {
        return "&lt;";
    }
    return character == ">" ? "&gt;" : std::string{character};
}

bool is_member(std::string_view address) {
    return address.size() >= 7 && address.size() <= 20 && (address[0] == 'U' || address[0] == 'W')
           && std::all_of(address.begin(), address.end(), [](char c) {
                  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
              });
}

json::object plain(std::string_view text) {
    return json::object{{"type", "plain_text"}, {"text", text}, {"emoji", false}};
}

json::object section(json::object text) {
    return json::object{{"type", "section"}, {"text", std::move(text)}};
}

/// The text in sections, divided between lines.
void add_sections(json::array& blocks, std::string_view text) {
    while (!text.empty()) {
        std::size_t end = text.size();
        while (measured(text.substr(0, end), Measure::characters) > section_limit) {
            const std::size_t line = text.rfind('\n', end - 1);
            end = line == std::string_view::npos || line == 0 ? section_limit / 3 : line;
            while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
                --end;
            }
        }
        blocks.push_back(section(plain(text.substr(0, end))));
        text.remove_prefix(end);
        text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
    }
}

} // namespace

std::string slack_payload(const Message& message) {
    const std::string subject = one_line(message.subject, header_columns);
    const std::string link = link_of(message);
    ChatFormat verbatim;
    verbatim.limit = whole_limit;
    ChatFormat escaped;
    escaped.escape = &escape;
    escaped.limit = fallback_columns;
    json::array blocks;
    if (is_member(message.recipient.address)) {
        blocks.push_back(section(json::object{
            {"type", "mrkdwn"}, {"text", fmt::format("<@{}>", message.recipient.address)}}));
    }
    if (!subject.empty()) {
        blocks.push_back(json::object{{"type", "header"}, {"text", plain(subject)}});
    }
    add_sections(blocks, chat_text(message.text, link, verbatim));
    if (!link.empty()) {
        blocks.push_back(section(json::object{
            {"type", "mrkdwn"}, {"text", fmt::format("<{}>", link)}, {"verbatim", true}}));
    }
    const std::string shown = subject.empty() ? std::string{message.text} : subject;
    return json::serialize(json::object{
        {"text", chat_text(shown, "", escaped)},
        {"unfurl_links", false},
        {"unfurl_media", false},
        {"blocks", std::move(blocks)}});
}

} // namespace reviewd::notify
