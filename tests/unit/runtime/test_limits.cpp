#include "daemon/runtime/control_client.hpp"
#include "daemon/runtime/control_server.hpp"
#include "daemon/runtime/journal_sink.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/object.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <future>
#include <semaphore>
#include <sstream>
#include <thread>

namespace reviewd::test::test_limits {

using namespace reviewd;
using namespace std::chrono_literals;
namespace net = boost::asio;

namespace {

boost::json::value served() {
    boost::json::object object;
    object["served"] = true;
    return object;
}

} // namespace

TEST_CASE("without descriptors the control socket pauses, and recovers", "[runtime][limits][F49]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() / "run" / "control.sock";
    std::ostringstream lines;
    const runtime::Log log =
        runtime::Log::to_sink(std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
    net::io_context loop{1};
    auto handler = [](runtime::ControlRequest,
                      runtime::ProgressSink) -> net::awaitable<Result<boost::json::value>> {
        co_return served();
    };
    auto server = runtime::ControlServer::open(loop.get_executor(), path, handler, log).value();
    std::thread thread{[&] {
        loop.run();
    }};
    // The sanitizer opens descriptors when it first sees an object of a class. It is to see them
    // now, and nothing is checked below while there are none.
    log.tell(LogEvent::control_refused, {{"reason", "no descriptors are left"}});
    auto first = runtime::ControlClient::connect(path); // kept: its end would free a descriptor
    REQUIRE(first->call("status", {}).has_value());
    decltype(first) client = fail(ErrorCode::internal, "");
    Result<boost::json::value> answer = fail(ErrorCode::internal, "");
    std::binary_semaphore asks{0};
    std::binary_semaphore has_answer{0};
    std::binary_semaphore may_end{0};
    std::binary_semaphore has_begun{0};
    std::thread asking{[&] {
        has_begun.release();
        asks.acquire();
        answer = client->call("status", {});
        has_answer.release();
        may_end.acquire();
    }};
    has_begun.acquire();
    bool is_connected = false;
    bool is_served_at_once = false;
    {
        NoDescriptors nothing_left;
        nothing_left.leave_one(); // for the client; the server finds none for its end
        client = runtime::ControlClient::connect(path);
        is_connected = client.has_value();
        asks.release();
        is_served_at_once = has_answer.try_acquire_for(300ms);
        nothing_left.leave_one();
        nothing_left.leave_one();
        if (!is_served_at_once) {
            has_answer.acquire();
        }
    }
    may_end.release();
    asking.join();
    CHECK(is_connected);
    CHECK_FALSE(is_served_at_once);
    REQUIRE(answer.has_value());
    CHECK(answer->at("served") == true);
    net::post(loop, [&] { server.reset(); });
    thread.join();
    REVIEWD_CHECK_CONTAINS(lines.str(), "control.accept_failed");
}

TEST_CASE("a journal that blocks holds up nobody, and the loss is counted", "[runtime][log][F52]") {
    std::promise<void> gate;
    const std::shared_future<void> open = gate.get_future().share();
    std::mutex mutex;
    std::vector<runtime::JournalSink::Entry> sent;
    {
        auto sink = std::make_shared<runtime::JournalSink>(
            [&](runtime::JournalSink::Entry& entry) {
                open.wait();
                const std::lock_guard lock{mutex};
                sent.push_back(entry);
            },
            100
        );
        spdlog::logger logger{"test", sink};
        for (int number = 0; number < 1000; ++number) {
            logger.info("event {}", number); // would hang for ever if it waited
        }
        gate.set_value();
    }
    REQUIRE(sent.size() >= 101);
    CHECK(sent.size() <= 103);
    CHECK(sent.front().front() == "MESSAGE=event 0");
    const auto loss = std::find_if(sent.begin(), sent.end(), [](const auto& entry) {
        return entry.front().rfind("MESSAGE=log.dropped count=", 0) == 0;
    });
    REQUIRE(loss != sent.end());
}

} // namespace reviewd::test::test_limits
