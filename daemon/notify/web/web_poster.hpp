#pragma once

#include "daemon/notify/api/notifier.hpp"
#include "daemon/notify/api/outbound.hpp"
#include "daemon/notify/web/web_endpoint.hpp"
#include "scoring/base/result.hpp"

#include <string>
#include <vector>

namespace reviewd::notify {

/// Posts JSON to one endpoint and judges the answer. Redirects are not followed, no proxy is used,
/// and a name that leads to a private address is refused unless the settings name it.
class WebPoster {
public:
    /// `outbound` outlives the poster.
    WebPoster(WebEndpoint endpoint, Outbound& outbound);

    [[nodiscard]] int concurrency() const { return endpoint_.concurrency; }

    /// The request with its body, but for its gate and deadline. More headers may be added.
    /// @errors `bad_config` when the address cannot be read or is none
    [[nodiscard]] Result<WebRequest> request(std::string body) const;

    /// One attempt. `secrets` are masked in the answer's words beside the address's own parts.
    [[nodiscard]] boost::asio::awaitable<Outcome> post(
        WebRequest request, Attempt& attempt, std::vector<std::string> secrets
    ) const;

private:
    WebEndpoint endpoint_;
    Outbound& outbound_;
};

} // namespace reviewd::notify
