#include "config/calendar/icalendar.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

#include <algorithm>

using namespace reviewd;
using namespace reviewd::config;
using std::chrono::days;

namespace {

Date on(int year, unsigned month, unsigned day) {
    return Date{std::chrono::local_days{
        std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}}};
}

using Spans = std::vector<DaySpan>;

std::string calendar(const std::string& events) {
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + events + "END:VCALENDAR\r\n";
}

std::string event(const std::string& lines) {
    return "BEGIN:VEVENT\r\nUID:a\r\n" + lines + "END:VEVENT\r\n";
}

Spans days_of(const std::string& text) {
    Report report;
    const auto read = parse_calendar("x.ics", text, report);
    INFO(render(report.diagnostics()));
    REQUIRE(read);
    return *read;
}

std::string findings_of(const std::string& text) {
    Report report;
    CHECK_FALSE(parse_calendar("x.ics", text, report));
    return render(report.diagnostics());
}

bool is_off(const Spans& spans, Date day) {
    return std::any_of(spans.begin(), spans.end(), [&](const DaySpan& span) {
        return span.first <= day && day <= span.last;
    });
}

} // namespace

TEST_CASE("an all-day event takes its days, the end not included", "[calendar][ical]") {
    const Date first{on(2026, 12, 24)};
    CHECK(
        days_of(calendar(event("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\n")))
        == Spans{{first, first + days{2}}}
    );
    CHECK(days_of(calendar(event("DTSTART;VALUE=DATE:20261224\r\n"))) == Spans{{first, first}});
    CHECK(
        days_of(calendar(event("DTSTART;VALUE=DATE:20261224\nDURATION:P2D\n")))
        == Spans{{first, first + days{1}}}
    );
    CHECK(
        days_of(calendar(event("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261224\r\n")))
        == Spans{{first, first}}
    );
}

TEST_CASE("times take a day when they cover half of its work", "[calendar][ical]") {
    const Date day{on(2026, 12, 24)};
    const auto from_to = [](const std::string& from, const std::string& to) {
        return days_of(
            calendar(event("DTSTART;TZID=Europe/London:" + from + "\r\nDTEND:" + to + "\r\n"))
        );
    };
    CHECK(from_to("20261224T090000", "20261224T100000").empty());
    CHECK(from_to("20261224T120000", "20261224T160000") == Spans{{day, day}});
    CHECK(from_to("20261224T120000", "20261224T155900").empty());
    CHECK(from_to("20261224T180000", "20261225T070000").empty());
    CHECK(from_to("20261224T150000", "20261226T130000") == Spans{{day + days{1}, day + days{2}}});
    CHECK(from_to("20261224T130000", "20261226T090000") == Spans{{day, day + days{1}}});
    // A whole day in Berlin, written in UTC.
    CHECK(from_to("20261224T230000Z", "20261225T230000Z") == Spans{{day + days{1}, day + days{1}}});
}

TEST_CASE("rules recur, with dates left out, added and moved", "[calendar][ical]") {
    const Spans may = days_of(
        calendar(event("DTSTART;VALUE=DATE:20000501\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=1MO\r\n"
                       "EXDATE;VALUE=DATE:20200504\r\nRDATE;VALUE=DATE:20200508\r\n"))
    );
    CHECK(is_off(may, on(2026, 5, 4)));
    CHECK(is_off(may, on(2027, 5, 3)));
    CHECK(is_off(may, on(2099, 5, 4)));
    CHECK_FALSE(is_off(may, on(2020, 5, 4)));
    CHECK(is_off(may, on(2020, 5, 8)));
    CHECK(may.size() == 100);

    const Spans leap =
        days_of(calendar(event("DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY\r\n")));
    CHECK(is_off(leap, on(2028, 2, 29)));
    CHECK_FALSE(is_off(leap, on(2026, 2, 28)));
    CHECK_FALSE(is_off(leap, on(2026, 3, 1)));

    const Spans moved = days_of(calendar(
        event("DTSTART:20260105T090000\r\nDTEND:20260105T170000\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n")
        + event("RECURRENCE-ID:20260112T090000\r\nDTSTART:20260113T090000\r\nDURATION:PT8H\r\n")
    ));
    REQUIRE(moved.size() == 3);
    CHECK(moved[0].first == on(2026, 1, 5));
    CHECK(moved[1].first == on(2026, 1, 13));
    CHECK(moved[2].first == on(2026, 1, 19));
}

TEST_CASE("cancelled events, alarms and folded lines are understood", "[calendar][ical]") {
    CHECK(days_of(calendar(event("DTSTART;VALUE=DATE:20261224\r\nSTATUS:CANCELLED\r\n"))).empty());
    CHECK(
        days_of(calendar(
            event("DTSTART;VALUE=DA\r\n TE:2026\r\n\t1224\r\nBEGIN:VALARM\r\nDTSTART:nonsense\r\n"
                  "END:VALARM\r\nSUMMARY;X=\"a:b\":c\r\n")
        ))
        == Spans{{on(2026, 12, 24), on(2026, 12, 24)}}
    );
    CHECK(days_of(calendar("")).empty());
}

