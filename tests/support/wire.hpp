#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

namespace reviewd::test {

/// A server's end of a connection, plain at first, inside TLS once started. Functions throw
/// boost::system::system_error when the connection is gone.
class Wire {
public:
    explicit Wire(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    [[nodiscard]] boost::asio::awaitable<void> start_tls(boost::asio::ssl::context& context);
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer buffer);
    [[nodiscard]] boost::asio::awaitable<void> write(std::string_view bytes);
    /// One byte at a time with a pause before each.
    [[nodiscard]] boost::asio::awaitable<void> write_slowly(
        std::string_view bytes, std::chrono::milliseconds pause
    );
    /// Reads and forgets until the other side closes.
    [[nodiscard]] boost::asio::awaitable<void> wait_for_end();

    [[nodiscard]] bool has_tls() const { return tls_.has_value(); }
    void close();

private:
    boost::asio::ip::tcp::socket socket_;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

/// A context for servers with that certificate.
[[nodiscard]] std::unique_ptr<boost::asio::ssl::context> server_context(
    const struct CertificateFiles& files
);

} // namespace reviewd::test
