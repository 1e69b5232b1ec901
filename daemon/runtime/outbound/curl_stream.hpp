#pragma once

#include "daemon/runtime/outbound/curl_easy.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reviewd::runtime {

/// The bytes of a connection that libcurl has made and leaves to us (CURLOPT_CONNECT_ONLY): they go
/// through its TLS layer without blocking, and readiness comes from Asio. Every wait ends with the
/// deadline of the CurlEasy. That has a CurlMulti for itself: libcurl takes a connection that is
/// left to us for an idle one, and would end it when it makes another one after two minutes, or at
/// once when an answer waits on it.
class CurlStream {
public:
    /// `easy` outlives the stream, which uses its on_late().
    CurlStream(CurlEasy& easy, const boost::asio::any_io_executor& executor);
    CurlStream(const CurlStream&) = delete;
    CurlStream& operator=(const CurlStream&) = delete;
    ~CurlStream();

    /// @returns whether libcurl has connected; else CurlEasy::failure knows why it has not
    [[nodiscard]] boost::asio::awaitable<bool> connect(const std::string& url);
    /// Sends all of it. @returns false when the connection or the time came to its end before
    [[nodiscard]] boost::asio::awaitable<bool> send(std::string_view bytes);
    /// Waits for at least one byte. @returns how many there were; 0: the connection or the time
    /// came to its end
    [[nodiscard]] boost::asio::awaitable<std::size_t> receive(std::span<char> into);
    /// Sends what the connection takes now. @returns nothing when it takes none; 0 when it ended
    [[nodiscard]] std::optional<std::size_t> give(std::string_view bytes);
    /// Waits until the peer takes more or has said something, or the time came to its end.
    [[nodiscard]] boost::asio::awaitable<void> wait_for_either();
    /// What is there now. @returns nothing when the peer is silent; 0 when the connection ended
    [[nodiscard]] std::optional<std::size_t> take(std::span<char> into);
    /// Whether the peer has neither said anything nor gone. A byte that it said is lost.
    [[nodiscard]] bool is_quiet();

private:
    CurlEasy& easy_;
    boost::asio::posix::stream_descriptor descriptor_; ///< released, never closed: it is libcurl's
};

} // namespace reviewd::runtime
