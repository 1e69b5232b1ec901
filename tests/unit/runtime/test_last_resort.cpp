#include "daemon/runtime/last_resort.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <chrono>
#include <future>

namespace reviewd::test::test_last_resort {

using namespace std::chrono_literals;
using reviewd::runtime::LastResort;

TEST_CASE("a last resort acts when its time has passed", "[runtime]") {
    std::promise<void> acted;
    const LastResort resort{1ms, [&] {
                                acted.set_value();
                            }};
    CHECK(acted.get_future().wait_for(30s) == std::future_status::ready);
}

TEST_CASE("what ends in time needs no last resort", "[runtime]") {
    std::atomic<bool> has_acted = false;
    {
        const LastResort resort{1h, [&] {
                                    has_acted = true;
                                }};
    }
    CHECK_FALSE(has_acted);
}

} // namespace reviewd::test::test_last_resort
