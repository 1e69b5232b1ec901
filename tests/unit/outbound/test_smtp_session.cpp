#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/smtp_server.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::test::test_smtp_session {

namespace net = boost::asio;
using namespace std::chrono_literals;
using reviewd::notify::Outcome;
using reviewd::notify::Reason;
using reviewd::notify::TlsSettings;
using reviewd::notify::Verdict;
using reviewd::test::CertificateDefect;
using reviewd::test::SmtpServerSettings;
using reviewd::test::SmtpStage;
using reviewd::test::SmtpStep;
using Then = SmtpStep::Then;

namespace {

enum class Gate { opens, stays_closed };

struct World {
    explicit World(SmtpServerSettings settings = {})
        : server(loop.get_executor(), std::move(settings)), outbound(loop.get_executor()) {
        mail.host = "127.0.0.1";
        mail.port = server.port();
        mail.tls.mode = TlsSettings::Mode::none;
        mail.helo_name = "client.test";
        mail.envelope_from = "reviews@client.test";
        mail.envelope_to = "jo@hartley.test";
        mail.content = "Subject: x\r\n\r\nhello\r\n";
        mail.deadline = 5s;
        mail.dialogue = [this](std::string_view line) {
            dialogue.emplace_back(line);
        };
    }

    Outcome submit(Gate gate = Gate::opens) {
        mail.commit = [this, gate]() -> net::awaitable<bool> {
            ++commits;
            dots_at_commit = server.final_dots();
            co_return gate == Gate::opens;
        };
        return reviewd::test::await(loop, outbound.submit(mail));
    }

    void step(SmtpStage stage, std::string reply, Then then = Then::go_on) {
        server.script()[stage] = SmtpStep{std::move(reply), then, {}, -1};
    }

    [[nodiscard]] std::string talk() const {
        std::string text;
        for (const std::string& line : dialogue) {
            text += line + "\n";
        }
        return text;
    }

    net::io_context loop{1};
    reviewd::test::SmtpServer server;
    reviewd::runtime::CurlOutbound outbound;
    reviewd::notify::MailSubmission mail;
    std::vector<std::string> dialogue;
    int commits = 0;
    int dots_at_commit = -1;
};

bool has_command(const World& world, const std::string& verb) {
    const auto& commands = world.server.commands();
    return std::any_of(commands.begin(), commands.end(), [&](const std::string& line) {
        return line.substr(0, verb.size()) == verb;
    });
}

} // namespace

TEST_CASE("a message is submitted to exactly one recipient", "[outbound][smtp][F28]") {
    World world;
    const Outcome outcome = world.submit();
    CHECK(outcome.verdict == Verdict::accepted);
    CHECK(outcome.code == 250);
    CHECK(outcome.enhanced_code == "2.0.0");
    REQUIRE(world.server.accepted().size() == 1);
    const auto& mail = world.server.accepted()[0];
    CHECK(mail.from == "reviews@client.test");
    CHECK(mail.recipients == std::vector<std::string>{"jo@hartley.test"});
    CHECK(mail.content == "Subject: x\r\n\r\nhello\r\n");
    CHECK(has_command(world, "EHLO client.test"));
}

TEST_CASE(
    "memory that is short in libcurl's callbacks ends the attempt alone", "[outbound][smtp]"
) {
    for (const std::string_view direction : {"<", ">"}) {
        CAPTURE(direction);
        World world;
        bool has_failed = false;
        world.mail.dialogue = [&](std::string_view line) {
            if (!has_failed && line.starts_with(direction)) {
                has_failed = true;
                throw std::bad_alloc{};
            }
        };
        const Outcome outcome = world.submit();
        CHECK(has_failed);
        CHECK(outcome.verdict == Verdict::temporary);
        CHECK(outcome.reason == Reason::local_io);
        CHECK(outcome.reply == "Out of memory");
        CHECK(world.commits == 0);
        CHECK(world.submit().verdict == Verdict::accepted);
    }
}

