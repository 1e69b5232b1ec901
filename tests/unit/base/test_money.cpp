#include "scoring/base/money.hpp"
#include "tests/support/catch.hpp"

#include <limits>

using namespace reviewd;

TEST_CASE("amounts are read without passing through binary fractions", "[base][money]") {
    CHECK(parse_money("42000").value().minor == 4'200'000);
    CHECK(parse_money("1054.5").value().minor == 105'450);
    CHECK(parse_money("-0.01").value().minor == -1);
    CHECK(parse_money("0.005").value().minor == 1);
    CHECK(parse_money("-0.005").value().minor == -1);
    CHECK(parse_money("0.0049").value().minor == 0);
    CHECK(parse_money("7", 0).value().minor == 7);
    CHECK(parse_money("1.2345", 3).value().minor == 1235);
    CHECK(
        parse_money("92233720368547758.07").value().minor
        == std::numeric_limits<std::int64_t>::max()
    );
    for (const char* text :
         {"",
          "-",
          ".5",
          "5.",
          "1,000",
          "EUR 5",
          "1e3",
          "0x10",
          "92233720368547758.08",
          "1 000",
          "nan"}) {
        INFO(text);
        REQUIRE(parse_money(text).has_error());
        REVIEWD_CHECK_CONTAINS(parse_money(text).error().message, "is not an amount");
    }
}

TEST_CASE("amounts print with thousands and a fraction only when there is one", "[base][money]") {
    CHECK(to_string(Money{4'200'000}) == "42,000");
    CHECK(to_string(Money{105'450}) == "1,054.50");
    CHECK(to_string(Money{-1}) == "-0.01");
    CHECK(to_string(Money{0}) == "0");
    CHECK(to_string(Money{123'456'789}, 0) == "123,456,789");
    CHECK(
        to_string(Money{std::numeric_limits<std::int64_t>::min()}) == "-92,233,720,368,547,758.08"
    );
}
