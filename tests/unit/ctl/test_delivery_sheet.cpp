// What people see of one delivery.
#include "daemon/ctl/delivery_sheet.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

#include <sstream>

namespace reviewd::test::test_delivery_sheet {

namespace {

std::string sheet_of(std::string_view delivery) {
    return ctl::delivery_sheet(boost::json::parse(delivery), Colour::off);
}

constexpr std::string_view delivered = R"({"id": 12, "key": "k1", "state": "accepted",
"reason": "none", "channel": "mail", "person": "ana", "next_at": null, "held_until": null,
"requeued_from": null,
"reminders": [
{"key": "7/1/ahead/0/5/mail", "review": 7, "step": "ahead", "day": "2026-11-20",
 "is_cancelled": false},
{"key": "8/1/on-day/0/5/mail", "review": 8, "step": "on-day", "day": "2026-11-20",
 "is_cancelled": true}],
"tries": [
{"number": 1, "started": "2026-11-20T08:00:00.000Z", "outcome": "temporary", "reason": "deferred",
 "code": 451, "reply": "try again later "},
{"number": 2, "started": "2026-11-20T08:05:00.000Z", "outcome": "accepted", "reason": "none",
 "code": 0, "reply": null},
{"number": 3, "started": "2026-11-20T08:06:00.000Z", "outcome": null, "reason": null, "code": 0,
 "reply": null}],
"message": {"address": "ana@example.test", "subject": "Today 1", "text": "TODAY\n"}})";

} // namespace

TEST_CASE("a delivery says what each reminder is about and when it was meant", "[ctl][outbox]") {
    CHECK(
        sheet_of(delivered)
        == "Delivery    12  k1\n"
           "State       accepted\n"
           "Channel     mail\n"
           "Person      ana\n"
           "Reminder    planned for 2026-11-20: review 7, it will be due in a few days"
           "  [7/1/ahead/0/5/mail]\n"
           "Reminder    planned for 2026-11-20 and cancelled since: review 8, it is due that day"
           "  [8/1/on-day/0/5/mail]\n"
           "Try         1  2026-11-20 08:00 UTC  temporary deferred 451 try again later\n"
           "Try         2  2026-11-20 08:05 UTC  accepted\n"
           "Try         3  2026-11-20 08:06 UTC  under way\n"
           "To          ana@example.test\n"
           "Subject     Today 1\n"
           "\n"
           "TODAY\n"
    );
}

TEST_CASE("no line about a delivery ends in a blank", "[ctl][outbox]") {
    std::istringstream lines{
        sheet_of(delivered)
        + sheet_of(R"({"id": 1, "key": "k", "state": "held", "reason": "quiet hours ",
"channel": "", "person": null, "held_until": "2026-11-20T08:00:00.000Z"})")
        + sheet_of("{}")};
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK((line.empty() || line.back() != ' '));
    }
}

TEST_CASE("a step that this version does not know is named as it is", "[ctl][outbox]") {
    REVIEWD_CHECK_CONTAINS(
        sheet_of(
            R"({"reminders": [{"key": "k", "review": 7, "step": "later", "day": "2026-11-20"}]})"
        ),
        "planned for 2026-11-20: review 7, later  [k]\n"
    );
}

} // namespace reviewd::test::test_delivery_sheet