TEST_CASE("the gate runs once, before the final dot", "[outbound][smtp][F2]") {
    World world;
    CHECK(world.submit().verdict == Verdict::accepted);
    CHECK(world.commits == 1);
    CHECK(world.dots_at_commit == 0);
}

TEST_CASE("a gate that stays closed sends nothing more", "[outbound][smtp][F2]") {
    World world;
    const Outcome outcome = world.submit(Gate::stays_closed);
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == Reason::shutting_down);
    world.loop.poll();
    CHECK(world.server.final_dots() == 0);
    CHECK(world.server.accepted().empty());
    CHECK(world.server.commands().back() == "DATA");
}

TEST_CASE("refusals at every stage are classified", "[outbound][smtp][F23][F24][F25]") {
    struct Row {
        SmtpStage stage;
        const char* reply;
        Verdict verdict;
        Reason reason;
        int commits;
    };
    const std::vector<Row> rows{
        {SmtpStage::greeting, "421 4.3.2 busy\r\n", Verdict::temporary, Reason::deferred, 0},
        {SmtpStage::greeting, "554 5.3.2 go away\r\n", Verdict::misconfigured, Reason::rejected, 0},
        {SmtpStage::mail, "451 4.3.0 later\r\n", Verdict::temporary, Reason::deferred, 0},
        {SmtpStage::mail,
         "530 5.7.0 log in\r\n",
         Verdict::misconfigured,
         Reason::authentication,
         0},
        // About the sender, so about every message that there is.
        {SmtpStage::mail, "550 5.7.1 no\r\n", Verdict::misconfigured, Reason::rejected, 0},
        {SmtpStage::mail, "553 5.7.1 not yours\r\n", Verdict::misconfigured, Reason::rejected, 0},
        {SmtpStage::rcpt,
         "553 5.7.1 <reviews@client.test>: Sender address rejected: not owned by user\r\n",
         Verdict::misconfigured,
         Reason::rejected,
         0},
        // About the size of this one.
        {SmtpStage::mail, "552 5.2.2 too big\r\n", Verdict::permanent, Reason::rejected, 0},
        {SmtpStage::mail, "554 5.3.4 too big\r\n", Verdict::permanent, Reason::rejected, 0},
        // About one recipient, whatever the code stands for elsewhere.
        {SmtpStage::rcpt, "454 4.7.1 denied\r\n", Verdict::temporary, Reason::deferred, 0},
        {SmtpStage::rcpt,
         "553 5.7.1 <jo@hartley.test>: Sender address rejected\r\n",
         Verdict::permanent,
         Reason::rejected,
         0},
        {SmtpStage::rcpt, "450 4.2.0 greylisted\r\n", Verdict::temporary, Reason::deferred, 0},
        {SmtpStage::rcpt, "550 5.1.1 unknown\r\n", Verdict::permanent, Reason::rejected, 0},
        {SmtpStage::data, "451 4.3.0 later\r\n", Verdict::temporary, Reason::deferred, 0},
        {SmtpStage::data, "554 5.6.0 no\r\n", Verdict::permanent, Reason::rejected, 0},
        {SmtpStage::final_dot, "452 4.3.1 full\r\n", Verdict::temporary, Reason::deferred, 1},
        {SmtpStage::final_dot, "554 5.7.1 spam\r\n", Verdict::permanent, Reason::rejected, 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.reply, static_cast<int>(row.stage));
        World world;
        world.step(row.stage, row.reply);
        const Outcome outcome = world.submit();
        CHECK(outcome.verdict == row.verdict);
        CHECK(outcome.reason == row.reason);
        CHECK(outcome.code == std::stoi(row.reply));
        CHECK(outcome.enhanced_code == std::string{row.reply}.substr(4, 5));
        CHECK(outcome.reply.find(std::string{row.reply}.substr(10, 2)) != std::string::npos);
        CHECK(world.commits == row.commits);
        CHECK(world.server.accepted().empty());
    }
}