TEST_CASE("a calendar that breaks off is refused at every byte", "[calendar][ical][T6]") {
    const std::string whole =
        calendar(event("DTSTART;VALUE=DATE:20261224\r\nRRULE:FREQ=YEARLY\r\n"));
    const std::size_t last = whole.find("END:VCALENDAR") + 13;
    for (std::size_t cut = 0; cut < last; ++cut) {
        Report report;
        INFO(whole.substr(0, cut));
        CHECK_FALSE(parse_calendar("x.ics", whole.substr(0, cut), report));
        CHECK(report.has_errors());
    }
    CHECK(
        findings_of(whole.substr(0, whole.find("END:VEVENT")))
        == "x.ics:7:1: error: the file ends inside `VEVENT`, which began on line 3: it seems to be "
           "cut off\n  fetch it again; until then the calendar in force stays\n"
    );
}

TEST_CASE("mistakes in calendars are shown with their place", "[calendar][ical]") {
    const auto starts = [](const std::string& lines, const std::string& expected) {
        const std::string found = findings_of(calendar(event(lines)));
        INFO(found);
        CHECK(found.rfind(expected, 0) == 0);
    };
    starts(
        "DTSTART;VALUE=DATE:20261324\r\n",
        "x.ics:5:1: error: expected a day that exists in `DTSTART`, found `20261324`"
    );
    starts("SUMMARY:x\r\n", "x.ics:3:1: error: this event has no `DTSTART`");
    starts(
        "DTSTART;VALUE=DATE:20261224\r\nRRULE:FREQ=OFTEN\r\n",
        "x.ics:6:1: error: expected a rule that recurs daily or less often in `RRULE`"
    );
    starts(
        "DTSTART;VALUE=DATE:20261224\r\nRRULE:FREQ=HOURLY\r\n",
        "x.ics:6:1: error: expected a rule that recurs daily or less often in `RRULE`"
    );
    starts(
        "DTSTART;VALUE=DATE:20261224\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n",
        "x.ics:6:1: error: expected a rule that can be followed in `RRULE`"
    );
    starts(
        "DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261220\r\n",
        "x.ics:6:1: error: expected an end of the same kind as `DTSTART`, not before it"
    );
    starts(
        "DTSTART;VALUE=DATE:20261224\r\nEXDATE;VALUE=DATE:20261224,2026\r\n",
        "x.ics:6:1: error: expected a day that exists in `EXDATE`"
    );
    starts(
        "DTSTART;VALUE=DATE:20261224\r\nDURATION:1 day\r\n",
        "x.ics:6:1: error: expected a length of time in `DURATION`"
    );
    starts(
        "DTSTART;VALUE=DATE:20261224\r\nRECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20261224\r\n",
        "x.ics:6:1: error: expected a single occurrence: RANGE is not followed in `RECURRENCE-ID`"
    );
    starts(
        "DTSTART;VALUE=DATE:20261224\r\nEXRULE:FREQ=WEEKLY\r\n",
        "x.ics:6:1: error: expected no rule of exceptions, which is not followed in `EXRULE`"
    );
    CHECK(findings_of("").rfind("x.ics:1:1: error: expected `BEGIN:VCALENDAR`", 0) == 0);
    CHECK(
        findings_of("<html>\n").rfind("x.ics:1:1: error: expected a line of an iCalendar", 0) == 0
    );
    CHECK(
        findings_of("BEGIN:VCALENDAR\nEND:VEVENT\n")
            .rfind("x.ics:2:1: error: found `END:VEVENT`, expected `END:VCALENDAR`", 0)
        == 0
    );
}

TEST_CASE("days of rules are counted over the whole calendar", "[calendar][ical]") {
    const auto daily_from = [](const std::string& year) {
        return event("DTSTART;VALUE=DATE:" + year + "0101\r\nRRULE:FREQ=DAILY\r\n");
    };
    const Spans spans = days_of(calendar(daily_from("1800")));
    REQUIRE(spans.size() == 1);
    CHECK(spans.front() == DaySpan{first_calendar_day, last_calendar_day});
    CHECK(
        findings_of(calendar(daily_from("1800") + daily_from("1801")))
            .rfind("x.ics:11:1: error: expected at most 200000 days in one calendar in `RRULE`", 0)
        == 0
    );
}

TEST_CASE("an exception leaves out the time it names, or its whole day", "[calendar][ical]") {
    const std::string twice =
        event("DTSTART:20261207T080000\r\nDURATION:PT5H\r\nRRULE:FREQ=DAILY;COUNT=4\r\n"
              "EXDATE:20261208T080000\r\nEXDATE:20261209T120000\r\nEXDATE;VALUE=DATE:20261210\r\n");
    const Spans spans = days_of(calendar(twice));
    CHECK(is_off(spans, on(2026, 12, 7)));
    CHECK_FALSE(is_off(spans, on(2026, 12, 8)));
    CHECK(is_off(spans, on(2026, 12, 9)));
    CHECK_FALSE(is_off(spans, on(2026, 12, 10)));
}

