#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace reviewd::links {

/// How much one client, and all together, may ask for.
struct PeerRules {
    std::size_t connections = 512;
    std::size_t connections_of_one = 32;
    int requests_per_minute = 120; ///< of one
    int faults_per_minute = 20;    ///< of one: tokens that are not ours, requests that are no HTTP
    std::size_t remembered = 10'000; ///< addresses, beside those that have a connection
};

/// Counts connections, requests and faults by address; IPv6 addresses of one /64 count as one.
/// Bounded: an address without a connection is forgotten after its minute, or sooner when there are
/// too many of them. One thread.
class PeerLimits {
public:
    using Moment = std::chrono::milliseconds; ///< of a clock that only goes forward

    explicit PeerLimits(PeerRules rules) : rules_(rules) {}

    /// Counts a connection. False: refuse it, and do not call close().
    /// @param peer many people speak through a proxy: what one may have does not bound it
    enum class PeerKind { person, proxy };
    [[nodiscard]] bool open(
        const std::string& address, Moment now, PeerKind peer = PeerKind::person
    );
    void close(const std::string& address, Moment now);
    /// Counts a request. False: refuse it.
    [[nodiscard]] bool may_ask(const std::string& client, Moment now);
    void fault(const std::string& client, Moment now);

    [[nodiscard]] std::size_t connections() const { return connections_; }
    [[nodiscard]] std::size_t remembered() const { return peers_.size(); }

private:
    struct Peer {
        std::size_t connections = 0;
        int requests = 0; ///< of the minute that began at `since`
        int faults = 0;
        Moment since{};
    };
    Peer& peer_at(const std::string& address, Moment now);
    void forget_old(Moment now);
    template <class Choice>
    void forget(const Choice& is_to_go);

    PeerRules rules_;
    std::map<std::string, Peer> peers_;
    std::size_t connections_ = 0;
    Moment swept_{};
};

/// Whether it is one of them, however either is spelt.
[[nodiscard]] bool is_proxy(const std::string& peer, const std::vector<std::string>& proxies);

/// The client whom a request came from: the peer itself, or, when that is one of the proxies that
/// are believed, the last address of its X-Forwarded-For that is no such proxy. What stands left of
/// it was written by the client and counts for nothing; nor does anything that is no address.
[[nodiscard]] std::string client_of(
    const std::string& peer, const std::vector<std::string>& proxies, std::string forwarded_for
);

} // namespace reviewd::links
