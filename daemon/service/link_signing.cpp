#include "daemon/service/link_signing.hpp"

#include <string>

namespace reviewd::service {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

} // namespace

void sign_links(const Context& context, store::FrozenMessage& message) {
    for (const store::LinkGrant& grant : message.links) {
        const std::string token =
            context.options.sign_link ? context.options.sign_link(grant) : std::string{"-"};
        replace_all(message.text, grant.placeholder, token);
        replace_all(message.html, grant.placeholder, token);
        replace_all(message.payload, grant.placeholder, token);
    }
}

} // namespace reviewd::service