TEST_CASE("times of other zones are looked up on the event's clock", "[calendar][ical]") {
    // 4, 11, 18 and 25 June, whole days in London; 10 June 23:00 UTC is the 11th there.
    const std::string weekly = "DTSTART;TZID=Europe/London:20270604T000000\r\n"
                               "DTEND;TZID=\"Europe/London\":20270605T000000\r\n"
                               "RRULE:FREQ=WEEKLY;COUNT=4\r\n";
    const auto first_days = [](const Spans& spans) {
        std::vector<Date> first;
        for (const DaySpan& span : spans) {
            first.push_back(span.first);
        }
        return first;
    };
    const std::vector without{on(2027, 6, 4), on(2027, 6, 18), on(2027, 6, 25)};
    for (const std::string except :
         {"EXDATE:20270610T230000Z", "EXDATE;TZID=America/New_York:20270610T190000"}) {
        CAPTURE(except);
        CHECK(first_days(days_of(calendar(event(weekly + except + "\r\n")))) == without);
    }
    const std::string moved =
        event(weekly)
        + event("RECURRENCE-ID:20270610T230000Z\r\n"
                "DTSTART;TZID=Asia/Dhaka:20270614T000000\r\nDURATION:P1D\r\n");
    CHECK(
        first_days(days_of(calendar(moved)))
        == std::vector{on(2027, 6, 4), on(2027, 6, 14), on(2027, 6, 18), on(2027, 6, 25)}
    );
    // The last day of a rule is that of its event's clock, too.
    const Spans until = days_of(calendar(event("DTSTART;TZID=Europe/London:20270604T000000\r\n"
                                               "DURATION:P1D\r\n"
                                               "RRULE:FREQ=WEEKLY;UNTIL=20270610T230000Z\r\n")));
    CHECK(first_days(until) == std::vector{on(2027, 6, 4), on(2027, 6, 11)});
    // A day from London's midnight to Dhaka's is shorter than one.
    CHECK(days_of(calendar(event("DTSTART;TZID=Europe/London:20270604T000000\r\n"
                                 "DTEND;TZID=Asia/Dhaka:20270604T150000\r\n")))
              .empty());
    CHECK(
        first_days(days_of(calendar(event("DTSTART:20270603T230000Z\r\nDURATION:P1D\r\n"
                                          "RDATE;TZID=Asia/Dhaka:20270610T060000\r\n"))))
        == std::vector{on(2027, 6, 4), on(2027, 6, 10)}
    );
}

TEST_CASE("a zone that nobody knows is warned of", "[calendar][ical]") {
    Report report;
    const auto read = parse_calendar(
        "x.ics",
        calendar(event("DTSTART;TZID=W. Europe Standard Time:20270604T080000\r\nDURATION:PT9H\r\n"
                       "RRULE:FREQ=WEEKLY;COUNT=2\r\n"
                       "EXDATE;TZID=W. Europe Standard Time:20270604T080000\r\n"
                       "EXDATE:20270611T060000Z\r\n")),
        report
    );
    REQUIRE(read);
    CHECK(is_off(*read, on(2027, 6, 11)));
    CHECK_FALSE(is_off(*read, on(2027, 6, 4)));
    const std::string found = render(report.diagnostics());
    INFO(found);
    CHECK(found.rfind("x.ics:9:1: warning: `EXDATE` is not in the zone of `DTSTART`", 0) == 0);
    CHECK(report.diagnostics().size() == 1);
}

TEST_CASE("every rule of an event is followed", "[calendar][ical]") {
    const Spans both = days_of(
        calendar(event("DTSTART;VALUE=DATE:20261204\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\n"
                       "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2\r\nEXDATE;VALUE=DATE:20261211\r\n"))
    );
    CHECK(is_off(both, on(2026, 12, 4)));
    CHECK(is_off(both, on(2026, 12, 8)));
    CHECK_FALSE(is_off(both, on(2026, 12, 11)));
    CHECK(is_off(both, on(2026, 12, 15)));
}

TEST_CASE("the shipped calendars have the holidays of their regions", "[calendar][ical]") {
    const auto read = [](const char* name) {
        return days_of(test::read_file(test::source_path(name)));
    };
    const Spans england = read("config/example/holidays/gb.ics");
    for (const Date day :
         {on(2026, 1, 1),
          on(2026, 4, 3),
          on(2026, 5, 4),
          on(2026, 5, 25),
          on(2026, 8, 31),
          on(2026, 12, 25),
          on(2026, 12, 28),
          on(2027, 12, 26)}) {
        CHECK(is_off(england, day));
    }
    CHECK_FALSE(is_off(england, on(2026, 5, 5)));
    CHECK(is_off(read("config/example/holidays/bd.ics"), on(2026, 12, 16)));
}
