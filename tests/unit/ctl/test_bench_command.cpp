#include "daemon/ctl/bench_workload.hpp"
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

TEST_CASE("an account of 20 facts takes at most 160 bytes, its id included", "[ctl][bench]") {
    constexpr std::size_t accounts = 100'000;
    constexpr std::size_t most_bytes = 160;
    const reviewd::ctl::BenchWorkload workload = reviewd::ctl::make_bench_workload(accounts);
    REQUIRE(workload.columns.rows() == accounts);
    REQUIRE(workload.columns.columns().size() >= 20); // built-in facts too
    const std::size_t bytes = workload.columns.bytes() / accounts;
    INFO(bytes << " bytes an account");
    CHECK(bytes <= most_bytes);
    CHECK(bytes > 20); // else nothing was counted
    // What the daemon keeps beside the facts: points, level, whether it was judged, owner, sums.
    const std::size_t beside = 4 + 1 + 1 + 4 + 8 * (1 + workload.rules.groups.size());
    CHECK(bytes + beside <= most_bytes);
}
