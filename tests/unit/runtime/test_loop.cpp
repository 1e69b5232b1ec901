#include "daemon/runtime/alarm.hpp"
#include "daemon/runtime/clock_change_watch.hpp"
#include "daemon/runtime/signals.hpp"
#include "daemon/runtime/store_thread.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/clock_timer.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace reviewd::test::test_loop {

using namespace reviewd;
using namespace std::chrono_literals;
namespace net = boost::asio;

namespace {

constexpr auto patience = 20s;

} // namespace

TEST_CASE(
    "work for the store runs on its one thread, in order, and answers on the loop", "[runtime]"
) {
    net::io_context loop;
    runtime::StoreThread store;
    const std::thread::id loop_thread = std::this_thread::get_id();
    std::vector<std::thread::id> threads;
    std::vector<int> order;
    auto flow = [&](int number) -> net::awaitable<void> {
        auto work = [&threads, owned = std::make_unique<int>(number)] {
            threads.push_back(std::this_thread::get_id());
            return *owned;
        };
        const int answer = co_await runtime::on_store(store, std::move(work));
        CHECK(std::this_thread::get_id() == loop_thread);
        order.push_back(answer);
    };
    for (int number = 0; number < 20; ++number) {
        net::co_spawn(loop, flow(number), net::detached);
    }
    loop.run_for(patience);
    REQUIRE(order.size() == 20);
    CHECK(std::is_sorted(order.begin(), order.end()));
    for (const std::thread::id& each : threads) {
        CHECK(each == threads.front());
        CHECK(each != loop_thread);
    }
}

TEST_CASE("what the work throws arrives at the caller", "[runtime]") {
    net::io_context loop;
    runtime::StoreThread store;
    std::string caught;
    auto flow = [&]() -> net::awaitable<void> {
        auto work = []() -> int {
            throw std::runtime_error("disk on fire");
        };
        try {
            co_await runtime::on_store(store, work);
        } catch (const std::runtime_error& error) {
            caught = error.what();
        }
    };
    net::co_spawn(loop, flow(), net::detached);
    loop.run_for(patience);
    CHECK(caught == "disk on fire");
}

TEST_CASE("a ring ends the sleep, also one that comes before it", "[runtime]") {
    net::io_context loop;
    runtime::Alarm alarm{loop.get_executor()};
    int woken = 0;
    auto flow = [&]() -> net::awaitable<void> {
        co_await alarm.wait(1h);
        ++woken;
        co_await alarm.wait(1h);
        ++woken;
    };
    alarm.ring();
    net::co_spawn(loop, flow(), net::detached);
    loop.poll();
    CHECK(woken == 1);
    alarm.ring();
    loop.run_for(patience);
    CHECK(woken == 2);
}

TEST_CASE("signals arrive as calls on the loop until the watch ends", "[runtime]") {
    net::io_context loop;
    std::vector<int> received;
    {
        runtime::SignalWatch watch{loop.get_executor(), [&](int number) {
                                       received.push_back(number);
                                       if (received.size() == 2) {
                                           loop.stop();
                                       }
                                   }};
        std::raise(SIGHUP);
        std::raise(SIGTERM);
        loop.run_for(patience);
    }
    std::sort(received.begin(), received.end());
    CHECK(received == std::vector<int>{SIGHUP, SIGTERM});
    loop.restart();
    loop.run_for(patience);
}

TEST_CASE("every change of the clock is told, also one that comes meanwhile", "[runtime][F13]") {
    net::io_context loop;
    TestClockTimer timer;
    std::vector<std::string> told;
    timer.armed = [&] {
        told.emplace_back("armed");
    };
    const runtime::ClockChangeWatch watch{
        loop.get_executor(),
        [&] {
            told.emplace_back("changed");
            if (told.size() == 3) {
                timer.set_clock(); // while the first one is thought over
            } else {
                loop.stop();
            }
        },
        timer.timer()};
    timer.set_clock();
    loop.run_for(patience);
    // Armed again before it is told of: what comes in between is seen by whoever then reads the
    // clock.
    CHECK(told == std::vector<std::string>{"armed", "armed", "changed", "armed", "changed"});
}

TEST_CASE("a watch for clock changes stays silent while nobody sets the clock", "[runtime][F13]") {
    net::io_context loop;
    int changes = 0;
    {
        const runtime::ClockChangeWatch watch{loop.get_executor(), [&] {
                                                  ++changes;
                                              }};
        loop.poll();
    }
    loop.restart();
    loop.run_for(patience);
    CHECK(changes == 0);
}

} // namespace reviewd::test::test_loop
