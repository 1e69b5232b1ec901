#include "daemon/links/peer_limits.hpp"

#include <algorithm>

namespace reviewd::links {
namespace {

constexpr std::chrono::milliseconds window{std::chrono::minutes{1}};
constexpr std::size_t client_bytes_max = 64;

} // namespace

PeerLimits::Peer& PeerLimits::peer_at(const std::string& address, Moment now) {
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
    for (auto at = peers_.begin(); at != peers_.end();) {
        const bool is_idle = at->second.connections == 0 && now - at->second.since >= window;
        at = is_idle ? peers_.erase(at) : std::next(at);
    }
}

bool PeerLimits::open(const std::string& address, Moment now) {
    forget_old(now);
    Peer& peer = peer_at(address, now);
    if (connections_ >= rules_.connections || peer.connections >= rules_.connections_of_one) {
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

std::string client_of(
    const std::string& peer,
    const std::vector<std::string>& proxies,
    const std::string& forwarded_for
) {
    const bool is_proxy = std::find(proxies.begin(), proxies.end(), peer) != proxies.end();
    const std::size_t comma = forwarded_for.rfind(',');
    std::string last = comma == std::string::npos ? forwarded_for : forwarded_for.substr(comma + 1);
    last.erase(0, last.find_first_not_of(" \t"));
    last.erase(last.find_last_not_of(" \t") + 1);
    return is_proxy && !last.empty() && last.size() <= client_bytes_max ? last : peer;
}

} // namespace reviewd::links
