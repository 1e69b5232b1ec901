// Each part is walked through once, however many links it has: a digest may have hundreds.
#include "daemon/service/link_signing.hpp"

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

} // namespace

void sign_links(const Context& context, store::FrozenMessage& message) {
    Tokens tokens;
    for (const store::LinkGrant& grant : message.links) {
        tokens[grant.placeholder] =
            context.options.sign_link ? context.options.sign_link(grant) : std::string{"-"};
    }
    if (tokens.empty()) {
        return;
    }
    for (std::string* part : {&message.text, &message.html, &message.payload}) {
        *part = with_tokens(*part, tokens);
    }
}

} // namespace reviewd::service
