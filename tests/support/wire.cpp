#include "tests/support/wire.hpp"

#include "tests/support/certificates.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace reviewd::test {

namespace net = boost::asio;

net::awaitable<void> Wire::start_tls(net::ssl::context& context) {
    tls_.emplace(socket_, context);
    co_await tls_->async_handshake(net::ssl::stream_base::server, net::use_awaitable);
}

net::awaitable<std::size_t> Wire::read_some(net::mutable_buffer buffer) {
    if (tls_) {
        co_return co_await tls_->async_read_some(buffer, net::use_awaitable);
    }
    co_return co_await socket_.async_read_some(buffer, net::use_awaitable);
}

net::awaitable<void> Wire::write(std::string_view bytes) {
    const net::const_buffer buffer{bytes.data(), bytes.size()};
    if (tls_) {
        co_await net::async_write(*tls_, buffer, net::use_awaitable);
    } else {
        co_await net::async_write(socket_, buffer, net::use_awaitable);
    }
}

net::awaitable<void> Wire::write_slowly(std::string_view bytes, std::chrono::milliseconds pause) {
    net::steady_timer timer{socket_.get_executor()};
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        timer.expires_after(pause);
        co_await timer.async_wait(net::use_awaitable);
        co_await write(bytes.substr(at, 1));
    }
}

net::awaitable<void> Wire::wait_for_end() {
    std::array<char, 4096> chunk{};
    for (;;) {
        static_cast<void>(co_await read_some(net::buffer(chunk)));
    }
}

void Wire::close() {
    boost::system::error_code ignored;
    static_cast<void>(socket_.shutdown(net::ip::tcp::socket::shutdown_both, ignored));
    static_cast<void>(socket_.close(ignored));
}

std::unique_ptr<net::ssl::context> server_context(const CertificateFiles& files) {
    auto context = std::make_unique<net::ssl::context>(net::ssl::context::tls_server);
    // A bad server has to be made before it can be refused.
    SSL_CTX_set_security_level(context->native_handle(), 0);
    if (files.protocol == CertificateFiles::Protocol::outdated) {
        SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context->native_handle(), TLS1_1_VERSION);
    }
    context->use_certificate_chain_file(files.certificate_file.string());
    context->use_private_key_file(files.key_file.string(), net::ssl::context::pem);
    return context;
}

} // namespace reviewd::test
