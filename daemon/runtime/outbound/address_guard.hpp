#pragma once

// daemon/runtime/outbound: the door to the network, on libcurl and Asio. It implements
// notify::Outbound and may include daemon/notify/api and scoring/base. libcurl resolves names,
// connects, speaks TLS, logs in, and does all of HTTP.

#include "daemon/notify/api/outbound.hpp"

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>

namespace reviewd::runtime {

/// Whether a connection to `address` is allowed. IPv4 addresses wrapped into IPv6 (mapped,
/// compatible, NAT64, 6to4) are judged by the IPv4 address.
/// @threads pure; call from anywhere
[[nodiscard]] bool is_allowed(
    notify::AddressPolicy policy, const boost::asio::ip::address& address
);

/// What to write into a channel that may connect to `host` wherever it is: `allow_hosts: [host]`.
[[nodiscard]] std::string allowing(std::string_view host);

} // namespace reviewd::runtime