TEST_CASE("a server may think long about the final dot", "[outbound][smtp][F26][F27]") {
    World world;
    const SmtpStep slow{"250 2.0.0 taken at last\r\n", Then::go_on, 30ms, -1};
    world.server.script()[SmtpStage::final_dot] = slow;
    world.mail.deadline = 300ms; // of the dialogue before it
    world.mail.answer_time = 10s;
    CHECK(world.submit().verdict == Verdict::accepted);
    world.server.script()[SmtpStage::rcpt] = slow;
    CHECK(world.submit().reason == Reason::timeout);
    CHECK(world.server.accepted().size() == 1);
}

TEST_CASE("the time for the final dot has an end too", "[outbound][smtp][F27]") {
    World world;
    world.step(SmtpStage::final_dot, "", Then::silence);
    world.mail.answer_time = 60ms;
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome = world.submit();
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
    CHECK(outcome.verdict == Verdict::uncertain);
    CHECK(outcome.reason == Reason::timeout);
}

TEST_CASE(
    "a connection lost before the dot is a failure, behind it uncertain", "[outbound][smtp][F26]"
) {
    for (const SmtpStage stage :
         {SmtpStage::greeting,
          SmtpStage::ehlo,
          SmtpStage::mail,
          SmtpStage::rcpt,
          SmtpStage::data}) {
        CAPTURE(static_cast<int>(stage));
        World world;
        world.step(stage, "", Then::close);
        const Outcome outcome = world.submit();
        CHECK(outcome.verdict == Verdict::temporary);
        CHECK(outcome.reason == Reason::connect);
        CHECK(world.commits == 0);
    }
    World world;
    world.step(SmtpStage::final_dot, "", Then::close);
    const Outcome outcome = world.submit();
    CHECK(outcome.verdict == Verdict::uncertain);
    CHECK(outcome.reason == Reason::connect);
    CHECK(world.server.accepted().size() == 1);
}

TEST_CASE("a silent server costs no more than the deadline", "[outbound][smtp][F27]") {
    for (const SmtpStage stage :
         {SmtpStage::greeting,
          SmtpStage::ehlo,
          SmtpStage::mail,
          SmtpStage::rcpt,
          SmtpStage::data,
          SmtpStage::final_dot}) {
        CAPTURE(static_cast<int>(stage));
        World world;
        world.mail.deadline = 60ms;
        world.step(stage, "", Then::silence);
        const auto begin = std::chrono::steady_clock::now();
        const Outcome outcome = world.submit();
        CHECK(std::chrono::steady_clock::now() - begin < 2s);
        const bool is_behind = stage == SmtpStage::final_dot;
        CHECK(outcome.verdict == (is_behind ? Verdict::uncertain : Verdict::temporary));
        CHECK(outcome.reason == Reason::timeout);
    }
}

TEST_CASE("the loop goes on while a server thinks about the final dot", "[outbound][smtp][F27]") {
    World world;
    world.mail.deadline = 300ms;
    world.step(SmtpStage::final_dot, "", Then::silence);
    int ticks = 0;
    net::steady_timer timer{world.loop};
    std::function<void()> tick = [&] {
        timer.expires_after(5ms);
        timer.async_wait([&](auto error) {
            ++ticks;
            if (!error) {
                tick();
            }
        });
    };
    tick();
    CHECK(world.submit().verdict == Verdict::uncertain);
    CHECK(ticks > 10);
}

TEST_CASE("one byte at a time ends at the deadline", "[outbound][smtp][F27][T33]") {
    for (const SmtpStage stage : {SmtpStage::greeting, SmtpStage::rcpt, SmtpStage::final_dot}) {
        World world;
        world.mail.deadline = 80ms;
        world.server.script()[stage] =
            SmtpStep{"250-" + std::string(900, 'x'), Then::go_on, 5ms, -1};
        const Outcome outcome = world.submit();
        CHECK(outcome.reason == Reason::timeout);
    }
}

