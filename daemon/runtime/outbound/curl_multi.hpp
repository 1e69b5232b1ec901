#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>

namespace reviewd::runtime {

/// libcurl's multi interface, driven by Asio: libcurl says which sockets and which time it waits
/// for, and is called when they are ready. Everything happens on one executor, which runs one
/// handler at a time.
class CurlMulti : public std::enable_shared_from_this<CurlMulti> {
public:
    using Finished = std::function<void(CURLcode)>;

    explicit CurlMulti(boost::asio::any_io_executor executor);
    CurlMulti(const CurlMulti&) = delete;
    CurlMulti& operator=(const CurlMulti&) = delete;
    ~CurlMulti();

    [[nodiscard]] const boost::asio::any_io_executor& executor() const { return executor_; }

    /// Starts the transfer. `finished` is called once, from the executor, unless removed before;
    /// with CURLE_OUT_OF_MEMORY when there was no memory, or no room in the kernel, to wait for it.
    /// @returns false when libcurl cannot take it (out of memory)
    [[nodiscard]] bool add(CURL* easy, Finished finished);
    /// Ends the transfer whatever its state, closing what it alone uses. Nothing for a stranger.
    void remove(CURL* easy) noexcept;
    /// Goes on with a transfer whose callback has paused it.
    void resume(CURL* easy);

private:
    class Watch;

    static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* socket_data);
    static int on_timer(CURLM* multi, long milliseconds, void* self);

    void watch(curl_socket_t socket, int what);
    void wait(std::chrono::milliseconds time);
    void act(curl_socket_t socket, int events);
    void collect_finished();
    void fail_all();

    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer timer_;
    CURLM* multi_;
    std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    std::unordered_map<CURL*, Finished> transfers_;
};

} // namespace reviewd::runtime
