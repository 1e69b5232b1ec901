#include "daemon/notify/plugins/discord/discord_payload.hpp"

#include "daemon/notify/web/chat_text.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <algorithm>

namespace reviewd::notify {
namespace {

namespace json = boost::json;

constexpr std::size_t title_limit = 256;
constexpr std::size_t description_limit = 4096;

std::string escape(std::string_view character, std::string_view /*before*/) {
    const bool is_mark =
        character.size() == 1
        && std::string_view{"\\*_~`|>#-+[]()<@:"}.find(character[0]) != std::string_view::npos;
    return (is_mark ? "\\" : "") + std::string{character};
}

bool is_user(std::string_view address) {
    return address.size() >= 15 && address.size() <= 20
           && std::all_of(address.begin(), address.end(), [](char c) {
                  return c >= '0' && c <= '9';
              });
}

} // namespace

std::string discord_payload(const Message& message) {
    const std::string link = link_of(message);
    ChatFormat title;
    title.escape = &escape;
    title.limit = title_limit;
    ChatFormat description;
    description.escape = &escape;
    description.limit = description_limit;
    description.addresses = ChatFormat::Addresses::untouched;
    json::object embed{
        {"title", chat_text(message.subject, "", title)},
        {"description", chat_text(message.text, link, description)}};
    if (!link.empty()) {
        embed["url"] = link;
    }
    json::object mentions{{"parse", json::array{}}};
    json::object document;
    if (is_user(message.recipient.address)) {
        document["content"] = fmt::format("<@{}>", message.recipient.address);
        json::array users;
        users.emplace_back(message.recipient.address);
        mentions["users"] = std::move(users);
    }
    document["allowed_mentions"] = std::move(mentions);
    json::array embeds;
    embeds.push_back(std::move(embed));
    document["embeds"] = std::move(embeds);
    return json::serialize(document);
}

} // namespace reviewd::notify
