#include "daemon/links/peer_limits.hpp"

#include <algorithm>

namespace reviewd::links {
namespace {

constexpr std::chrono::milliseconds window{std::chrono::minutes{1}};
constexpr std::size_t client_bytes_max = 64;

} // namespace

template <class Choice>
void PeerLimits::forget(const Choice& is_to_go) {
    for (auto at = peers_.begin(); at != peers_.end();) {
        at = is_to_go(at->second) ? peers_.erase(at) : std::next(at);
    }
}

PeerLimits::Peer& PeerLimits::peer_at(const std::string& address, Moment now) {
    if (peers_.size() >= rules_.remembered && peers_.count(address) == 0) {
        // Who makes up this many addresses is bounded by none of them anyway.
        forget([](const Peer& peer) { return peer.connections == 0; });
    }
    Peer& peer = peers_[address];
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
    return std::find(proxies.begin(), proxies.end(), peer) != proxies.end();
}

std::string client_of(
    const std::string& peer,
    const std::vector<std::string>& proxies,
    const std::string& forwarded_for
) {
    const std::size_t comma = forwarded_for.rfind(',');
    std::string last = comma == std::string::npos ? forwarded_for : forwarded_for.substr(comma + 1);
    last.erase(0, last.find_first_not_of(" \t"));
    last.erase(last.find_last_not_of(" \t") + 1);
    const bool is_named = !last.empty() && last.size() <= client_bytes_max;
    return is_named && is_proxy(peer, proxies) ? last : peer;
}

} // namespace reviewd::links
