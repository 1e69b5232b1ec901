#include "daemon/review/zone.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/tz_directory.hpp"

#include <optional>

namespace reviewd::test::test_zone {

using namespace reviewd;
using namespace std::chrono_literals;
using review::Zone;

namespace {

TimePoint utc(Date day, std::chrono::minutes local) {
    return TimePoint{day.time_since_epoch()} + local;
}

Zone zone(const std::string& name) {
    return Zone::load(name).value();
}

} // namespace

TEST_CASE("a zone says which civil day a moment is on", "[review][zone]") {
    const TimePoint late_evening = utc(Date{2026y / 11 / 20}, 23h + 30min);
    CHECK(Zone{}.civil_day(late_evening) == Date{2026y / 11 / 20});
    CHECK(zone("Asia/Dhaka").civil_day(late_evening) == Date{2026y / 11 / 21});
    CHECK(zone("Asia/Dhaka").local_time(late_evening) == 5h + 30min);
    CHECK(zone("Pacific/Honolulu").civil_day(late_evening) == Date{2026y / 11 / 20});
    CHECK(Zone{}.civil_day(utc(Date{1969y / 12 / 31}, 23h + 59min)) == Date{1969y / 12 / 31});
    CHECK(zone("Asia/Dhaka").moment(Date{2026y / 11 / 21}, 5h + 30min) == late_evening);
}

TEST_CASE("a name that is no zone is refused", "[review][zone][F19]") {
    for (const std::string name :
         {"",
          "Europe/Lundon",
          "/etc/passwd",
          "../../etc/passwd",
          "Europe/London ",
          "libc:localtime"}) {
        CAPTURE(name);
        CHECK_FALSE(Zone::load(name).has_value());
    }
    REVIEWD_CHECK_CONTAINS(Zone::load("Mars/Base").error().message, "Mars/Base");
}

TEST_CASE("a zone loaded after an update has the new rules at once", "[review][zone][F18]") {
    const Date summer{2026y / 7 / 1};
    const test::TzDirectory database{"Europe/London"};
    const Zone before = zone("Europe/London");
    CHECK(before.is_current());
    CHECK(before.is_same(zone("Europe/London")));
    CHECK(before.moment(summer, 8h) == utc(summer, 7h));
    database.update("Europe/London", "Africa/Abidjan"); // no summer time any more
    CHECK_FALSE(before.is_current());
    const Zone after = zone("Europe/London");
    CHECK_FALSE(after.is_same(before));
    CHECK(after.name() == "Europe/London");
    CHECK(after.moment(summer, 8h) == utc(summer, 8h));
    CHECK(before.moment(summer, 8h) == utc(summer, 7h)); // nothing changes below anybody's hands
    CHECK(after.is_current());
}

TEST_CASE("a zone that was kept has the rules that it had", "[review][zone][F18]") {
    const Date summer{2026y / 7 / 1};
    const test::TzDirectory database{"Europe/London"};
    const Zone before = zone("Europe/London");
    const std::string file = before.file();
    database.update("Europe/London", "Africa/Abidjan");
    const Zone kept = Zone::from_file("Europe/London", file).value();
    CHECK(kept.is_same(before));
    CHECK(kept.edition() == before.edition());
    CHECK(kept.file() == file);
    CHECK_FALSE(kept.is_current());
    CHECK(kept.moment(summer, 8h) == utc(summer, 7h));
    CHECK(zone("Europe/London").moment(summer, 8h) == utc(summer, 8h));
    CHECK(Zone{}.file().empty());
    CHECK(Zone{}.edition().empty());
    for (const std::string bad : {"", "TZif", "nothing of the kind"}) {
        CAPTURE(bad);
        CHECK_FALSE(Zone::from_file("Europe/London", bad).has_value());
    }
    CHECK_FALSE(Zone::from_file("../../etc/passwd", file).has_value());
}

TEST_CASE("a zone that an update removed keeps its rules", "[review][zone][F19]") {
    const Date summer{2026y / 7 / 1};
    const test::TzDirectory database{"Europe/London"};
    const Zone before = zone("Europe/London");
    database.remove("Europe/London");
    CHECK_FALSE(before.is_current());
    CHECK(before.moment(summer, 8h) == utc(summer, 7h));
    CHECK_FALSE(Zone::load("Europe/London").has_value());
}

TEST_CASE(
    "a zone that cannot be opened now is not taken for one that is lost", "[review][zone][F49]"
) {
    const Zone known = zone("Europe/London");
    std::optional<Result<Zone>> again;
    std::optional<Result<Zone>> unknown;
    bool is_current = false;
    {
        const test::NoDescriptors nothing_left;
        again = Zone::load("Europe/London");
        unknown = Zone::load("Antarctica/Troll");
        is_current = known.is_current();
    }
    CHECK(is_current);
    REQUIRE(again->has_value());
    CHECK((*again)->is_same(known));
    REQUIRE(unknown->has_error());
    CHECK(unknown->error().code == ErrorCode::try_later);
    CHECK(Zone::load("Antarctica/Troll").has_value()); // nobody remembers that it failed
}

TEST_CASE("a local time in a gap is shifted forward by the gap", "[review][zone][F14]") {
    const Date spring{2026y / 3 / 29};
    const Zone berlin = zone("Europe/Berlin");
    CHECK(berlin.moment(spring, 2h + 30min) == berlin.moment(spring, 3h + 30min));
    CHECK(berlin.moment(spring, 2h + 30min) == utc(spring, 1h + 30min));
    // Midnight does not exist on these days.
    struct Case {
        std::string name;
        Date day;
    };
    for (const Case& missing :
         {Case{"Africa/Cairo", Date{2026y / 4 / 24}},
          Case{"Asia/Beirut", Date{2026y / 3 / 29}},
          Case{"America/Santiago", Date{2026y / 9 / 6}}}) {
        CAPTURE(missing.name);
        const Zone local = zone(missing.name);
        CHECK(local.moment(missing.day, 0min) == local.moment(missing.day, 1h));
        CHECK(local.civil_day(local.moment(missing.day, 0min)) == missing.day);
        CHECK(local.civil_day(local.start_of(missing.day)) == missing.day);
        CHECK(
            local.civil_day(local.start_of(missing.day) - 1ms) == missing.day - std::chrono::days{1}
        );
    }
}

TEST_CASE("of a local time that exists twice the first counts", "[review][zone][F15]") {
    const Date autumn{2026y / 10 / 25};
    CHECK(zone("Europe/Berlin").moment(autumn, 2h + 30min) == utc(autumn, 30min));
    // Half an hour at Lord Howe, two hours at Troll.
    const Zone howe = zone("Australia/Lord_Howe");
    const Date april{2026y / 4 / 5};
    CHECK(howe.moment(april, 1h + 45min) == utc(april - std::chrono::days{1}, 14h + 45min));
    const Zone troll = zone("Antarctica/Troll");
    CHECK(troll.moment(autumn, 1h + 30min) == utc(autumn - std::chrono::days{1}, 23h + 30min));
}

TEST_CASE("a civil day that was skipped happens on the next", "[review][zone][F16]") {
    const Zone apia = zone("Pacific/Apia");
    const Date skipped{2011y / 12 / 30};
    CHECK(apia.civil_day(apia.moment(skipped, 9h)) == Date{2011y / 12 / 31});
    CHECK(apia.local_time(apia.moment(skipped, 9h)) == 9h);
    CHECK(apia.civil_day(apia.start_of(skipped)) == Date{2011y / 12 / 31});
}

TEST_CASE("moments rise with local time on every day of some years", "[review][zone][F14][F15]") {
    for (const std::string name :
         {"UTC",
          "Europe/London",
          "America/Santiago",
          "Africa/Casablanca",
          "Asia/Dhaka",
          "Asia/Gaza"}) {
        const Zone local = zone(name);
        for (Date day{2025y / 1 / 1}; day < Date{2029y / 1 / 1}; day += std::chrono::days{1}) {
            CAPTURE(name, to_string(day));
            REQUIRE(local.civil_day(local.start_of(day)) == day);
            REQUIRE(local.start_of(day) < local.start_of(day + std::chrono::days{1}));
            REQUIRE(local.civil_day(local.moment(day, 9h)) == day);
            REQUIRE(local.local_time(local.moment(day, 9h)) == 9h);
        }
    }
}

} // namespace reviewd::test::test_zone
