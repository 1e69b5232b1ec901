#pragma once

#include "daemon/notify/api/outbound.hpp"
#include "daemon/runtime/outbound/web_answer.hpp"
#include "daemon/runtime/outbound/web_connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::runtime {

/// One POST. All but the last byte of it goes out first; then the gate runs; then the last byte
/// follows. (Of a short request over a connection that has just answered all goes behind the gate.)
/// A receiver that is told the body's length cannot take the request without it, so
/// whatever is lost before the gate is known not to be taken, and "uncertain" is left to losses in
/// the one round trip behind it. A receiver that says "taken" on the headers alone gets the last
/// byte all the same; one that refuses does not.
class WebExchange {
public:
    /// `request` outlives the exchange; its deadline begins.
    explicit WebExchange(const notify::WebRequest& request);

    /// What the request itself has wrong, before anything is connected.
    [[nodiscard]] std::optional<notify::Outcome> defect() const;
    /// Runs to the end, at most to the deadline, which is one for all runs. Again only when
    /// was_stale(): then over a connection of its own; the gate is not asked twice.
    [[nodiscard]] boost::asio::awaitable<notify::Outcome> run(WebConnection& connection);

    /// Whether the last run was lost on a kept connection before the request was whole: servers
    /// close those when they like, and it says nothing.
    [[nodiscard]] bool was_stale() const { return was_stale_; }
    /// Whether the connection of the last run may carry another request.
    [[nodiscard]] bool may_be_kept() const { return is_whole_ && answer_.may_be_kept(); }
    /// With status 0 while there is none.
    [[nodiscard]] notify::WebReply reply() const;

private:
    [[nodiscard]] boost::asio::awaitable<std::optional<notify::Outcome>> send(
        WebConnection& connection
    );
    [[nodiscard]] boost::asio::awaitable<bool> send_start(
        WebConnection& connection, std::string_view bytes
    );
    [[nodiscard]] boost::asio::awaitable<bool> hear_early(WebConnection& connection);
    [[nodiscard]] std::chrono::milliseconds time_left() const;
    [[nodiscard]] bool may_finish() const;
    [[nodiscard]] boost::asio::awaitable<void> receive(WebConnection& connection);
    [[nodiscard]] notify::Outcome result(const CurlEasy& easy) const;
    [[nodiscard]] bool has_status() const;
    void show(std::string_view direction, std::string_view text) const;
    void show_head(std::string_view direction, std::string_view head) const;

    const notify::WebRequest& request_;
    std::chrono::steady_clock::time_point end_;
    WebAnswerReader answer_;
    bool is_gate_open_ = false;
    bool is_whole_ = false; ///< the last byte may have left
    bool was_stale_ = false;
    bool has_received_ = false;
};

} // namespace reviewd::runtime
