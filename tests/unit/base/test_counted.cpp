#include "scoring/base/counted.hpp"
#include "tests/support/catch.hpp"

using namespace reviewd;

TEST_CASE("only one is one", "[base]") {
    CHECK(counted(0, "delivery", "deliveries") == "0 deliveries");
    CHECK(counted(1, "delivery", "deliveries") == "1 delivery");
    CHECK(counted(24, "delivery", "deliveries") == "24 deliveries");
    CHECK(counted(-1, "day", "days") == "-1 days");
}
