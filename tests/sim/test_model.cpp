#include "daemon/review/zone.hpp"
#include "daemon/simulation/model.hpp"
#include "daemon/simulation/random.hpp"
#include "daemon/simulation/zone_table.hpp"
#include "tests/support/catch.hpp"

using namespace reviewd;
using namespace std::chrono_literals;
using simulation::months_later;
using simulation::Random;
using std::chrono::days;

TEST_CASE("months of the model end where months end", "[sim][model][I8]") {
    CHECK(months_later(Date{2026y / 1 / 31}, 1, 31) == Date{2026y / 2 / 28});
    CHECK(months_later(Date{2026y / 2 / 28}, 1, 31) == Date{2026y / 3 / 31});
    CHECK(months_later(Date{2024y / 2 / 29}, 48, 29) == Date{2028y / 2 / 29});
    CHECK(months_later(Date{2026y / 3 / 15}, -1, 15) == Date{2026y / 2 / 15});
    CHECK(months_later(Date{2026y / 12 / 31}, 2, 31) == Date{2027y / 2 / 28});
}

TEST_CASE("the C library and the daemon agree on local time", "[sim][model][zones]") {
    for (const std::string name :
         {"Europe/London",
          "Africa/Cairo",
          "America/Santiago",
          "Australia/Lord_Howe",
          "Asia/Dhaka"}) {
        const auto& table = simulation::zone_table(name, Date{2026y / 1 / 1}, Date{2030y / 1 / 1});
        const review::Zone zone = review::Zone::load(name).value();
        for (Date day{2026y / 1 / 1}; day < Date{2028y / 1 / 1}; day += days{1}) {
            for (const auto local : {0min, 90min, 150min, 480min}) {
                INFO(name << " " << to_string(day) << " " << local.count());
                REQUIRE(table.moment(day, local) == zone.moment(day, local));
            }
            const TimePoint noon = TimePoint{day.time_since_epoch()} + 12h;
            REQUIRE(table.civil_day(noon) == zone.civil_day(noon));
            REQUIRE(table.local_time(noon) == zone.local_time(noon));
        }
    }
}

TEST_CASE("streams of random numbers do not shift each other", "[sim][random]") {
    Random one{7, "disk"};
    Random other{7, "people"};
    Random again{7, "disk"};
    const std::uint64_t first = one.next();
    CHECK(first != other.next());
    CHECK(again.next() == first);
    CHECK(Random{8, "disk"}.next() != first);
    for (int i = 0; i < 1000; ++i) {
        const int drawn = one.between(3, 5);
        CHECK((drawn >= 3 && drawn <= 5));
        const double share = other.share();
        CHECK((share >= 0 && share < 1));
    }
}
