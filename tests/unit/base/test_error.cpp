#include "scoring/base/error.hpp"
#include "scoring/base/result.hpp"
#include "tests/support/catch.hpp"

#include <sysexits.h>

using namespace reviewd;

TEST_CASE("exit codes are those of sysexits", "[base][error]") {
    CHECK(exit_code(ErrorCode::usage) == EX_USAGE);
    CHECK(exit_code(ErrorCode::bad_config) == EX_CONFIG);
    CHECK(exit_code(ErrorCode::cannot_create) == EX_CANTCREAT);
    CHECK(exit_code(ErrorCode::unavailable) == EX_UNAVAILABLE);
    CHECK(name(ErrorCode::try_later) == "try_later");
}

TEST_CASE("reading a failed result throws the failure", "[base][error]") {
    const Result<int> failed = fail(ErrorCode::not_found, "no account `x`");
    REQUIRE(failed.has_error());
    try {
        static_cast<void>(failed.value());
        FAIL("value() of a failure returned");
    } catch (const Failure& failure) {
        CHECK(failure.error() == failed.error());
    }
}
