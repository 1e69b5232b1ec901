#include "daemon/runtime/outbound/smtp_reply.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace reviewd::test::test_smtp_reply {

using reviewd::notify::Reason;
using reviewd::notify::Verdict;
using reviewd::runtime::refusal;
using reviewd::runtime::Refused;
using reviewd::runtime::SmtpReply;
using reviewd::runtime::SmtpReplyReader;
using State = SmtpReplyReader::State;

namespace {

State read(const std::string& text, SmtpReply& reply) {
    SmtpReplyReader reader;
    std::string_view bytes = text;
    const State state = reader.take(bytes);
    if (state == State::complete) {
        reply = reader.reply();
    }
    return state;
}

} // namespace

TEST_CASE("a reply of several lines is one reply with its enhanced code", "[outbound][smtp]") {
    SmtpReplyReader reader;
    std::string_view bytes = "550-5.1.1 no such\r\n550 5.1.1 mailbox\r\n250 next\r\n";
    REQUIRE(reader.take(bytes) == State::complete);
    CHECK(reader.reply().code == 550);
    CHECK(reader.reply().enhanced_code == "5.1.1");
    CHECK(reader.reply().text == "550-5.1.1 no such\n550 5.1.1 mailbox\n");
    CHECK(bytes == "250 next\r\n");
}

TEST_CASE("a reply may come in pieces of one byte", "[outbound][smtp]") {
    SmtpReplyReader reader;
    const std::string text = "250-a\r\n250 b\r\n";
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string_view piece{&text[at], 1};
        const State state = reader.take(piece);
        CHECK((state == State::complete) == (at + 1 == text.size()));
    }
}

TEST_CASE("what is no reply is recognised", "[outbound][smtp][T33]") {
    SmtpReply reply;
    CHECK(read("hello\r\n", reply) == State::broken);
    CHECK(read("\r\n", reply) == State::broken);
    CHECK(read("25\r\n", reply) == State::broken);
    CHECK(read("250x\r\n", reply) == State::broken);
    CHECK(read("650 x\r\n", reply) == State::broken);
    CHECK(read("250-a\r\n550 b\r\n", reply) == State::broken);
    CHECK(read(std::string(100'000, 'x'), reply) == State::broken);
    std::string endless;
    for (int line = 0; line < 101; ++line) {
        endless += "250-x\r\n";
    }
    CHECK(read(endless, reply) == State::broken);
    CHECK(read("250", reply) == State::needs_more);
}

TEST_CASE("a line is kept to one KiB", "[outbound][smtp][T33]") {
    SmtpReply reply;
    REQUIRE(read("550 " + std::string(5000, 'x') + "\r\n", reply) == State::complete);
    CHECK(reply.text.size() == 1025);
}

TEST_CASE("enhanced codes must fit the reply", "[outbound][smtp]") {
    SmtpReply reply;
    for (const char* text :
         {"550 1.1.1 x\r\n",
          "550 5.1 x\r\n",
          "550 5.1.1.1 x\r\n",
          "550 5.1234.1 x\r\n",
          "550 x\r\n"}) {
        REQUIRE(read(text, reply) == State::complete);
        CHECK(reply.enhanced_code.empty());
    }
    REQUIRE(read("452 4.2.2\r\n", reply) == State::complete);
    CHECK(reply.enhanced_code == "4.2.2");
}

TEST_CASE("refusals are classified by their code", "[outbound][smtp][F23][F24][F25]") {
    struct Row {
        int code;
        Verdict verdict;
        Reason reason;
    };
    const std::vector<Row> rows{
        {421, Verdict::temporary, Reason::deferred},
        {450, Verdict::temporary, Reason::deferred},
        {451, Verdict::temporary, Reason::deferred},
        {452, Verdict::temporary, Reason::deferred},
        {454, Verdict::misconfigured, Reason::authentication},
        {530, Verdict::misconfigured, Reason::authentication},
        {535, Verdict::misconfigured, Reason::authentication},
        {550, Verdict::permanent, Reason::rejected},
        {552, Verdict::permanent, Reason::rejected},
        {554, Verdict::permanent, Reason::rejected},
        {250, Verdict::temporary, Reason::protocol},
    };
    for (const Row& row : rows) {
        CAPTURE(row.code);
        const auto outcome = refusal(SmtpReply{row.code, "", "x"}, Refused::connection, {});
        CHECK(outcome.verdict == row.verdict);
        CHECK(outcome.reason == row.reason);
        CHECK(outcome.code == row.code);
        const auto later = refusal(SmtpReply{row.code, "", "x"}, Refused::message, {});
        CHECK(later.verdict == (row.code == 454 ? Verdict::temporary : row.verdict));
        CHECK(later.reason == (row.code == 454 ? Reason::deferred : row.reason));
    }
    CHECK(
        refusal(SmtpReply{421, "", "421 too many messages"}, Refused::message, {}).reason
        == Reason::rate_limited
    );
    CHECK(
        refusal(SmtpReply{450, "4.7.28", "450 x"}, Refused::message, {}).reason
        == Reason::rate_limited
    );
}

TEST_CASE("who asks for less says so in words, not in names", "[outbound][smtp][F29]") {
    const auto reason_of = [](const std::string& line) {
        SmtpReply reply;
        REQUIRE(read(line + "\r\n", reply) == State::complete);
        return refusal(reply, Refused::message, {}).reason;
    };
    for (const char* line :
         {"421 4.7.0 mail.test Error: too many connections from 192.0.2.1",
          "450 4.7.1 Error: too much mail from 192.0.2.1",
          "450 4.7.1 Rate limit exceeded",
          "450 4.7.1 rate-limited, try later",
          "450 4.7.1 Ratelimit \"bounce\" exceeded",
          "421 4.7.28 unusual traffic",
          "421-4.7.0 Sending rate\r\n421 4.7.0 exceeded"}) {
        CAPTURE(line);
        CHECK(reason_of(line) == Reason::rate_limited);
    }
    for (const char* line :
         {"450 4.1.1 <p0@corporate.test>: Recipient address rejected: unverified address",
          "450 4.7.1 <rate@hartley.test>: Recipient address rejected: Greylisted",
          "450 4.7.1 mx.rate.test cannot be reached",
          "450 4.3.2 a separate queue operates here",
          // About one mailbox, not about this client.
          "450 4.2.1 The user is receiving mail at a rate that prevents additional messages",
          "450 4.1.1 too many unknown users",
          "451 4.3.0 at any rate, later"}) {
        CAPTURE(line);
        CHECK(reason_of(line) == Reason::deferred);
    }
}

TEST_CASE("a reply is kept short, on one line and without secrets", "[outbound][smtp][T34][T35]") {
    const std::vector<std::string> secrets{"hunter22"};
    const std::string evil = "550 hunter22\r\n\x1b[2J\x01 \xff " + std::string(3000, 'z');
    const auto outcome = refusal(SmtpReply{550, "", evil}, Refused::message, secrets);
    CHECK(outcome.reply.size() <= 1024);
    CHECK(outcome.reply.find("hunter22") == std::string::npos);
    CHECK(outcome.reply.find("***") != std::string::npos);
    for (const char byte : outcome.reply) {
        CHECK(static_cast<unsigned char>(byte) >= 0x20);
    }
}

} // namespace reviewd::test::test_smtp_reply
