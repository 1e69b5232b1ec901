#include "scoring/base/date.hpp"
#include "tests/support/catch.hpp"

using namespace reviewd;
using namespace std::chrono_literals;

TEST_CASE("a monthly series anchored on the 31st does not drift", "[base][date]") {
    const Date february = add_months(Date{2024y / 1 / 31}, 1, 31);
    CHECK(february == Date{2024y / 2 / 29});
    CHECK(add_months(february, 1, 31) == Date{2024y / 3 / 31});
}
