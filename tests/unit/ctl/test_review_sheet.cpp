// What a salesperson sees of a review before the call.
#include "daemon/ctl/review_sheet.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

#include <sstream>

namespace reviewd::test::test_review_sheet {

namespace {

std::string sheet_of(std::string_view review, const ctl::Screen& screen = {}) {
    return ctl::review_sheet(boost::json::parse(review), screen);
}

/// As a review whose score is made of a base, rules and a cap.
constexpr std::string_view scored = R"({"account": {"name": "Hartley Print"},
"score": {"level": "high", "points": 73}, "ledger": [
{"kind": "base", "name": null, "verdict": "fired", "points": 20, "facts": {}},
{"kind": "rule", "name": "referrals", "verdict": "fired", "points": 8, "facts": {"referrals": "2"}},
{"kind": "rule", "name": "quiet", "verdict": "fired", "points": 0, "facts": {}},
{"kind": "rule", "name": "room-to-grow", "verdict": "fired", "points": 45.5, "facts": {}},
{"kind": "rule", "name": "owns-everything", "verdict": "did_not_fire", "points": -40, "facts": {}},
{"kind": "rule", "name": "trouble", "verdict": "fired", "points": -15, "facts": {}},
{"kind": "group_cap", "name": "relationship", "verdict": "fired", "points": -3, "facts": {}}]})";

} // namespace

TEST_CASE("the heaviest lines of a score come first and its base last", "[ctl][sheet]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(scored),
        "Why         +45.5  room-to-grow\n"
        "             -15  trouble\n"
        "              +8  referrals  (referrals 2)\n"
        "              -3  cap of relationship\n"
        "             +20  base\n"
    );
    CHECK(sheet_of(scored).find("quiet") == std::string::npos);
}

TEST_CASE("a note keeps its lines, at the sheet's margin", "[ctl][sheet][T15]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"id": 5, "attempts": [{"day": "2026-11-20", "result": "hesitated",
                     "who": "ana", "note": "after the fair\r\n\nTried  \u001b[2J"}]})"),
        "Tried       2026-11-20, hesitated, ana, after the fair\n"
        "            Tried  \\x1b[2J\n"
    );
}

TEST_CASE("a review is one day late before it is two days late", "[ctl][sheet]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"id": 5, "due": "2026-11-20", "latest": "2026-11-27", "days_late": 1})"),
        "at the latest 2026-11-27, 1 day late\n"
    );
}

TEST_CASE(
    "a sheet says what the silence is, and of a closed review nothing of it", "[ctl][sheet]"
) {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"id": 5, "quiet_until": "2026-12-02", "next_try": null})"),
        "Quiet until 2026-12-02, but for what happens meanwhile\n"
    );
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"id": 5, "quiet_until": "2026-12-02", "next_try": "2026-12-02"})"),
        "Next try    2026-12-02\n"
    );
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"id": 5, "state": "done", "due": "2026-12-10", "held_on": "2026-12-01",
"closed_at": "2026-12-01T12:00:00.000Z"})"),
        "Review      5 done, held on 2026-12-01\n"
    );
}

TEST_CASE("what happened to a review is told in words", "[ctl][sheet]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"account": {"name": "Orbis"}, "history": [{"at": "2026-11-20T12:00:00.000Z",
"who": "ana", "origin": "socket", "what": "attempt",
"details": {"result": "hesitated", "note": "", "next_try": "2026-11-27"}}]})"),
        "2026-11-20 12:00  attempt by ana (socket), result hesitated, next try 2026-11-27\n"
    );
}

TEST_CASE("reasons are told in words, and an empty list with none", "[ctl][sheet]") {
    const auto details = [](std::string_view json) {
        return ctl::details_text(boost::json::parse(json));
    };
    CHECK(details(R"({"reasons": "[]", "ended": "complaint: T-9"})") == ", ended complaint: T-9");
    CHECK(details(R"({"reasons": "[\"a: b\",\"c\"]"})") == ", reasons a: b; c");
    CHECK(details(R"({"note": "[sic] he said"})") == ", note [sic] he said");
    CHECK(details(R"({"note": "[1, 2]"})") == ", note [1, 2]");
    // What a person wrote is no list, even where it reads as one.
    CHECK(details(R"({"because": "[\"a\",\"b\"]"})") == R"(, because ["a","b"])");
    CHECK(details(R"({"because": "[]"})") == ", because []");
    CHECK(details(R"({"reasons": ""})").empty());
    CHECK(details(R"({"reasons": "moved"})") == ", reasons moved");
}

TEST_CASE("a sheet begins with what came out of the last review", "[ctl][sheet]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"last_held": "2026-10-16", "last_note": "ask for the dog",
"last_answers": [{"question": "satisfaction", "value": 3, "day": "2026-10-16"},
{"question": "needs", "value": "a cutter", "day": "2026-10-16"}],
"promises": [{"id": 4, "text": "A3 feeder prices", "due": null, "made_on": "2026-10-16"}]})"),
        "Last        2026-10-16: ask for the dog\n"
        "            satisfaction: 3\n"
        "            needs: a cutter\n"
        "Promised    #4 A3 feeder prices\n"
    );
    REVIEWD_CHECK_CONTAINS(sheet_of(R"({"last_held": null})"), "Last        never reviewed\n");
}