namespace {

/// Takes a dialogue up to the 354, and then not a byte of the message.
net::awaitable<void> stop_reading(net::ip::tcp::acceptor& acceptor, net::ip::tcp::socket& peer) {
    co_await acceptor.async_accept(peer, net::use_awaitable);
    std::string received;
    static constexpr std::array<std::string_view, 5> replies{
        "220 mail.test\r\n", "250 mail.test\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n"};
    for (const std::string_view& reply : replies) {
        co_await net::async_write(peer, net::buffer(reply), net::use_awaitable);
        if (&reply != &replies.back()) {
            auto buffer = net::dynamic_buffer(received);
            co_await net::async_read_until(peer, buffer, "\r\n", net::use_awaitable);
            received.clear();
        }
    }
}

} // namespace

TEST_CASE("a server that stops reading costs no more than the deadline", "[outbound][smtp][F27]") {
    World world;
    net::ip::tcp::acceptor acceptor{world.loop, {net::ip::address_v4::loopback(), 0}};
    net::ip::tcp::socket peer{world.loop};
    net::co_spawn(world.loop, stop_reading(acceptor, peer), net::detached);
    world.mail.port = acceptor.local_endpoint().port();
    world.mail.deadline = 300ms;
    std::string content = "Subject: x\r\n\r\n";
    while (content.size() < (32U << 20U)) { // more than a connection holds by itself
        content += std::string(70, 'x') + "\r\n";
    }
    world.mail.content = content;
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome = world.submit();
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == Reason::timeout);
    CHECK(world.commits == 0); // the final dot was never reached
}

TEST_CASE("garbage and floods are no reply", "[outbound][smtp][T33][F27]") {
    std::string endless;
    for (int line = 0; line < 5000; ++line) {
        endless += "250-flood of words\r\n";
    }
    const std::string nul{"25\0 ok\r\n", 8};
    for (const std::string& reply :
         {std::string{"HTTP/1.1 400 Bad Request\r\n\r\n"},
          std::string(2'000'000, 'x'),
          endless,
          nul}) {
        for (const SmtpStage stage : {SmtpStage::greeting, SmtpStage::rcpt, SmtpStage::final_dot}) {
            CAPTURE(reply.substr(0, 20), static_cast<int>(stage));
            World world;
            world.mail.deadline = 300ms;
            world.step(stage, reply, Then::silence);
            const Outcome outcome = world.submit();
            const bool is_behind = stage == SmtpStage::final_dot;
            CHECK(outcome.verdict == (is_behind ? Verdict::uncertain : Verdict::temporary));
            CHECK(outcome.reason != Reason::none);
            CHECK(outcome.reply.size() <= 1024);
        }
    }
}

TEST_CASE("words that nobody asked for end the dialogue before the dot", "[outbound][smtp][T32]") {
    World world;
    world.step(SmtpStage::rcpt, "250 ok\r\n354 go\r\n250 2.0.0 taken\r\n");
    const Outcome outcome = world.submit();
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == Reason::protocol);
    CHECK(world.commits == 0);
}

TEST_CASE("nobody listening is a temporary failure", "[outbound][smtp][F22]") {
    World world;
    {
        net::ip::tcp::acceptor closed{world.loop, {net::ip::address_v4::loopback(), 0}};
        world.mail.port = closed.local_endpoint().port();
    }
    const Outcome outcome = world.submit();
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == Reason::connect);
}

TEST_CASE("a name that does not exist is a temporary failure", "[outbound][smtp][F22]") {
    World world;
    world.mail.tls.mode = TlsSettings::Mode::implicit;
    world.mail.host = "no-such-host.invalid";
    const Outcome outcome = world.submit();
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK((outcome.reason == Reason::dns || outcome.reason == Reason::timeout));
}

