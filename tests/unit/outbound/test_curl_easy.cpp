#include "daemon/runtime/outbound/curl_easy.hpp"
#include "tests/support/catch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace reviewd::test::test_curl_easy {

namespace net = boost::asio;
using namespace std::chrono_literals;
using reviewd::runtime::CurlEasy;
using reviewd::runtime::CurlMulti;

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

} // namespace reviewd::test::test_curl_easy
