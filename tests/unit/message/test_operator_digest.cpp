#include "daemon/message/minimal.hpp"
#include "daemon/message/operator_digest.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <vector>

namespace reviewd::test::test_operator_digest {

using message::OperatorDigest;
using message::Rendered;
using message::Templates;

namespace {

OperatorDigest sample(const char* language) {
    OperatorDigest digest;
    digest.id = "k1";
    digest.recipient = "Ruth Okafor";
    digest.habits = message::habits_of(language);
    digest.today = parse_date("2026-11-24").value();
    digest.since = parse_date("2026-11-23").value();
    digest.groups = {
        {"mail", "rejected", false, 12, 2, 1041, "550 5.1.1 no such user", "chat"},
        {"crm", "timeout", true, 1, 0, 1055, "", ""}};
    return digest;
}

std::vector<message::WaitingMessages> sample_waiting() {
    using Why = message::WaitingMessages::Why;
    const Date monday = parse_date("2026-11-23").value();
    return {
        {"chat", Why::uncertain, 1, 1, 1060, monday, ""},
        {"mail", Why::held, 2, 2, 1061, monday, ""},
        {"crm", Why::paused, 4, 0, 1070, monday - std::chrono::days{2}, "moving to a new relay"}};
}

} // namespace

TEST_CASE("operators read channel, reason, and what to do", "[message][operators]") {
    const Rendered rendered = message::render(sample("en"), Templates{});
    CHECK(rendered.problems.empty());
    CHECK(rendered.subject == "Not delivered: 13 messages on mail, crm");
    CHECK(
        rendered.text
        == "NOT DELIVERED since 23 Nov, and given up\n\n"
           "mail: 12 messages to 2 people, refused for good\n"
           "    It said: 550 5.1.1 no such user\n"
           "    To do:   read the receiver's words; often the address is wrong\n"
           "    Look:    reviewctl outbox show 1041\n"
           "    chat took over.\n\n"
           "crm: 1 message, the receiver could not be reached, until it was too late\n"
           "    To do:   see whether it runs and whether the channel names it rightly: "
           "reviewctl doctor\n"
           "    Look:    reviewctl outbox show 1055\n"
           "    Nothing took over; `fallback:` would name a channel that does.\n\n"
           "All of them: reviewctl outbox list --state failed, and --state expired\n"
           "One again, with the id it had: reviewctl outbox retry NUMBER\n"
    );
    const auto payload = boost::json::parse(rendered.payload).as_object();
    CHECK(payload.at("kind") == "operator");
    CHECK(payload.at("deliveries").as_int64() == 13);
    CHECK(payload.at("groups").as_array().size() == 2);
}

TEST_CASE("operators read what waits for them, and what to type", "[message][operators]") {
    OperatorDigest digest = sample("en");
    digest.groups.clear();
    digest.waiting = sample_waiting();
    const Rendered rendered = message::render(digest, Templates{});
    CHECK(rendered.problems.empty());
    CHECK(rendered.subject == "Waiting for you: 7 messages on chat, mail, crm");
    CHECK(
        rendered.text
        == "WAITING for you\n\n"
           "chat: 1 message to 1 person, waiting since 23 Nov, and may have come already\n"
           "    To do:   ask whether it came; if not: reviewctl outbox release 1060\n"
           "    Look:    reviewctl outbox list --state held --channel chat\n\n"
           "mail: 2 messages to 2 people, waiting since 23 Nov, held back\n"
           "    To do:   see why, and when it may go: reviewctl outbox release 1061\n"
           "    Look:    reviewctl outbox list --state held --channel mail\n\n"
           "crm: 4 messages, waiting since 21 Nov, because the channel is paused\n"
           "    Reason:  moving to a new relay\n"
           "    To do:   when it may go on: reviewctl notifier resume crm\n\n"
           "What waits until it is of no use any more is given up.\n"
    );
    REVIEWD_CHECK_CONTAINS(rendered.html, "reviewctl notifier resume crm");
    CHECK(rendered.html.find("Not delivered") == std::string::npos);
    const auto payload = boost::json::parse(rendered.payload).as_object();
    CHECK(payload.at("groups").as_array().empty());
    const auto& waiting = payload.at("waiting").as_array();
    REQUIRE(waiting.size() == 3);
    CHECK(waiting.at(0).at("why") == "uncertain");
    CHECK(waiting.at(1).at("why") == "held");
    CHECK(waiting.at(2).at("why") == "paused");
    CHECK(waiting.at(2).at("since") == "2026-11-21");
}

TEST_CASE("what waits stands behind what was given up", "[message][operators]") {
    OperatorDigest digest = sample("en");
    digest.waiting = sample_waiting();
    digest.waiting.resize(1);
    const Rendered rendered = message::render(digest, Templates{});
    CHECK(rendered.subject == "Not delivered: 13 messages on mail, crm; 1 waits for you");
    REVIEWD_CHECK_CONTAINS(rendered.text, "outbox retry NUMBER\n\nWAITING for you\n\nchat: 1 ");
    digest.habits = message::habits_of("bn");
    const Rendered bengali = message::render(digest, Templates{});
    CHECK(bengali.problems.empty());
    REVIEWD_CHECK_CONTAINS(bengali.subject, "আপনার অপেক্ষায় ১টি");
    REVIEWD_CHECK_CONTAINS(bengali.text, "না পৌঁছালে: reviewctl outbox release 1060");
    REVIEWD_CHECK_CONTAINS(bengali.html, "না পৌঁছালে: reviewctl outbox release 1060");
}

TEST_CASE("operators read whose accounts belong to nobody", "[message][operators]") {
    OperatorDigest digest = sample("en");
    digest.groups.clear();
    digest.ownerless = {{"mei", "Mei Lin", 47, "Kim Roe"}, {"$(halt)", "", 1, ""}};
    const Rendered rendered = message::render(digest, Templates{});
    CHECK(rendered.problems.empty());
    CHECK(rendered.subject == "Without an owner: 48 accounts");
    CHECK(
        rendered.text
        == "WITHOUT AN OWNER\n\n"
           "Mei Lin (mei) is gone: 47 accounts\n"
           "    Ask:     Kim Roe, the manager there was\n"
           "    To do:   reviewctl review reassign --from mei --to PERSON\n\n"
           "Nobody is called $(halt): 1 account\n"
           "    To do:   reviewctl review reassign --from KEY --to PERSON\n\n"
           "Nobody is reminded of their reviews. All of them: reviewctl plan --owner none\n"
    );
    REVIEWD_CHECK_CONTAINS(rendered.html, "--from mei --to PERSON");
    CHECK(rendered.html.find("Waiting") == std::string::npos);
    const auto payload = boost::json::parse(rendered.payload).as_object();
    CHECK(payload.at("ownerless").as_array().at(0).at("accounts") == 47);
    digest.waiting = sample_waiting();
    digest.habits = message::habits_of("bn");
    const Rendered bengali = message::render(digest, Templates{});
    CHECK(bengali.problems.empty());
    REVIEWD_CHECK_CONTAINS(bengali.text, "৪৭ জন গ্রাহক");
    REVIEWD_CHECK_CONTAINS(bengali.html, "--from mei --to PERSON");
}

TEST_CASE("the words of a pause are data in an operator's digest", "[message][operators][T15]") {
    OperatorDigest digest = sample("en");
    digest.waiting = sample_waiting();
    digest.waiting.back().reason = "<script>alert(1)</script>\r\n{{recipient}}";
    const Rendered rendered = message::render(digest, Templates{});
    CHECK(rendered.problems.empty());
    CHECK(rendered.html.find("<script") == std::string::npos);
    CHECK(rendered.text.find('\r') == std::string::npos);
    REVIEWD_CHECK_CONTAINS(rendered.text, "{{recipient}}");
}

TEST_CASE("operators read Bengali, and type the numbers they see", "[message][operators]") {
    const Rendered rendered = message::render(sample("bn"), Templates{});
    CHECK(rendered.problems.empty());
    REVIEWD_CHECK_CONTAINS(rendered.subject, "১৩টি বার্তা");
    REVIEWD_CHECK_CONTAINS(rendered.text, "reviewctl outbox show 1041");
    REVIEWD_CHECK_CONTAINS(rendered.html, "reviewctl outbox show 1055");
}

TEST_CASE("a receiver's words are data in an operator's digest", "[message][operators][T15]") {
    OperatorDigest digest = sample("en");
    digest.groups[0].reply = "<script>alert(1)</script>\r\n{{recipient}} www.evil.test/login";
    digest.groups[0].reason = "of another version";
    const Rendered rendered = message::render(digest, Templates{});
    CHECK(rendered.problems.empty());
    CHECK(rendered.html.find("<script") == std::string::npos);
    CHECK(rendered.text.find('\r') == std::string::npos);
    CHECK(rendered.text.find("www.evil") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(rendered.text, "{{recipient}}");
    REVIEWD_CHECK_CONTAINS(rendered.text, "reviewctl notifier test mail");
}

TEST_CASE("a minimal channel learns only that something waits", "[message][operators]") {
    const Rendered rendered = message::minimal("operator", "k1", message::habits_of("en"));
    CHECK(rendered.subject == "Not delivered or waiting: see reviewctl status");
    CHECK(rendered.payload.find("groups") == std::string::npos);
}

} // namespace reviewd::test::test_operator_digest
