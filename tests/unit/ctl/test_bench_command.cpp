#include "tests/support/catch.hpp"
#include "tests/unit/ctl/run.hpp"

using reviewd::ctl::test::Ran;
using reviewd::ctl::test::run;

TEST_CASE("the benchmark scores its accounts as every engine does", "[ctl][bench]") {
    const Ran ran = run({"bench", "--accounts", "10000", "--rounds", "1"});
    CHECK(ran.code == 0);
    REVIEWD_CHECK_CONTAINS(ran.out, "checksum 21211610295245, as every engine has it");
    REVIEWD_CHECK_CONTAINS(ran.out, "score all, one thread");
    CHECK(run({"bench", "--accounts", "0"}).code == 64);
}