TEST_CASE("bodies arrive as one message whatever their lines", "[outbound][smtp][T12]") {
    World world;
    std::mt19937 random{20240229};
    const std::vector<std::string> pieces{
        ".",
        "..",
        "\r\n",
        "\n",
        "\r",
        "\r\n.\r\n",
        "\n.\n",
        "\n.\r\n",
        "\r.\r",
        "\r\n.",
        "a",
        "From ",
        "QUIT",
        "\r\nMAIL FROM:<x@y>",
        std::string(1, '\0'),
        "\xE0\xA6\x95"};
    std::size_t count = 0;
    for (int round = 0; round < 300; ++round) {
        std::string body = "Subject: fuzz\r\n\r\n";
        const auto length = random() % 20;
        for (unsigned i = 0; i < length; ++i) {
            body += pieces[random() % pieces.size()];
        }
        world.mail.content = body;
        const Outcome outcome = world.submit();
        REQUIRE(outcome.verdict == Verdict::accepted);
        REQUIRE(world.server.accepted().size() == ++count);
        std::string expected;
        for (const char byte : body) {
            expected += byte == '\r' ? "" : byte == '\n' ? "\r\n" : std::string(1, byte);
        }
        if (expected.substr(expected.size() - 2) != "\r\n") {
            expected += "\r\n";
        }
        REQUIRE(world.server.accepted().back().content == expected);
    }
    CHECK(world.server.bare_line_ends() == 0);
    CHECK_FALSE(has_command(world, "MAIL FROM:<x@y>"));
}

TEST_CASE("a large message arrives whole", "[outbound][smtp]") {
    World world;
    world.mail.content = "Subject: x\r\n\r\n";
    for (int line = 0; line < 50'000; ++line) {
        world.mail.content += "..0123456789 0123456789 0123456789 0123456789 0123456789\r\n";
    }
    CHECK(world.submit().verdict == Verdict::accepted);
    CHECK(world.server.accepted().at(0).content == world.mail.content);
}

TEST_CASE("who refuses a message on its way is heard", "[outbound][smtp][F24]") {
    World world;
    world.step(SmtpStage::data, "354 go on\r\n552 5.3.4 too big\r\n", Then::close);
    world.mail.content += std::string(16UL * 1024 * 1024, 'x') + "\r\n";
    const Outcome outcome = world.submit();
    CHECK(outcome.verdict == Verdict::permanent);
    CHECK(outcome.code == 552);
    CHECK(world.commits == 0);
}

TEST_CASE("addresses that could carry a command are refused unsent", "[outbound][smtp][T13]") {
    World world;
    for (const char* address :
         {"a@b\r\nDATA", "<a@b>", "a@b> NOTIFY=NEVER", "-oQ/tmp@b.test", ""}) {
        world.mail.envelope_to = address;
        const Outcome outcome = world.submit();
        CHECK(outcome.verdict == Verdict::permanent);
        CHECK(outcome.reason == Reason::bad_address);
    }
    CHECK(world.server.connections() == 0);
}

namespace {

/// A server with a certificate, and a client that trusts its root.
struct TlsWorld {
    explicit TlsWorld(
        SmtpServerSettings::Tls tls, CertificateDefect defect = CertificateDefect::none
    )
        : authority(directory.path()) {
        SmtpServerSettings settings;
        settings.tls = tls;
        settings.certificate = authority.issue("server", defect);
        settings.login = reviewd::test::SmtpLogin{"reviews", "canary-password-5"};
        world = std::make_unique<World>(std::move(settings));
        world->mail.tls.mode = tls == SmtpServerSettings::Tls::implicit
                                   ? TlsSettings::Mode::implicit
                                   : TlsSettings::Mode::starttls_required;
        world->mail.tls.authority_file = authority.root_file().string();
        world->mail.login = reviewd::notify::Login{"reviews", "canary-password-5"};
    }

