// Two parsers of other people read what is written, and see the same moments.
#include "daemon/message/calendar_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

using namespace reviewd;
using namespace std::chrono_literals;
using message::CalendarEvent;
using message::CalendarText;

namespace {

const TimePoint start{TimePoint{Date{2026y / 11 / 27}.time_since_epoch()} + 10h + 30min};

CalendarText invitation(CalendarText::Method method, int sequence) {
    CalendarText calendar;
    calendar.method = method;
    calendar.zone = "Europe/London";
    calendar.stamp = start - 24h;
    CalendarEvent event;
    event.uid = "review-12@example.test";
    event.sequence = sequence;
    event.summary = "Review: Hartley, Print; \"& co\"\\\r\nBEGIN:VALARM পর্যালোচনা";
    event.description = std::string(300, 'x') + "\nsecond line";
    event.start = start;
    event.is_cancelled = method == CalendarText::Method::cancel;
    event.organizer_email = "reviews@example.test";
    event.attendee_name = "Sam \"X\"; CN=evil: Reed";
    event.attendee_email = "sam@example.test";
    calendar.events.push_back(event);
    return calendar;
}

/// Runs the script that asks both parsers. @returns its exit status
int ask_parsers(const std::string& file, const std::string& expectation) {
    const std::string script = test::source_path("tests/unit/message/read_calendar.py").string();
    const pid_t child = ::fork();
    if (child == 0) {
        std::array<const char*, 5> words{
            "/usr/bin/python3", script.c_str(), file.c_str(), expectation.c_str(), nullptr};
        ::execv(words[0], const_cast<char* const*>(words.data()));
        ::_exit(127);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

} // namespace

TEST_CASE("lines are folded, ended by CR LF, and hold no other control", "[message][calendar]") {
    const std::string text = message::to_icalendar(invitation(CalendarText::Method::request, 0));
    std::size_t begin = 0;
    int lines = 0;
    while (begin < text.size()) {
        const std::size_t end = text.find("\r\n", begin);
        REQUIRE(end != std::string::npos);
        CHECK(end - begin <= 75);
        for (std::size_t at = begin; at < end; ++at) {
            REQUIRE(static_cast<unsigned char>(text[at]) >= 0x20);
        }
        begin = end + 2;
        ++lines;
    }
    CHECK(lines > 20);
    CHECK(lines < 60); // the zone's rules of today, not its history
    REVIEWD_CHECK_CONTAINS(text, "METHOD:REQUEST\r\n");
    REVIEWD_CHECK_CONTAINS(text, "BEGIN:VTIMEZONE\r\nTZID:Europe/London\r\n");
    REVIEWD_CHECK_CONTAINS(text, "\r\nDTSTART;TZID=Europe/London:20261127T103000\r\n");
    CHECK(text.find("\nBEGIN:VALARM") == std::string::npos);
}

TEST_CASE(
    "a calendar shows names as mails do, and nothing that turns a line round", "[message][calendar]"
) {
    CalendarText calendar = invitation(CalendarText::Method::publish, 0);
    calendar.name = "Reviews of \u202Emas";
    calendar.events[0].summary = "Review: \u202EgnP.exe";
    calendar.events[0].description = "Jo \u2066Hartley\n+44 20 7946 0123";
    const std::string text = message::to_icalendar(calendar);
    CHECK(text.find("\u202E") == std::string::npos);
    CHECK(text.find("\u2066") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(text, "SUMMARY:Review: \\\\u202egnP.exe\r\n");
    REVIEWD_CHECK_CONTAINS(text, "Hartley\\n+44 20 7946 0123\r\n");
}

TEST_CASE("two parsers read invitation, change and cancellation alike", "[message][calendar]") {
    const test::TemporaryDirectory directory;
    const auto check = [&](const CalendarText& calendar, const std::string& expectation) {
        const auto file = directory.write("x.ics", message::to_icalendar(calendar));
        INFO(expectation);
        CHECK(ask_parsers(file.string(), expectation) == 0);
    };
    check(
        invitation(CalendarText::Method::request, 0),
        "REQUEST 0 2026-11-27T10:30:00+00:00 CONFIRMED"
    );
    CalendarText moved = invitation(CalendarText::Method::request, 1);
    moved.zone = "Asia/Dhaka";
    moved.events[0].start = start + 48h;
    check(moved, "REQUEST 1 2026-11-29T10:30:00+00:00 CONFIRMED");
    // In summer London is an hour ahead of UTC: the zone's rules have to say so.
    CalendarText summer = invitation(CalendarText::Method::request, 2);
    summer.events[0].start = TimePoint{Date{2027y / 7 / 1}.time_since_epoch()} + 9h;
    check(summer, "REQUEST 2 2027-07-01T09:00:00+00:00 CONFIRMED");
    check(
        invitation(CalendarText::Method::cancel, 3), "CANCEL 3 2026-11-27T10:30:00+00:00 CANCELLED"
    );
    CalendarText feed = invitation(CalendarText::Method::publish, 4);
    feed.name = "Reviews of Sam";
    feed.events[0].start.reset();
    feed.events[0].day = Date{2026y / 12 / 4};
    feed.events[0].organizer_email.clear();
    check(feed, "PUBLISH 4 2026-12-04 CONFIRMED");
}
