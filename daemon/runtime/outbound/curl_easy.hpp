#pragma once

#include "daemon/notify/api/outbound.hpp"
#include "daemon/runtime/outbound/curl_multi.hpp"
#include "daemon/runtime/outbound/curl_share.hpp"
#include "daemon/runtime/outbound/signal.hpp"

#include <boost/asio/steady_timer.hpp>

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::runtime {

/// One libcurl handle with the settings that all our connections share (no proxy, no signals, TLS
/// from 1.2 with verification, addresses checked before they are connected) and with an absolute
/// deadline. Leaves the multi when it goes.
class CurlEasy {
public:
    struct Connection {
        notify::TlsSettings tls;
        notify::AddressPolicy addresses = notify::AddressPolicy::any;
        std::chrono::milliseconds deadline{};
        std::shared_ptr<CurlShare> share{}; ///< null: everything is its own
    };

    CurlEasy(std::shared_ptr<CurlMulti> multi, const Connection& connection);
    CurlEasy(const CurlEasy&) = delete;
    CurlEasy& operator=(const CurlEasy&) = delete;
    ~CurlEasy();

    [[nodiscard]] CURL* handle() const { return easy_; }

    template <class Value>
    void set(CURLoption option, Value value) {
        require(curl_easy_setopt(easy_, option, value));
    }

    /// Adds the handle to the multi; the deadline begins.
    void start();
    /// Another deadline than that of the Connection, before the start.
    void limit(std::chrono::milliseconds deadline);
    void resume() { multi_->resume(easy_); }
    /// A new deadline from now on, for a connection that is used again.
    void renew(std::chrono::milliseconds deadline);
    /// The deadline is in so much time from now, unless it is sooner anyway.
    void hurry(std::chrono::milliseconds most);

    /// Raised when the transfer is finished, when the deadline has passed, and by callbacks.
    [[nodiscard]] Signal& signal() { return signal_; }
    [[nodiscard]] const std::optional<CURLcode>& result() const { return result_; }
    [[nodiscard]] bool is_late() const { return is_late_; }
    /// Called by the deadline's timer beside raising the signal; to interrupt other waits.
    void on_late(std::function<void()> interrupt) { interrupt_ = std::move(interrupt); }

    /// Memory was short in a callback, which may not throw: the transfer fails for that.
    void ran_short() noexcept { is_short_ = true; }
    [[nodiscard]] bool is_short() const { return is_short_; }

    /// What a failed connection means before anything could be accepted. `words` are the peer's
    /// last, already cleaned.
    [[nodiscard]] notify::Outcome failure(std::string words) const;

private:
    void arm();
    static void require(CURLcode code);
    void use_roots();
    static CURLcode trust(CURL* easy, void* context, void* self);
    static curl_socket_t open_socket(
        void* self, curlsocktype purpose, struct curl_sockaddr* address
    );

    std::shared_ptr<CurlShare> share_;
    std::shared_ptr<CurlMulti> multi_;
    CURL* easy_;
    std::string authority_file_;
    notify::AddressPolicy addresses_;
    std::chrono::milliseconds deadline_;
    Signal signal_;
    boost::asio::steady_timer timer_;
    std::shared_ptr<CurlEasy*> self_; ///< lets the timers see that this is gone
    std::function<void()> interrupt_;
    std::optional<CURLcode> result_;
    bool is_late_ = false;
    bool is_short_ = false;
    std::string refused_address_;
};

} // namespace reviewd::runtime