    reviewd::test::TemporaryDirectory directory;
    reviewd::test::CertificateAuthority authority;
    std::unique_ptr<World> world;
};

constexpr std::array tls_modes{
    SmtpServerSettings::Tls::starttls, SmtpServerSettings::Tls::implicit};

} // namespace

TEST_CASE("a login goes through TLS and is never shown", "[outbound][smtp][T32][T35]") {
    for (const auto mode : tls_modes) {
        TlsWorld tls{mode};
        const Outcome outcome = tls.world->submit();
        CAPTURE(outcome.reply, tls.world->talk());
        CHECK(outcome.verdict == Verdict::accepted);
        REQUIRE(tls.world->server.accepted().size() == 1);
        CHECK(tls.world->server.accepted()[0].has_tls);
        CHECK(tls.world->server.accepted()[0].user == "reviews");
        CHECK(tls.world->talk().find("canary") == std::string::npos);
        CHECK(tls.world->talk().find("AHJldmlld3MAY2FuYXJ5LXBhc3N3b3JkLTU=") == std::string::npos);
        REVIEWD_CHECK_CONTAINS(tls.world->talk(), "> AUTH PLAIN ***");
        REVIEWD_CHECK_CONTAINS(tls.world->talk(), "< 250 2.0.0 taken");
    }
}

TEST_CASE("a password goes to servers that would rather have something else", "[outbound][smtp]") {
    for (const char* mechanisms :
         {"GSSAPI PLAIN LOGIN",
          "GSSAPI NTLM LOGIN",
          "NTLM PLAIN",
          "DIGEST-MD5 PLAIN",
          "CRAM-MD5 LOGIN",
          "XOAUTH2 PLAIN",
          "CRAM-MD5",
          "GSSAPI CRAM-MD5"}) {
        CAPTURE(mechanisms);
        SmtpServerSettings settings;
        settings.login = reviewd::test::SmtpLogin{"rev@client.test", "canary-password-5"};
        settings.mechanisms = mechanisms;
        World world{std::move(settings)};
        world.mail.login = reviewd::notify::Login{"rev@client.test", "canary-password-5"};
        const Outcome outcome = world.submit();
        CAPTURE(outcome.reply, world.talk());
        CHECK(outcome.verdict == Verdict::accepted);
        REQUIRE(world.server.accepted().size() == 1);
        CHECK(world.server.accepted()[0].user == "rev@client.test");
        CHECK(world.talk().find("canary") == std::string::npos);
    }
}

TEST_CASE("a wrong password stops the channel and is not echoed", "[outbound][smtp][F25][T35]") {
    TlsWorld tls{SmtpServerSettings::Tls::implicit};
    tls.world->step(
        SmtpStage::auth,
        "535 5.7.8 bad canary-password-5 AHJldmlld3MAY2FuYXJ5LXBhc3N3b3JkLTU= "
        "Y2FuYXJ5LXBhc3N3b3JkLTU=\r\n"
    );
    const Outcome outcome = tls.world->submit();
    CHECK(outcome.verdict == Verdict::misconfigured);
    CHECK(outcome.reason == Reason::authentication);
    CHECK(outcome.code == 535);
    const std::string all = outcome.reply + tls.world->talk();
    CHECK(all.find("canary") == std::string::npos);
    CHECK(all.find("Y2FuYXJ5") == std::string::npos);
    CHECK(all.find("AHJldmll") == std::string::npos);
}

TEST_CASE("a login that is put off stops the channel too", "[outbound][smtp][F25]") {
    TlsWorld tls{SmtpServerSettings::Tls::implicit};
    tls.world->step(SmtpStage::auth, "454 4.7.0 later\r\n");
    const Outcome outcome = tls.world->submit();
    CHECK(outcome.verdict == Verdict::misconfigured);
    CHECK(outcome.reason == Reason::authentication);
}

