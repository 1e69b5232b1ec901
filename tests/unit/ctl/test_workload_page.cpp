// The year ahead and what has no room in it, as people and spreadsheets read them.
#include "daemon/ctl/workload_page.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

#include <sstream>

namespace reviewd::test::test_workload_page {

namespace {

boost::json::array parsed(const std::string& text) {
    return boost::json::parse(text).as_array();
}

/// A week of an owner with room for so many.
std::string forecast_of(const std::string& owner, int planned, int expected, int capacity) {
    return R"([{"owner": ")" + owner + R"(", "name": "Ana Lima", "reviews": 1, "capacity": 624,
"stretch": 0.046, "weeks": [{"week": "2026-11-23", "planned": )"
           + std::to_string(planned) + R"(, "expected": )" + std::to_string(expected)
           + R"(, "capacity": )" + std::to_string(capacity) + "}]}]";
}

} // namespace

TEST_CASE("a week is drawn as a bar up to its room", "[ctl][forecast]") {
    const std::string page = ctl::forecast_page(parsed(forecast_of("ana", 2, 1, 5)), {});
    CHECK(
        page
        == "Ana Lima   1 review in a year, room for 624, stretch 0.05\n"
           "  2026-11-23     3 of 5    ██▒  |\n"
           "\n█ planned   ▒ expected after those   | room of the week\n"
    );
    REVIEWD_CHECK_CONTAINS(
        ctl::forecast_page(parsed(forecast_of("ana", 4, 0, 2)), {}), "     4 of 2    ████\n"
    );
    CHECK(ctl::forecast_page({}, {}) == "no review is planned\n");
}

TEST_CASE("owners of one name are told apart by their keys", "[ctl][forecast]") {
    const std::string page = ctl::forecast_page(
        parsed(
            R"([{"owner": "lea", "name": "Lea Roth", "reviews": 1, "capacity": 9, "stretch": 0.1},
{"owner": "lea.2", "name": "Lea Roth", "reviews": 2, "capacity": 9, "stretch": 0.2},
{"owner": "", "name": "", "reviews": 3, "capacity": 9, "stretch": 0.3}])"
        ),
        {}
    );
    REVIEWD_CHECK_CONTAINS(page, "Lea Roth (lea)   1 review in a year");
    REVIEWD_CHECK_CONTAINS(page, "Lea Roth (lea.2)   2 reviews in a year");
    REVIEWD_CHECK_CONTAINS(page, "nobody   3 reviews in a year");
}

TEST_CASE("reviews that nobody owns are shown without weeks of nothing", "[ctl][forecast]") {
    CHECK(
        ctl::forecast_page(
            parsed(
                R"([{"owner": "", "name": "", "reviews": 1, "capacity": 24, "stretch": 0.04,
"weeks": [{"week": "2026-11-23", "planned": 0, "expected": 0, "capacity": 12},
{"week": "2026-11-30", "planned": 1, "expected": 0, "capacity": 12}]}])"
            ),
            {}
        )
        == "nobody   1 review in a year: give their accounts an owner\n"
           "  2026-11-30     1         █\n"
           "\n█ planned   ▒ expected after those   | room of the week\n"
    );
}

TEST_CASE("a forecast fits a terminal of 80 columns, however much there is", "[ctl][forecast]") {
    const std::string page = ctl::forecast_page(parsed(forecast_of("ana", 700, 900, 350)), {});
    std::istringstream lines{page};
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(display_width(line) <= 80);
    }
}

TEST_CASE("a forecast for spreadsheets has no formulas", "[ctl][forecast][csv][T10]") {
    CHECK(
        ctl::forecast_csv(parsed(forecast_of("=ana", 2, 1, 5)))
        == "owner,week,planned,expected,capacity,name\n'=ana,2026-11-23,2,1,5,Ana Lima\n"
    );
}

