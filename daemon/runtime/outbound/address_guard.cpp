#include "daemon/runtime/outbound/address_guard.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace reviewd::runtime {
namespace {

namespace ip = boost::asio::ip;

struct Network4 {
    std::uint32_t prefix;
    int bits;
};

/// Everything of the IANA special-purpose registry that is not globally reachable.
constexpr std::array special_networks{
    Network4{0x00000000, 8},  // this host
    Network4{0x0A000000, 8},  // private
    Network4{0x64400000, 10}, // shared, carrier-grade translation
    Network4{0x7F000000, 8},  // loopback
    Network4{0xA9FE0000, 16}, // link-local, metadata services
    Network4{0xAC100000, 12}, // private
    Network4{0xC0000000, 24}, // protocol assignments
    Network4{0xC0000200, 24}, // documentation
    Network4{0xC0586300, 24}, // 6to4 relays
    Network4{0xC0A80000, 16}, // private
    Network4{0xC6120000, 15}, // benchmarks
    Network4{0xC6336400, 24}, // documentation
    Network4{0xCB007100, 24}, // documentation
    Network4{0xE0000000, 4},  // multicast
    Network4{0xF0000000, 4},  // reserved, broadcast
};

bool is_public(const ip::address_v4& address) {
    const std::uint32_t number = address.to_uint();
    return std::none_of(special_networks.begin(), special_networks.end(), [&](Network4 network) {
        return (number >> (32 - network.bits)) == (network.prefix >> (32 - network.bits));
    });
}

ip::address_v4 embedded(const ip::address_v6::bytes_type& bytes, std::size_t at) {
    return ip::address_v4{{bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]}};
}

bool begins_with(
    const ip::address_v6::bytes_type& bytes, std::initializer_list<unsigned char> prefix
) {
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

/// The IPv4 address that an IPv6 address stands for.
std::optional<ip::address_v4> wrapped(const ip::address_v6& address) {
    const auto bytes = address.to_bytes();
    const bool is_compatible = begins_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
                               && address != ip::address_v6::loopback()
                               && address != ip::address_v6::any();
    if (address.is_v4_mapped() || is_compatible
        || begins_with(bytes, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) {
        return embedded(bytes, 12);
    }
    if (begins_with(bytes, {0x20, 0x02})) {
        return embedded(bytes, 2);
    }
    return std::nullopt;
}

bool is_public(const ip::address_v6& address) {
    const auto bytes = address.to_bytes();
    const bool is_global_unicast = (bytes[0] & 0xE0U) == 0x20U;
    const bool is_assignment = begins_with(bytes, {0x20, 0x01}) && bytes[2] < 0x02; // Teredo, …
    const bool is_documentation = begins_with(bytes, {0x20, 0x01, 0x0D, 0xB8});
    return is_global_unicast && !is_assignment && !is_documentation;
}

} // namespace

bool is_allowed(notify::AddressPolicy policy, const ip::address& address) {
    if (policy == notify::AddressPolicy::any) {
        return true;
    }
    ip::address judged = address;
    if (address.is_v6()) {
        if (const auto inner = wrapped(address.to_v6())) {
            judged = *inner;
        }
    }
    if (policy == notify::AddressPolicy::loopback_only) {
        return judged.is_loopback();
    }
    return judged.is_v4() ? is_public(judged.to_v4()) : is_public(judged.to_v6());
}

std::string allowing(std::string_view host) {
    const char* const quote = host.starts_with('[') ? "\"" : ""; // a list to YAML otherwise
    return fmt::format("`allow_hosts: [{0}{1}{0}]`", quote, host);
}

} // namespace reviewd::runtime