TEST_CASE("a sheet says from whom the account came, and what it is part of", "[ctl][sheet]") {
    const std::string sheet = sheet_of(R"({"id": 7, "state": "planned", "due": "2026-12-01",
"latest": "2026-12-24", "account": {"name": "Pixel", "owner": {"name": "Ana Lima"}},
"parent": {"key": "p", "name": "Group"}, "handover": {"from": "jonas", "from_name": "Jonas Weber",
"to": "ana", "to_name": "Ana Lima", "day": "2026-11-20", "who": "ruth", "because": "on leave"}})");
    REVIEWD_CHECK_CONTAINS(
        sheet,
        "Handed over from Jonas Weber to Ana Lima on 2026-11-20 (on leave)\nReview      7 planned"
    );
    REVIEWD_CHECK_CONTAINS(sheet, "\nPart of     Group\nOwner       Ana Lima\n");
    CHECK(sheet_of(R"({"handover": null})").find("Handed") == std::string::npos);
}

TEST_CASE("what is less than alike is said of others", "[ctl][sheet]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"value_points": [
{"text": "a", "account": "A", "day": "2026-11-01", "alike_in": "segment and size"},
{"text": "b", "account": "B", "day": "2026-11-01", "alike_in": "segment"},
{"text": "c", "account": "C", "day": "2026-11-01", "alike_in": "size"}]})"),
        "Others like \"a\" (A, 2026-11-01)\n"
        "            \"b\" (B, 2026-11-01, of the same segment and another size)\n"
        "            \"c\" (C, 2026-11-01, of the same size and another segment)\n"
    );
}

TEST_CASE("the newest of review and talk stands first", "[ctl][sheet]") {
    const std::string talk = R"("last_talk": {"day": "2026-10-16", "kind": "call", "who": "ana",
"note": "Promised: A3\u001b[31m\u202e"})";
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"last_held": null, )" + talk + "}"),
        "Last        2026-10-16 call by ana: Promised: A3\\x1b[31m\\u202e\n"
        "            never reviewed\n"
    );
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"last_held": "2026-10-15", "last_note": "well", )" + talk + "}"),
        "\n            reviewed 2026-10-15: well\n"
    );
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"last_held": "2026-10-16", "last_note": "well", )" + talk + "}"),
        "Last        2026-10-16: well\n"
    );
    const std::string sheet = sheet_of(
        R"({"last_held": null, "last_talk": {"day": "2026-10-16", "kind": null, "who": null, "note": ")"
        + std::string(100'000, 'x') + R"("}})"
    );
    REVIEWD_CHECK_CONTAINS(sheet, "Last        2026-10-16 contact: xxx");
    CHECK(sheet.size() < 400);
}

TEST_CASE("a draft says to whom it goes, or that nobody knows", "[ctl][sheet]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"draft": {"to": "jo@orbis.example", "subject": "A review", "text": "Hello"}})"
        ),
        "Draft       to jo@orbis.example: A review\n"
        "              Hello\n"
    );
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"draft": {"to": null, "subject": "A review", "text": "Hello"}})"),
        "Draft       no address is known: A review\n"
    );
}

TEST_CASE("a sheet says what the customer owns and which contract it has", "[ctl][sheet]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"owned": [{"product": "fp", "name": "Floor printer", "bought": "2022-02-14"}],
"contracts": [{"key": "C-1", "product": "m", "name": "Maintenance", "start": "2026-02-15",
"end": "2027-02-14"}, {"key": "C-2", "product": null, "name": null, "start": null, "end": null}]})"
        ),
        "Owns        Floor printer, bought 2022-02-14\n"
        "Contract    Maintenance from 2026-02-15 until 2027-02-14 (C-1)\n"
        "            of all they own (C-2)\n"
    );
    std::string owned = R"({"owned": [{"name": "P0", "bought": "2022-02-14"})";
    for (int product = 1; product < 100; ++product) {
        owned += R"(,{"name": "P)" + std::to_string(product) + R"(", "bought": "2022-02-14"})";
    }
    const std::string sheet = sheet_of(owned + "]}");
    REVIEWD_CHECK_CONTAINS(sheet, "P11, bought 2022-02-14\n            and 88 more\n");
    CHECK(sheet.find("P12,") == std::string::npos);
}

TEST_CASE("a yes and a no are words on the sheet", "[ctl][sheet]") {
    const std::string sheet = sheet_of(R"({"last_held": "2026-10-16", "last_answers":
[{"question": "recommend", "value": true}, {"question": "moving", "value": false}]})");
    REVIEWD_CHECK_CONTAINS(sheet, "recommend: yes\n");
    REVIEWD_CHECK_CONTAINS(sheet, "moving: no\n");
}

TEST_CASE("a sheet is broken between words on a narrow terminal only", "[ctl][sheet]") {
    const std::string long_text =
        R"({"invitation": "May I make sure that everything runs well and suits your needs?"})";
    const ctl::Screen narrow{.is_terminal = true, .columns = 40};
    std::istringstream lines{sheet_of(long_text, narrow)};
    for (std::string line; std::getline(lines, line);) {
        CHECK(display_width(line) <= 40);
    }
    REVIEWD_CHECK_CONTAINS(
        sheet_of(long_text, narrow),
        "Invite      May I make sure that\n"
        "              everything runs well and\n"
        "              suits your needs?\n"
    );
    REVIEWD_CHECK_CONTAINS(
        sheet_of(long_text),
        "Invite      May I make sure that everything runs well and suits your needs?\n"
    );
    const std::string one_word(60, 'x');
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"invitation": ")" + one_word + R"(  end"})", narrow),
        one_word + "\n              end\n"
    );
}

TEST_CASE("a sheet says who stands in for the owner", "[ctl][sheet][leave]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(R"({"id": 5, "account": {"owner": {"name": "Ana Lima"}},
"stands_in_name": "Omar Nasser", "stands_in_until": "2026-11-26"})"),
        "Owner       Ana Lima\nStands in   Omar Nasser until 2026-11-26\n"
    );
}

} // namespace reviewd::test::test_review_sheet