TEST_CASE("an overload is told with its reviews and what would cure it", "[ctl][forecast]") {
    const std::string overload = R"([{"owner": "ana", "name": "Ana Lima", "stretch": 1.25,
"capacity": {"per_day": 1, "per_week": 4}, "cure": {"per_day": 2, "per_week": 9},
"late": [{"review": 7, "account": "Orbis", "level": "low", "due": "2027-03-02",
"latest": "2027-03-01", "days_late": 1}]}])";
    CHECK(
        ctl::overload_page(parsed(overload), {})
        == "\nAna Lima has no room for 1 review in time (stretch 1.25)\n"
           "  2027-03-02  1 day after its latest day 2027-03-01: Orbis (low)\n"
           "  Capacity now 1 a day, 4 a week; with 2 a day and 9 a week everything would be in "
           "time.\n"
    );
}

TEST_CASE("an overload without a cure says why there is none", "[ctl][forecast]") {
    const auto page_of = [](const std::string& lacks) {
        return ctl::overload_page(
            parsed(
                R"([{"name": "Ana Lima", "cure": null, "late": [{}], "cure_lacks": )" + lacks + "}]"
            ),
            {}
        );
    };
    REVIEWD_CHECK_CONTAINS(page_of(R"("days")"), "no working day is left in their windows");
    REVIEWD_CHECK_CONTAINS(page_of(R"("capacity")"), "not even 50 a day would be enough");
    REVIEWD_CHECK_CONTAINS(page_of(R"("search")"), "is not known of so many");
    REVIEWD_CHECK_CONTAINS(page_of("null"), "there is room");
}

TEST_CASE("what is overdue is an overload, too", "[ctl][forecast]") {
    const std::string overload = R"([{"owner": "ana", "name": "Ana Lima", "stretch": 1.75,
"capacity": {"per_day": 1, "per_week": 3}, "cure": {"per_day": 2, "per_week": 6},
"cure_lacks": null, "late": []}])";
    CHECK(
        ctl::overload_page(parsed(overload), {})
        == "\nAna Lima has too few places for what is overdue and what is to come (stretch 1.75)\n"
           "  Capacity now 1 a day, 3 a week; with 2 a day and 6 a week everything would be in "
           "time.\n"
    );
}

TEST_CASE("what leave makes late is no want of room", "[ctl][forecast][leave]") {
    const std::string overload = R"([{"owner": "ana", "name": "Ana Lima", "stretch": 0.75,
"capacity": {"per_day": 1, "per_week": 4}, "cure": null,
"late": [{"review": 7, "account": "Orbis", "level": "low", "due": "2026-11-29",
"latest": "2026-11-20", "days_late": 9, "is_for_leave": true, "stands_in": "omar",
"stands_in_name": "Omar Nasser", "stands_in_until": "2026-11-26"}]}])";
    CHECK(
        ctl::overload_page(parsed(overload), {})
        == "\nAna Lima is on leave on all days left for 1 review\n"
           "  2026-11-29  9 days after its latest day 2026-11-20: Orbis (low); Omar Nasser stands "
           "in until 2026-11-26\n"
    );
}

TEST_CASE("an overload never looks as if it fitted", "[ctl][forecast]") {
    const auto page_of = [](const std::string& stretch) {
        return ctl::overload_page(
            parsed(R"([{"name": "Ana Lima", "late": [{}], "stretch": )" + stretch + "}]"), {}
        );
    };
    REVIEWD_CHECK_CONTAINS(page_of("1.001"), "(stretch 1.01)");
    REVIEWD_CHECK_CONTAINS(page_of("1.9"), "(stretch 1.90)");
    REVIEWD_CHECK_CONTAINS(page_of("1.0"), "the days of their windows have none");
}

TEST_CASE("late reviews that are only counted are told with their days", "[ctl][forecast]") {
    std::string late;
    for (int day = 10; day < 23; ++day) {
        late +=
            (late.empty() ? "" : ",") + (R"({"due": "2026-12-)" + std::to_string(day) + R"("})");
    }
    REVIEWD_CHECK_CONTAINS(
        ctl::overload_page(parsed(R"([{"name": "Ana Lima", "late": [)" + late + "]}]"), {}),
        "  and 3 more, due 2026-12-20 to 2026-12-22; `reviewctl --json plan` names all\n"
    );
}

} // namespace reviewd::test::test_workload_page
