// Each part is walked through once, however many links it has: a digest may have hundreds.
#include "daemon/service/link_signing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace reviewd::service {
namespace {

using Tokens = std::map<std::string, std::string, std::less<>>; ///< by the placeholder

/// Placeholders stand behind this in a link, and end where no letter or digit follows: the first of
/// `L…1` and `L…10` begins the other.
constexpr std::string_view before_placeholder = "/a/";
constexpr std::string_view placeholder_letters =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

std::string with_tokens(std::string_view text, const Tokens& tokens) {
    std::string with;
    std::size_t done = 0;
    for (std::size_t at = text.find(before_placeholder); at != std::string_view::npos;
         at = text.find(before_placeholder, at + 1)) {
        const std::size_t begin = at + before_placeholder.size();
        const std::size_t end =
            std::min(text.find_first_not_of(placeholder_letters, begin), text.size());
        const auto token = tokens.find(text.substr(begin, end - begin));
        if (token != tokens.end()) {
            with += text.substr(done, begin - done);
            with += token->second;
            done = end;
        }
    }
    return with += text.substr(done);
}

/// What a signer says that has no key.
constexpr std::string_view no_token = "-";
constexpr std::string_view instead_of_link =
    "(link left out: only the running service can sign it)";

/// A plain text with words in the place of links that nobody could sign: they would lead nowhere.
std::string without_dead_links(std::string_view text, std::string_view dead_end) {
    std::string without;
    std::size_t done = 0;
    for (std::size_t at = text.find(dead_end); at != std::string_view::npos;
         at = text.find(dead_end, at + 1)) {
        const std::size_t end = at + dead_end.size();
        const bool is_whole =
            text.substr(end, 1).find_first_not_of(" \r\n") == std::string_view::npos;
        const std::size_t blank = text.find_last_of(" \n", at);
        const std::size_t begin = blank == std::string_view::npos ? 0 : blank + 1;
        if (is_whole && begin >= done) {
            without += text.substr(done, begin - done);
            without += instead_of_link;
            done = end;
        }
    }
    return without += text.substr(done);
}

} // namespace

void sign_links(const Context& context, store::FrozenMessage& message) {
    Tokens tokens;
    for (const store::LinkGrant& grant : message.links) {
        tokens[grant.placeholder] =
            context.options.sign_link ? context.options.sign_link(grant) : std::string{no_token};
    }
    if (tokens.empty()) {
        return;
    }
    for (std::string* part : {&message.text, &message.html, &message.payload}) {
        *part = with_tokens(*part, tokens);
    }
    if (std::any_of(tokens.begin(), tokens.end(), [](const auto& each) {
            return each.second == no_token;
        })) {
        message.text =
            without_dead_links(message.text, fmt::format("{}{}", before_placeholder, no_token));
    }
}

} // namespace reviewd::service
