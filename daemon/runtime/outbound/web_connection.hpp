#pragma once

#include "daemon/notify/api/outbound.hpp"
#include "daemon/runtime/outbound/curl_easy.hpp"
#include "daemon/runtime/outbound/curl_stream.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace reviewd::runtime {

/// One connection to a web server, for one request after the other. libcurl resolves, checks the
/// address, connects and negotiates TLS.
class WebConnection {
public:
    /// Server, TLS and permitted addresses are those of the request, for good.
    WebConnection(
        const boost::asio::any_io_executor& executor,
        std::shared_ptr<CurlShare> share,
        const notify::WebRequest& request
    );

    /// Whether `request` may go over it: everything that the constructor takes, as one text.
    [[nodiscard]] static std::string key_of(const notify::WebRequest& request);

    /// Connects, unless it is open from the request before; the deadline begins.
    /// @returns false when it cannot; easy().failure() knows why
    [[nodiscard]] boost::asio::awaitable<bool> open(std::chrono::milliseconds deadline);
    /// Whether the last open() found it open.
    [[nodiscard]] bool was_kept() const { return was_kept_; }

    [[nodiscard]] CurlEasy& easy() { return easy_; }
    [[nodiscard]] CurlStream& stream() { return stream_; }
    [[nodiscard]] bool is_quiet() { return stream_.is_quiet(); }
    /// HTTP knows no farewell.
    static void say_goodbye() {}

private:
    std::string url_;
    CurlEasy easy_;
    CurlStream stream_;
    bool is_open_ = false;
    bool was_kept_ = false;
};

} // namespace reviewd::runtime
