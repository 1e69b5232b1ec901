#include "daemon/notify/api/mail_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace reviewd::notify {
namespace {

constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t address_bytes_max = 254;
constexpr std::size_t label_bytes_max = 63;
constexpr std::string_view ipv6_prefix = "IPv6:";

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_atom_character(char c) {
    return is_alphanumeric(c)
           || std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

/// Calls `check` for each part between the dots; false as soon as one part is empty or bad.
template <class Check>
bool all_parts(std::string_view dotted, Check check) {
    for (;;) {
        const std::size_t dot = dotted.find('.');
        const std::string_view part = dotted.substr(0, dot);
        if (part.empty() || !check(part)) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        dotted.remove_prefix(dot + 1);
    }
}

bool is_host_label(std::string_view label) {
    return label.size() <= label_bytes_max && label.front() != '-' && label.back() != '-'
           && std::all_of(label.begin(), label.end(), [](char c) {
                  return is_alphanumeric(c) || c == '-';
              });
}

bool is_address_literal(std::string_view domain) {
    if (domain.size() < 3 || domain.front() != '[' || domain.back() != ']') {
        return false;
    }
    domain = domain.substr(1, domain.size() - 2);
    boost::system::error_code error;
    if (domain.substr(0, ipv6_prefix.size()) == ipv6_prefix) {
        static_cast<void>(
            boost::asio::ip::make_address_v6(std::string{domain.substr(ipv6_prefix.size())}, error)
        );
    } else {
        static_cast<void>(boost::asio::ip::make_address_v4(std::string{domain}, error));
    }
    return !error;
}

} // namespace

std::string check_mail_address(std::string_view address) {
    if (address.empty()) {
        return "a mail address is missing";
    }
    if (address.size() > address_bytes_max) {
        return "a mail address has at most 254 bytes";
    }
    if (address.front() == '-') {
        return "a mail address does not begin with `-`";
    }
    const bool is_ascii =
        std::all_of(address.begin(), address.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (!is_ascii) {
        return "a mail address has only visible ASCII characters; write a domain of another script "
               "as `xn--…`";
    }
    const std::size_t at = address.find('@');
    if (at == std::string_view::npos || address.find('@', at + 1) != std::string_view::npos) {
        return "a mail address has exactly one `@`";
    }
    const std::string_view local = address.substr(0, at);
    const std::string_view domain = address.substr(at + 1);
    const bool is_local = local.size() <= local_bytes_max && all_parts(local, [](auto atom) {
                              return std::all_of(atom.begin(), atom.end(), is_atom_character);
                          });
    if (!is_local) {
        return "the part before the `@` has letters, digits and !#$%&'*+-/=?^_`{|}~, dots between "
               "them, and at most 64 bytes";
    }
    if (!is_address_literal(domain) && !all_parts(domain, is_host_label)) {
        return "the part behind the `@` is a domain such as `example.com`";
    }
    return {};
}

} // namespace reviewd::notify
