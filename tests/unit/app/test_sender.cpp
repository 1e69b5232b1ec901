#include "daemon/app/sender.hpp"
#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "daemon/runtime/process/process_host.hpp"
#include "tests/unit/app/stage.hpp"

#include <boost/asio/io_context.hpp>

#include <stdexcept>

namespace reviewd::test::test_sender {

using app::Channels;
using app::Sender;
using app::test::Stage;

namespace {

namespace net = boost::asio;

/// A sender without channels: what it is asked to look for is found at once.
struct Idle {
    Stage stage;
    net::io_context loop;
    runtime::CurlOutbound outbound{loop.get_executor()};
    runtime::ProcessHost processes{loop.get_executor()};
    app::StoreDoor store{[](const std::string& /*reason*/) {
    }};
    Sender sender{loop.get_executor(), store, stage.clock, stage.log, [](Sender::Event /*event*/) {
                      throw std::runtime_error{"no memory left"};
                  }};

    Idle() {
        sender.use(std::make_shared<const Channels>(
            config::Settings{},
            notify::PluginContext{
                .outbound = outbound,
                .processes = processes,
                .base_directory = {},
                .credentials_directory = {},
                .terminal_line = {},
            }
        ));
    }
};

} // namespace

TEST_CASE("what a delivery's own flow throws is not lost", "[app][sender]") {
    Idle idle;
    SECTION("it is told to whom it was promised") {
        std::string told;
        idle.sender.fail_to([&](const std::exception_ptr& thrown) {
            try {
                std::rethrow_exception(thrown);
            } catch (const std::exception& error) {
                told = error.what();
            }
        });
        idle.sender.look();
        idle.loop.poll();
        CHECK(told == "no memory left");
    }
    SECTION("or leaves the loop") {
        idle.sender.look();
        CHECK_THROWS_AS(idle.loop.poll(), std::runtime_error);
    }
}

} // namespace reviewd::test::test_sender