TEST_CASE(
    "a server without logins gets no message of a channel with one", "[outbound][smtp][F25]"
) {
    World world;
    world.mail.login = reviewd::notify::Login{"reviews", "canary-password-5"};
    const Outcome outcome = world.submit();
    CHECK(outcome.verdict == Verdict::misconfigured);
    CHECK(outcome.reason == Reason::authentication);
    CHECK(world.server.accepted().empty());
}

TEST_CASE("bad certificates are refused before the login", "[outbound][smtp][T31]") {
    for (const auto mode : tls_modes) {
        for (const CertificateDefect defect :
             {CertificateDefect::expired,
              CertificateDefect::not_yet_valid,
              CertificateDefect::wrong_name,
              CertificateDefect::nul_in_name,
              CertificateDefect::self_signed,
              CertificateDefect::weak_key,
              CertificateDefect::weak_digest,
              CertificateDefect::for_clients_only,
              CertificateDefect::outside_constraints,
              CertificateDefect::signed_by_no_authority}) {
            CAPTURE(static_cast<int>(defect));
            TlsWorld tls{mode, defect};
            const Outcome outcome = tls.world->submit();
            CHECK(outcome.verdict == Verdict::misconfigured);
            CHECK(outcome.reason == Reason::certificate);
            CHECK_FALSE(has_command(*tls.world, "AUTH"));
            CHECK_FALSE(has_command(*tls.world, "MAIL"));
        }
    }
}

TEST_CASE("a root that nobody trusts is refused", "[outbound][smtp][T31]") {
    TlsWorld tls{SmtpServerSettings::Tls::implicit};
    tls.world->mail.tls.authority_file.clear();
    CHECK(tls.world->submit().reason == Reason::certificate);
}

TEST_CASE("a server that speaks only outdated TLS is refused", "[outbound][smtp][T31]") {
    for (const auto mode : tls_modes) {
        reviewd::test::TemporaryDirectory directory;
        const reviewd::test::CertificateAuthority authority{directory.path()};
        SmtpServerSettings settings;
        settings.tls = mode;
        settings.certificate = authority.issue("server");
        settings.certificate.protocol = reviewd::test::CertificateFiles::Protocol::outdated;
        World world{std::move(settings)};
        world.mail.tls.mode = mode == SmtpServerSettings::Tls::implicit
                                  ? TlsSettings::Mode::implicit
                                  : TlsSettings::Mode::starttls_required;
        world.mail.tls.authority_file = authority.root_file().string();
        const Outcome outcome = world.submit();
        CHECK(outcome.verdict == Verdict::temporary);
        CHECK(outcome.reason == Reason::tls);
        CHECK(world.server.accepted().empty());
    }
}

TEST_CASE("a server that lost its STARTTLS gets nothing in clear text", "[outbound][smtp][T32]") {
    TlsWorld tls{SmtpServerSettings::Tls::starttls};
    tls.world->step(SmtpStage::ehlo, "250-mail.test\r\n250 AUTH PLAIN\r\n");
    const Outcome outcome = tls.world->submit();
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == Reason::tls);
    CHECK_FALSE(has_command(*tls.world, "AUTH"));
    CHECK_FALSE(has_command(*tls.world, "MAIL"));
}

TEST_CASE(
    "clear text injected behind STARTTLS is not taken for an answer", "[outbound][smtp][T32]"
) {
    TlsWorld tls{SmtpServerSettings::Tls::starttls};
    tls.world->mail.deadline = 500ms;
    tls.world->step(SmtpStage::starttls, "220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n");
    const Outcome outcome = tls.world->submit();
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(tls.world->server.accepted().empty());
    CHECK_FALSE(has_command(*tls.world, "AUTH"));
}

TEST_CASE("clear text is refused beyond loopback", "[outbound][smtp][T31]") {
    World world;
    world.mail.host = "192.0.2.1";
    world.mail.deadline = 500ms;
    const Outcome outcome = world.submit();
    CHECK(outcome.verdict == Verdict::misconfigured);
    CHECK(outcome.reason == Reason::bad_address);
}

} // namespace reviewd::test::test_smtp_session
