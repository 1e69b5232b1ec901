#include "daemon/notify/mail/host_name.hpp"

#include "scoring/base/text.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/core.h>

#include <algorithm>

namespace reviewd::notify {
namespace {

constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Bytes above 127 may be a name of other letters, which the resolver knows how to ask for.
bool is_of_name(char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte > 127 || is_digit(letter) || (letter >= 'a' && letter <= 'z')
           || (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_';
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= longest_label && label.front() != '-'
           && label.back() != '-' && std::all_of(label.begin(), label.end(), is_of_name);
}

bool is_address(std::string_view host) {
    boost::system::error_code problem;
    static_cast<void>(boost::asio::ip::make_address(host, problem));
    return !problem;
}

/// Labels with a dot between each two; one dot behind the last is the root's.
bool is_name(std::string_view host) {
    std::string_view rest = host;
    if (rest.ends_with('.')) {
        rest.remove_suffix(1);
    }
    if (rest.size() > longest_name) {
        return false;
    }
    while (true) {
        const std::size_t dot = rest.find('.');
        if (!is_label(rest.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return !is_number(rest); // no such top level: it would be an address
        }
        rest.remove_prefix(dot + 1);
    }
}

std::string word_of(std::string_view host) {
    return fmt::format("`{}` is no name of a host", escape_controls(std::string{host}));
}

} // namespace

std::optional<HostFault> find_host_fault(std::string_view host) {
    if (is_address(host) || is_name(host)) {
        return std::nullopt;
    }
    if (host.find_first_not_of(" \t") == std::string_view::npos) {
        return HostFault{"the name of the mail host is empty", {}};
    }
    if (host.find("://") != std::string_view::npos) {
        return HostFault{
            word_of(host),
            "write it without the scheme: `tls:` says how it is spoken to, `port:` where"};
    }
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && is_number(host.substr(colon + 1))
        && is_name(host.substr(0, colon))) {
        return HostFault{
            word_of(host), fmt::format("write the port as `port: {}`", host.substr(colon + 1))};
    }
    return HostFault{word_of(host), {}};
}

} // namespace reviewd::notify
