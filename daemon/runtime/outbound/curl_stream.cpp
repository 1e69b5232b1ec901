#include "daemon/runtime/outbound/curl_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>

#include <array>
#include <memory>

namespace reviewd::runtime {

namespace net = boost::asio;

CurlStream::CurlStream(CurlEasy& easy, const net::any_io_executor& executor)
    : easy_(easy), descriptor_(executor) {
    easy_.set(CURLOPT_CONNECT_ONLY, 1L);
    easy_.on_late([this] {
        boost::system::error_code ignored; // it is not open before libcurl has connected
        static_cast<void>(descriptor_.cancel(ignored));
    });
}

CurlStream::~CurlStream() {
    if (descriptor_.is_open()) {
        // Without a reader on the line libcurl cannot wait for an answer to a farewell of its own.
        ::shutdown(descriptor_.native_handle(), SHUT_RDWR);
        descriptor_.release();
    }
}

net::awaitable<bool> CurlStream::connect(const std::string& url) {
    // What libcurl cannot read as an address at all it refuses when it starts.
    static_cast<void>(curl_easy_setopt(easy_.handle(), CURLOPT_URL, url.c_str()));
    easy_.start();
    while (!easy_.result() && !easy_.is_late()) {
        co_await easy_.signal().wait();
    }
    if (easy_.is_late() || *easy_.result() != CURLE_OK) {
        co_return false;
    }
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy_.handle(), CURLINFO_ACTIVESOCKET, &socket);
    if (socket == CURL_SOCKET_BAD) {
        co_return false;
    }
    boost::system::error_code error;
    static_cast<void>(descriptor_.assign(socket, error));
    co_return !error;
}

net::awaitable<bool> CurlStream::send(std::string_view bytes) {
    while (!bytes.empty()) {
        if (easy_.is_late()) {
            co_return false;
        }
        const std::optional<std::size_t> count = give(bytes);
        if (count && *count == 0) {
            co_return false;
        }
        if (count) {
            bytes.remove_prefix(*count);
            continue;
        }
        static_cast<void>(co_await descriptor_.async_wait(
            net::posix::stream_descriptor::wait_write, net::as_tuple(net::use_awaitable)
        ));
    }
    co_return true;
}

std::optional<std::size_t> CurlStream::give(std::string_view bytes) {
    std::size_t count = 0;
    const CURLcode code = curl_easy_send(easy_.handle(), bytes.data(), bytes.size(), &count);
    if (code == CURLE_AGAIN) {
        return std::nullopt;
    }
    return code == CURLE_OK ? count : 0;
}

net::awaitable<void> CurlStream::wait_for_either() {
    // The one that does not come is cancelled, and still has to be able to say so.
    const auto ready = std::make_shared<Signal>(descriptor_.get_executor());
    const auto raise = [ready](boost::system::error_code /*error*/) {
        ready->raise();
    };
    descriptor_.async_wait(net::posix::stream_descriptor::wait_write, raise);
    descriptor_.async_wait(net::posix::stream_descriptor::wait_read, raise);
    co_await ready->wait();
    boost::system::error_code ignored;
    static_cast<void>(descriptor_.cancel(ignored));
}

net::awaitable<std::size_t> CurlStream::receive(std::span<char> into) {
    while (!easy_.is_late()) {
        if (const std::optional<std::size_t> count = take(into)) {
            co_return *count;
        }
        static_cast<void>(co_await descriptor_.async_wait(
            net::posix::stream_descriptor::wait_read, net::as_tuple(net::use_awaitable)
        ));
    }
    co_return 0;
}

std::optional<std::size_t> CurlStream::take(std::span<char> into) {
    std::size_t count = 0;
    const CURLcode code = curl_easy_recv(easy_.handle(), into.data(), into.size(), &count);
    if (code == CURLE_AGAIN) {
        return std::nullopt;
    }
    return code == CURLE_OK ? count : 0;
}

bool CurlStream::is_quiet() {
    std::array<char, 1> byte{};
    return !take(byte);
}

} // namespace reviewd::runtime
