#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/smtp_server.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace reviewd::test::test_smtp_pool {

namespace net = boost::asio;
using namespace std::chrono_literals;
using reviewd::notify::Outcome;
using reviewd::notify::Verdict;
using reviewd::test::SmtpServerSettings;
using reviewd::test::SmtpStage;
using reviewd::test::SmtpStep;
using Then = SmtpStep::Then;

namespace {

struct World {
    Outcome submit(const std::string& to = "jo@hartley.test") {
        reviewd::notify::MailSubmission mail;
        mail.host = "127.0.0.1";
        mail.port = server.port();
        mail.tls.mode = reviewd::notify::TlsSettings::Mode::none;
        mail.helo_name = "client.test";
        mail.envelope_from = "reviews@client.test";
        mail.envelope_to = to;
        mail.content = fmt::format("Subject: {}\r\n\r\n.hello\r\n", ++number);
        mail.deadline = deadline;
        mail.commit = [this]() -> net::awaitable<bool> {
            ++commits;
            co_return true;
        };
        return reviewd::test::await(loop, outbound.submit(mail));
    }

    void step(SmtpStage stage, std::string reply, Then then, int times) {
        server.script()[stage] = SmtpStep{std::move(reply), then, {}, times};
    }

    net::io_context loop{1};
    reviewd::test::SmtpServer server{loop.get_executor(), SmtpServerSettings{}};
    reviewd::runtime::CurlOutbound outbound{loop.get_executor()};
    std::chrono::milliseconds deadline = 5s;
    int commits = 0;
    int number = 0;
};

} // namespace

TEST_CASE("messages go over one connection, one recipient each", "[outbound][smtp][pool][F28]") {
    World world;
    for (int i = 0; i < 20; ++i) {
        REQUIRE(world.submit(fmt::format("p{}@hartley.test", i)).verdict == Verdict::accepted);
    }
    CHECK(world.server.connections() == 1);
    CHECK(world.commits == 20);
    REQUIRE(world.server.accepted().size() == 20);
    for (int i = 0; i < 20; ++i) {
        const auto& mail = world.server.accepted()[static_cast<std::size_t>(i)];
        CHECK(mail.recipients == std::vector{fmt::format("p{}@hartley.test", i)});
        CHECK(mail.content == fmt::format("Subject: {}\r\n\r\n.hello\r\n", i + 1));
    }
}

TEST_CASE("a connection carries at most a hundred messages", "[outbound][smtp][pool]") {
    World world;
    for (int i = 0; i < 101; ++i) {
        REQUIRE(world.submit().verdict == Verdict::accepted);
    }
    CHECK(world.server.connections() == 2);
}

TEST_CASE("a kept connection that was closed costs no attempt", "[outbound][smtp][pool][F26]") {
    World world;
    CHECK(world.submit().verdict == Verdict::accepted);
    // The server has had enough, and says so in answer to the next message or not at all.
    for (const std::string reply : {"421 4.4.2 too long idle\r\n", ""}) {
        world.step(SmtpStage::mail, reply, Then::close, 1);
        const int before = world.server.connections();
        CHECK(world.submit().verdict == Verdict::accepted);
        CHECK(world.server.connections() == before + 1);
    }
    CHECK(world.server.accepted().size() == 3);
    CHECK(world.commits == 3);
}

TEST_CASE("a message that is sent anew has no more time", "[outbound][smtp][pool][F27]") {
    World world;
    CHECK(world.submit().verdict == Verdict::accepted);
    world.deadline = 1500ms;
    // The kept connection takes its time to say that it goes, and the new one says nothing.
    world.server.script()[SmtpStage::mail] =
        SmtpStep{"421 4.4.2 too long idle\r\n", Then::close, 35ms, 1};
    world.step(SmtpStage::greeting, "", Then::silence, 1);
    const auto begun = std::chrono::steady_clock::now();
    const Outcome outcome = world.submit();
    CHECK(std::chrono::steady_clock::now() - begun < 2200ms); // not 0.9 s and 1.5 s
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == reviewd::notify::Reason::timeout);
    CHECK(world.server.connections() == 2);
}

TEST_CASE("a lost answer is not tried again over a new connection", "[outbound][smtp][pool][F26]") {
    World world;
    CHECK(world.submit().verdict == Verdict::accepted);
    world.step(SmtpStage::final_dot, "", Then::close, 1);
    CHECK(world.submit().verdict == Verdict::uncertain);
    CHECK(world.server.connections() == 1);
    CHECK(world.commits == 2);
}

TEST_CASE("a refusal ends the connection, and nothing spills over", "[outbound][smtp][pool][F24]") {
    World world;
    CHECK(world.submit().verdict == Verdict::accepted);
    world.step(SmtpStage::rcpt, "550 5.1.1 unknown\r\n", Then::go_on, 1);
    CHECK(world.submit("gone@hartley.test").verdict == Verdict::permanent);
    CHECK(world.submit().verdict == Verdict::accepted);
    REQUIRE(world.server.accepted().size() == 2);
    CHECK(world.server.accepted()[1].recipients == std::vector<std::string>{"jo@hartley.test"});
}

TEST_CASE(
    "a kept connection on which the server speaks is not used", "[outbound][smtp][pool][T32]"
) {
    World world;
    // Words behind the 250 of the final dot would be taken for the answer to the next MAIL.
    world.step(SmtpStage::final_dot, "250 2.0.0 taken\r\n250 2.1.0 injected\r\n", Then::go_on, 1);
    CHECK(world.submit().verdict == Verdict::accepted);
    CHECK(world.submit().verdict == Verdict::accepted);
    CHECK(world.server.connections() == 2);
}

} // namespace reviewd::test::test_smtp_pool
