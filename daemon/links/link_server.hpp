#pragma once

#include "daemon/links/link_site.hpp"
#include "daemon/links/peer_limits.hpp"
#include "daemon/links/request_head.hpp"
#include "daemon/runtime/log.hpp"
#include "scoring/base/clock.hpp"
#include "scoring/base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reviewd::links {

/// Makes the answer to a request whose head is strict HTTP. Runs on the server's executor.
using LinkHandler =
    std::function<boost::asio::awaitable<LinkResponse>(RequestHead head, std::string body)>;

struct LinkServerOptions {
    std::string address; ///< numeric
    int port = 0;        ///< 0: any free one, for tests
    std::vector<std::string> proxies;
    RequestLimits request;
    PeerRules peers;
    std::chrono::milliseconds head_time{10'000}; ///< from the connection to the end of the head
    std::chrono::milliseconds body_time{30'000};
    std::chrono::milliseconds write_time{30'000};
};

/// Listens for browsers and serves one request per connection. Each phase has one deadline from its
/// begin to its end, however slowly bytes trickle. What a client does is never written into the
/// log, nor is a link. Belongs to its executor.
class LinkServer {
public:
    /// @errors `cannot_create` when the address cannot be listened on
    [[nodiscard]] static Result<std::unique_ptr<LinkServer>> open(
        const boost::asio::any_io_executor& executor,
        const LinkServerOptions& options,
        LinkHandler handler,
        const Clock& clock,
        const runtime::Log& log
    );

    LinkServer(const LinkServer&) = delete;
    LinkServer& operator=(const LinkServer&) = delete;
    /// Closes the listener; connections end by themselves.
    ~LinkServer();

    /// From now on the X-Forwarded-For of these is believed, and of no others.
    void believe(std::vector<std::string> proxies);

    [[nodiscard]] int port() const;
    [[nodiscard]] std::size_t connections() const;

    struct State;
    /// For open() alone: State is known to nobody else.
    explicit LinkServer(std::shared_ptr<State> state);

private:
    std::shared_ptr<State> state_; ///< shared with the connections' coroutines
};

} // namespace reviewd::links
