#include "daemon/notify/plugins/journal/journal_notifier.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/notify/samples.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::test::test_journal {

using reviewd::notify::JournalNotifier;
using reviewd::notify::Message;
using reviewd::notify::Outcome;
using reviewd::notify::Reason;
using reviewd::notify::Verdict;
using namespace reviewd::test;

namespace {

struct World {
    Outcome deliver(const Message& message = sample_message()) {
        JournalNotifier notifier{
            [this](const std::vector<std::string>& sent) {
                fields = sent;
                return result;
            },
            [this](std::string_view line) {
                terminal.emplace_back(line);
            }};
        SampleAttempt attempt;
        return await(loop, notifier.deliver(message, attempt));
    }

    [[nodiscard]] bool has(const std::string& field) const {
        return std::find(fields.begin(), fields.end(), field) != fields.end();
    }

    boost::asio::io_context loop{1};
    int result = 0;
    std::vector<std::string> fields;
    std::vector<std::string> terminal;
};

} // namespace

TEST_CASE("the journal gets identities and no names", "[notify][journal]") {
    World world;
    CHECK(world.deliver().verdict == Verdict::accepted);
    CHECK(world.has("REVIEWD_DELIVERY=d-0193-aa"));
    CHECK(world.has("REVIEWD_REMINDERS=r-1,r-2"));
    CHECK(world.has("REVIEWD_ATTEMPT=1"));
    CHECK(world.has("PRIORITY=6"));
    for (const std::string& field : world.fields) {
        for (const char* hidden : {"Hartley", "hartley", "LATE", "Today"}) {
            CHECK(field.find(hidden) == std::string::npos);
        }
    }
}

TEST_CASE("a terminal gets the message with its controls escaped", "[notify][journal][T34]") {
    World world;
    Message message = sample_message();
    message.text = "one\n\x1b[2Jtwo\r\n";
    CHECK(world.deliver(message).verdict == Verdict::accepted);
    CHECK(
        world.terminal
        == std::vector<
            std::
                string>{"Jo Hartley: Today 2, 1 late: Hartley Print first", "  one", "  \\x1b[2Jtwo\\r"}
    );
}

TEST_CASE("a journal that takes its time does not hold the loop", "[notify][journal][F27]") {
    World world;
    boost::asio::io_context elsewhere{1};
    const auto note = [&](const std::vector<std::string>& sent) {
        world.fields = sent;
        return 0;
    };
    const auto show = [&](std::string_view line) {
        world.terminal.emplace_back(line);
    };
    JournalNotifier notifier{note, show, elsewhere.get_executor()};
    SampleAttempt attempt;
    const Message message = sample_message();
    std::optional<Outcome> outcome;
    begin(world.loop, notifier, message, attempt, outcome);
    world.loop.poll();
    CHECK(attempt.commits_ == 1);
    CHECK(world.fields.empty());
    CHECK(world.terminal.empty());
    CHECK(elsewhere.poll() > 0);
    CHECK(world.has("REVIEWD_DELIVERY=d-0193-aa"));
    CHECK_FALSE(world.terminal.empty());
    CHECK_FALSE(outcome);
    world.loop.poll();
    REQUIRE(outcome);
    CHECK(outcome->verdict == Verdict::accepted);
}

TEST_CASE("a journal that fails is tried again", "[notify][journal]") {
    World world;
    world.result = -EAGAIN;
    const Outcome outcome = world.deliver();
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == Reason::local_io);
    CHECK(outcome.code == EAGAIN);
    CHECK(world.terminal.empty());
}

} // namespace reviewd::test::test_journal
