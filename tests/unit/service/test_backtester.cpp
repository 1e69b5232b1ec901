#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

namespace reviewd::test::test_backtester {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date start{2026y / 11 / 20};
const Date day{2026y / 6 / 30};

/// A world whose rules read purchases, known on the day they happened.
struct Past {
    Past() {
        world.edit_settings(
            "purchases: { file: purchases.csv, every: 1 day }",
            "purchases: { file: purchases.csv, every: 1 day, columns: { recorded: date } }\n"
        );
        world.edit_settings(
            "sources:", "tables: { accounts: { budget: { timeless: true } } }\nsources:"
        );
        world.edit_rules(
            "rules:\n",
            "  bought: { type: integer, count: purchases }\n"
            "  last: { type: date, latest: purchases.date }\nrules:\n"
            "  - { id: buyer, when: bought >= 2, points: 30 }\n"
            "  - { id: recent, when: days_until(last) > -60, points: 10 }\n"
        );
    }

    void read(const std::string& afterwards) {
        world.write_purchases(
            "p1,a1,press,2026-03-01,100\np2,a1,cutter,2026-05-20,100\np3,a2,press,2026-06-30,10\n"
            "p4,a5,press,2026-01-10,100\np5,a5,press,2026-02-10,100\n"
            + afterwards
        );
    }

    service::BacktestView run(const service::BacktestWish& wish) {
        REQUIRE(world.service().backtests().begin(wish, at(start, 13)).has_value());
        CHECK(world.service().is_busy());
        world.run(at(start, 13));
        REQUIRE(world.service().backtests().result().has_value());
        return *world.service().backtests().result();
    }

    test::World world;
};

std::string scores_of(const service::BacktestView& view) {
    std::vector<std::string> lines;
    for (const service::BacktestAccount& account : view.accounts) {
        lines.push_back(fmt::format("{} {} {}", account.key, account.points, account.level));
    }
    std::sort(lines.begin(), lines.end());
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string hits_of(const service::BacktestView& view) {
    std::vector<std::string> lines;
    for (const service::BacktestAccount& account : view.accounts) {
        if (account.is_hit) {
            lines.push_back(fmt::format("{}: {}", account.key, fmt::join(account.bought, ", ")));
        }
    }
    std::sort(lines.begin(), lines.end());
    return fmt::format("{}", fmt::join(lines, "; "));
}

const service::BacktestWish wish{day, {180, Period::Unit::days}, {}, "is_new", {}};

} // namespace

TEST_CASE("a backtest knows nothing of what came after its day", "[service][backtest]") {
    std::optional<std::string> scores;
    std::vector<std::string> hits;
    for (const char* afterwards :
         {"",
          "p6,a1,feeder,2026-07-01,900\np7,a2,press,2026-07-02,100\n",
          "p6,a2,feeder,2026-09-01,1\np7,a5,cutter,2026-08-01,1\np8,a10,press,2026-07-01,99999\n",
          // After the horizon, and on the day after its end.
          "p6,a2,feeder,2026-12-28,1\np7,a5,cutter,2026-12-30,1\n"}) {
        Past past;
        past.read(afterwards);
        past.world.open(at(start, 12));
        past.world.run(at(start, 12));
        const service::BacktestView view = past.run(wish);
        CHECK(view.accounts.size() == 10);
        scores = scores.value_or(scores_of(view));
        CHECK(scores_of(view) == *scores);
        hits.push_back(hits_of(view));
    }
    CHECK(hits[0].empty());
    CHECK(hits[1] == "a1: feeder"); // a2 owned the press already
    CHECK(hits[2] == "a10: press; a2: feeder; a5: cutter");
    CHECK(hits[3].empty());
    REVIEWD_CHECK_CONTAINS(*scores, "a1 100000 0");
}

TEST_CASE("a backtest says what counts, what was known and what to doubt", "[service][backtest]") {
    Past past;
    past.read("p6,a1,feeder,2026-07-01,900\np7,a2,press,2026-07-02,100\n");
    past.world.open(at(start, 12));
    past.world.run(at(start, 12));
    service::BacktestWish other = wish;
    other.outcome = "amount >= 100 && !is_new";
    const service::BacktestView again = past.run(other);
    CHECK(hits_of(again) == "a2: press");
    CHECK(again.report.all.hits == 1);
    CHECK(again.until == Date{2026y / 12 / 27});
    std::string warnings;
    for (const std::string& warning : again.warnings) {
        warnings += warning + "\n";
    }
    REVIEWD_CHECK_CONTAINS(warnings, "few cases: of 10 accounts 1 was a hit and 9 were not");
    REVIEWD_CHECK_CONTAINS(warnings, "the last purchase known is of 2026-07-02");
    REVIEWD_CHECK_CONTAINS(warnings, "10 accounts were recorded after 2026-06-30");
    const auto known = std::find_if(again.known.begin(), again.known.end(), [](const auto& fact) {
        return fact.first == "last";
    });
    REQUIRE(known != again.known.end());
    CHECK(known->second == 3);

    service::BacktestWish draft = wish;
    draft.files = past.world.service().rules().find_files("current").value();
    const std::size_t place = draft.files.front().text.find("bought >= 2, points: 30");
    REQUIRE(place != std::string::npos);
    draft.files.front().text.replace(place, 23, "bought >= 1, points: 7 ");
    const service::BacktestView tried = past.run(draft);
    CHECK(tried.report.rules.front().fired.count == 3);
    CHECK(past.world.service().configuration().rules->content_hash != tried.rules->content_hash);

    const auto refused = [&](service::BacktestWish bad) {
        return past.world.service().backtests().begin(std::move(bad), at(start, 13)).error();
    };
    CHECK(refused({start, {180, Period::Unit::days}, {}, "is_new", {}}).code == ErrorCode::usage);
    CHECK(refused({day, {0, Period::Unit::days}, {}, "is_new", {}}).code == ErrorCode::usage);
    CHECK(refused({day, {1, Period::Unit::years}, {}, "is_nwe", {}}).code == ErrorCode::usage);
    CHECK(refused({day, {1, Period::Unit::years}, {}, "amount", {}}).code == ErrorCode::usage);
    CHECK(
        refused({day, {1, Period::Unit::years}, {{"scoring.yaml", "rules: ["}}, "is_new", {}}).code
        == ErrorCode::bad_data
    );
}

} // namespace reviewd::test::test_backtester
