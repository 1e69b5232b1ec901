#pragma once

#include "daemon/notify/api/outbound.hpp"
#include "daemon/runtime/outbound/curl_easy.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace reviewd::runtime {

/// One POST. All but the last byte of the body goes out first; then the gate runs; then the last
/// byte follows. A receiver that is told the body's length cannot take the request without it, so
/// whatever is lost before the gate is known not to be taken, and "uncertain" is left to losses in
/// the one round trip behind it.
class WebExchange {
public:
    /// `request` outlives the exchange.
    WebExchange(std::shared_ptr<CurlMulti> multi, const notify::WebRequest& request);
    WebExchange(const WebExchange&) = delete;
    WebExchange& operator=(const WebExchange&) = delete;
    ~WebExchange();

    /// Runs to the end, at most to the deadline.
    [[nodiscard]] boost::asio::awaitable<std::pair<notify::Outcome, notify::WebReply>> run();

private:
    enum class Gate { closed, waiting, open };

    static std::size_t on_read(char* bytes, std::size_t size, std::size_t count, void* self);
    static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
    static int on_seek(void* self, curl_off_t offset, int origin);
    static int on_debug(CURL* easy, curl_infotype type, char* bytes, std::size_t size, void* self);

    void set_headers();
    [[nodiscard]] bool is_over() const;
    [[nodiscard]] notify::Outcome result() const;
    void take_header(std::string_view line);
    void end_headers();
    void show(std::string_view direction, std::string_view text) const;
    void show_request(std::string_view head) const;

    const notify::WebRequest& request_;
    CurlEasy easy_;
    curl_slist* headers_ = nullptr;
    notify::WebReply reply_;
    std::size_t sent_ = 0;
    std::size_t header_bytes_ = 0;
    Gate gate_ = Gate::closed;
    bool has_status_ = false;
    bool is_body_enough_ = false;
};

} // namespace reviewd::runtime
