// What people write for a review: a number, an account, or either of them with its kind.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <string>

namespace reviewd::test::test_named_review {

using namespace reviewd;
using namespace std::chrono_literals;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

/// Three accounts; the keys of two look like something else.
struct Named {
    Named() {
        world.write_accounts(
            {{"review:x", "ana", 5'000}, {"account:7", "ana", 5'000}, {"a1", "ana"}}
        );
        world.open(at(monday, 12));
        world.run(at(monday, 12));
    }

    Result<ReviewId> find(const std::string& text) {
        return world.service().views().find_review(text);
    }
    std::string problem(const std::string& text) {
        const Result<ReviewId> found = find(text);
        return found.has_value() ? "found" : found.error().message;
    }

    test::World world;
};

} // namespace

TEST_CASE("a key that begins as a prefix does is a key all the same", "[service][views]") {
    Named named;
    for (const char* const key : {"review:x", "account:7", "a1"}) {
        INFO(key);
        const ReviewId review = named.world.open_review(key).id;
        CHECK(named.find(key).value() == review);
        CHECK(named.find(std::string{"account:"} + key).value() == review);
        CHECK(named.find("review:" + std::to_string(review.value)).value() == review);
    }
}

TEST_CASE("what names no review says how an account is named", "[service][views]") {
    Named named;
    for (const char* const nothing : {"", " ", "review:", "account:", "account: "}) {
        INFO(nothing);
        const Result<ReviewId> found = named.find(nothing);
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error().code == ErrorCode::usage);
        REVIEWD_CHECK_CONTAINS(found.error().message, "names nothing");
    }
    REVIEWD_CHECK_CONTAINS(
        named.problem("review:zebra"),
        "there is no review `zebra`; `reviewctl plan` lists the open ones; an account is meant by "
        "`account:zebra`"
    );
    const std::string unknown = named.problem("account:zebra");
    REVIEWD_CHECK_CONTAINS(unknown, "no account matches \"zebra\"");
    CHECK(unknown.find("there is no review") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(named.problem("999"), "there is no review 999 (");
}

} // namespace reviewd::test::test_named_review
