#include "daemon/links/peer_limits.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <optional>

namespace reviewd::links {
namespace {

constexpr std::chrono::milliseconds window{std::chrono::minutes{1}};

/// One spelling for each address; nothing for what is none.
std::optional<boost::asio::ip::address> read_address(const std::string& text) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(text, error);
    if (error) {
        return std::nullopt;
    }
    // A listener for both families sees an IPv4 peer in this form.
    const bool is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
    return is_mapped ? boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
                     : address;
}

/// Whom an address counts for. One household or server holds a whole /64 of IPv6 addresses, and
/// could take another one for each request.
std::string counted_for(const std::string& text) {
    const auto address = read_address(text);
    if (!address || !address->is_v6()) {
        return address ? address->to_string() : text;
    }
    constexpr unsigned short prefix_length = 64;
    return boost::asio::ip::make_network_v6(address->to_v6(), prefix_length)
        .canonical()
        .to_string();
}

/// The last element of a list that is divided by commas; it is taken off.
std::string take_last(std::string& list) {
    const std::size_t comma = list.rfind(',');
    std::string last = comma == std::string::npos ? list : list.substr(comma + 1);
    list.resize(comma == std::string::npos ? 0 : comma);
    last.erase(0, last.find_first_not_of(" \t"));
    last.erase(last.find_last_not_of(" \t") + 1);
    return last;
}

} // namespace

template <class Choice>
void PeerLimits::forget(const Choice& is_to_go) {
    for (auto at = peers_.begin(); at != peers_.end();) {
        at = is_to_go(at->second) ? peers_.erase(at) : std::next(at);
    }
}

PeerLimits::Peer& PeerLimits::peer_at(const std::string& address, Moment now) {
    const std::string client = counted_for(address);
    if (peers_.size() >= rules_.remembered && peers_.count(client) == 0) {
        // Who makes up this many addresses is bounded by none of them anyway.
        forget([](const Peer& peer) { return peer.connections == 0; });
    }
    Peer& peer = peers_[client];
    if (now - peer.since >= window) {
        peer.since = now;
        peer.requests = 0;
        peer.faults = 0;
    }
    return peer;
}

void PeerLimits::forget_old(Moment now) {
    if (now - swept_ < window) {
        return;
    }
    swept_ = now;
    forget([&](const Peer& peer) { return peer.connections == 0 && now - peer.since >= window; });
}

bool PeerLimits::open(const std::string& address, Moment now, PeerKind kind) {
    forget_old(now);
    Peer& peer = peer_at(address, now);
    const bool has_enough =
        kind == PeerKind::person && peer.connections >= rules_.connections_of_one;
    if (connections_ >= rules_.connections || has_enough) {
        return false;
    }
    ++peer.connections;
    ++connections_;
    return true;
}

void PeerLimits::close(const std::string& address, Moment now) {
    Peer& peer = peer_at(address, now);
    --peer.connections;
    --connections_;
}

bool PeerLimits::may_ask(const std::string& client, Moment now) {
    Peer& peer = peer_at(client, now);
    if (peer.faults >= rules_.faults_per_minute || peer.requests >= rules_.requests_per_minute) {
        return false;
    }
    ++peer.requests;
    return true;
}

void PeerLimits::fault(const std::string& client, Moment now) {
    ++peer_at(client, now).faults;
}

bool is_proxy(const std::string& peer, const std::vector<std::string>& proxies) {
    const auto address = read_address(peer);
    return address && std::any_of(proxies.begin(), proxies.end(), [&](const std::string& proxy) {
               return read_address(proxy) == address;
           });
}

std::string client_of(
    const std::string& peer, const std::vector<std::string>& proxies, std::string forwarded_for
) {
    if (!is_proxy(peer, proxies)) {
        return peer;
    }
    while (!forwarded_for.empty()) {
        const auto hop = read_address(take_last(forwarded_for));
        if (!hop) {
            break;
        }
        std::string client = hop->to_string();
        if (!is_proxy(client, proxies)) {
            return client;
        }
    }
    return peer;
}

} // namespace reviewd::links
