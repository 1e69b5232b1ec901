#include "daemon/runtime/outbound/curl_easy.hpp"
#include "daemon/runtime/outbound/curl_share.hpp"
#include "daemon/runtime/outbound/curl_stream.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/core.h>

#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace reviewd::test::test_curl_easy {

namespace net = boost::asio;
using namespace std::chrono_literals;
using reviewd::runtime::CurlEasy;
using reviewd::runtime::CurlMulti;
using reviewd::runtime::CurlShare;
using reviewd::runtime::CurlStream;

TEST_CASE("a deadline that has passed is late", "[outbound][F27]") {
    net::io_context loop{1};
    CurlEasy easy{std::make_shared<CurlMulti>(loop.get_executor()), CurlEasy::Connection{}};
    easy.renew(0ms);
    loop.poll();
    CHECK(easy.is_late());
}

TEST_CASE("a deadline that was renewed is not late", "[outbound][F27]") {
    net::io_context loop{1};
    CurlEasy easy{std::make_shared<CurlMulti>(loop.get_executor()), CurlEasy::Connection{}};
    // Both are due: the older one has its turn first, when the deadline's is queued already.
    net::steady_timer before{loop.get_executor(), net::steady_timer::clock_type::now() - 1s};
    bool is_renewed = false;
    before.async_wait([&](auto error) {
        is_renewed = !error;
        easy.renew(1h);
    });
    easy.renew(0ms);
    loop.poll();
    CHECK(is_renewed);
    CHECK_FALSE(easy.is_late());
}

TEST_CASE("a socket that the kernel does not watch fails its transfer at once", "[outbound]") {
    net::io_context loop{1};
    net::ip::tcp::acceptor acceptor{loop, {net::ip::address_v4::loopback(), 0}};
    CurlEasy::Connection settings;
    settings.deadline = 1h;
    const auto multi = std::make_shared<CurlMulti>(loop.get_executor());
    CurlEasy easy{multi, settings};
    // The kernel refuses to watch a socket twice, as it does one too many.
    net::posix::stream_descriptor watched{loop};
    const auto open = [](void* self, curlsocktype, curl_sockaddr* address) -> curl_socket_t {
        auto& other = *static_cast<net::posix::stream_descriptor*>(self);
        const int type = address->socktype | SOCK_CLOEXEC;
        const int socket = ::socket(address->family, type, address->protocol);
        other.assign(socket);
        return socket;
    };
    easy.set(CURLOPT_OPENSOCKETFUNCTION, static_cast<curl_opensocket_callback>(open));
    easy.set(CURLOPT_OPENSOCKETDATA, &watched);
    easy.set(
        CURLOPT_CLOSESOCKETFUNCTION, +[](void*, curl_socket_t) { return 0; }
    );
    const std::string url = fmt::format("http://127.0.0.1:{}", acceptor.local_endpoint().port());
    {
        CurlStream stream{easy, loop.get_executor()};
        CHECK_FALSE(await(loop, stream.connect(url)));
    }
    CHECK_FALSE(easy.is_late());
    CHECK(easy.result() == CURLE_OUT_OF_MEMORY);
    CHECK(easy.failure({}).verdict == notify::Verdict::temporary);
    CHECK(easy.failure({}).reason == notify::Reason::local_io);
}

TEST_CASE("connections share the names that were resolved", "[outbound][F22]") {
    net::io_context loop{1};
    net::ip::tcp::acceptor acceptor{loop, {net::ip::address_v4::loopback(), 0}};
    const std::string place = fmt::format("hooks.test:{}", acceptor.local_endpoint().port());
    CurlEasy::Connection settings;
    settings.deadline = 5s;
    settings.share = std::make_shared<CurlShare>();
    CurlEasy first{std::make_shared<CurlMulti>(loop.get_executor()), settings};
    curl_slist* const known = curl_slist_append(nullptr, (place + ":127.0.0.1").c_str());
    first.set(CURLOPT_RESOLVE, known);
    CurlStream told{first, loop.get_executor()};
    CHECK(await(loop, told.connect("http://" + place)));
    CurlEasy second{std::make_shared<CurlMulti>(loop.get_executor()), settings};
    CurlStream untold{second, loop.get_executor()};
    CHECK(await(loop, untold.connect("http://" + place))); // nobody else knows that name
    curl_slist_free_all(known);
}

TEST_CASE("roots are read once, and again when their file changes", "[outbound][T31]") {
    CurlShare share;
    TemporaryDirectory directory;
    CHECK(share.roots((directory.path() / "none.pem").string()) == nullptr);
    CHECK(share.roots(directory.write("empty.pem", "").string()) == nullptr);
    const std::string file = CertificateAuthority{directory.path()}.root_file().string();
    const auto* const read = share.roots(file);
    REQUIRE(read != nullptr);
    CHECK(share.roots(file) == read);
    const auto before = std::filesystem::last_write_time(file) - 1h;
    std::filesystem::last_write_time(file, before);
    CHECK(share.roots(file) != read); // the new one was made before the old one went
    CHECK(share.roots(file) != nullptr);
}

} // namespace reviewd::test::test_curl_easy
