#pragma once

#include "daemon/notify/api/outbound.hpp"
#include "daemon/runtime/outbound/curl_share.hpp"
#include "daemon/runtime/outbound/idle_sessions.hpp"
#include "daemon/runtime/outbound/web_connection.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <utility>

namespace reviewd::runtime {

/// Keeps connections to web servers for the next request. Belongs to its executor.
class WebPool {
public:
    WebPool(boost::asio::any_io_executor executor, std::shared_ptr<CurlShare> share);
    WebPool(const WebPool&) = delete;
    WebPool& operator=(const WebPool&) = delete;

    [[nodiscard]] boost::asio::awaitable<std::pair<notify::Outcome, notify::WebReply>> post(
        const notify::WebRequest& request
    );

private:
    using Idle = IdleSessions<WebConnection>;

    boost::asio::any_io_executor executor_;
    std::shared_ptr<CurlShare> share_;
    std::shared_ptr<Idle> idle_;
};

} // namespace reviewd::runtime
