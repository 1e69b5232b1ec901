#include "daemon/notify/web/web_status.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/notify/samples.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::test::test_web_status {

using reviewd::notify::judge_status;
using reviewd::notify::parse_retry_after;
using reviewd::notify::Reason;
using reviewd::notify::Verdict;
using reviewd::notify::WebReply;
using reviewd::test::sample_now;
using std::chrono::seconds;

TEST_CASE("a status decides what becomes of a delivery", "[notify][webhook][F30][F31][F32][T30]") {
    struct Row {
        int status;
        Verdict verdict;
        Reason reason;
    };
    const std::vector<Row> rows{
        {200, Verdict::accepted, Reason::none},
        {202, Verdict::accepted, Reason::none},
        {204, Verdict::accepted, Reason::none},
        {299, Verdict::accepted, Reason::none},
        {300, Verdict::permanent, Reason::redirected},
        {301, Verdict::permanent, Reason::redirected},
        {304, Verdict::permanent, Reason::redirected},
        {308, Verdict::permanent, Reason::redirected},
        {400, Verdict::permanent, Reason::rejected},
        {401, Verdict::misconfigured, Reason::authentication},
        {403, Verdict::misconfigured, Reason::authentication},
        {404, Verdict::permanent, Reason::rejected},
        {407, Verdict::misconfigured, Reason::authentication},
        {408, Verdict::temporary, Reason::deferred},
        {410, Verdict::misconfigured, Reason::endpoint_gone},
        {413, Verdict::permanent, Reason::rejected},
        {422, Verdict::permanent, Reason::rejected},
        {425, Verdict::temporary, Reason::deferred},
        {429, Verdict::temporary, Reason::rate_limited},
        {500, Verdict::temporary, Reason::deferred},
        {502, Verdict::temporary, Reason::deferred},
        {503, Verdict::temporary, Reason::deferred},
        {504, Verdict::temporary, Reason::deferred},
        {599, Verdict::temporary, Reason::deferred},
        {199, Verdict::uncertain, Reason::protocol},
        {600, Verdict::uncertain, Reason::protocol},
        {999, Verdict::uncertain, Reason::protocol},
    };
    for (const Row& row : rows) {
        CAPTURE(row.status);
        const auto outcome = judge_status(WebReply{row.status, {}, ""}, sample_now);
        CHECK(outcome.verdict == row.verdict);
        CHECK(outcome.reason == row.reason);
        CHECK(outcome.code == row.status);
    }
}

TEST_CASE("Retry-After is read in both of its forms", "[notify][webhook][F29]") {
    // now is 2026-01-21T09:30:00.123Z
    struct Row {
        const char* value;
        std::optional<seconds> expected;
    };
    const std::vector<Row> rows{
        {"0", seconds{0}},
        {"120", seconds{120}},
        {" 7 ", seconds{7}},
        {"Wed, 21 Jan 2026 09:31:00 GMT", seconds{60}},
        {"Wed, 21 Jan 2026 09:00:00 GMT", seconds{0}},
        {"Mon, 21 Jan 2036 09:30:00 GMT", seconds{3652L * 86400}},
        {"Sun, 06 Nov 1994 08:49:37 GMT", seconds{0}},
        {"99999999999999999999", seconds{1'000'000'000}},
        {"-5", std::nullopt},
        {"1.5", std::nullopt},
        {"soon", std::nullopt},
        {"", std::nullopt},
        {"Wed, 31 Feb 2026 09:31:00 GMT", std::nullopt},
        {"Wed, 21 Jan 2026 25:31:00 GMT", std::nullopt},
        {"Wed, 21 Jan 2026 09:31:00 CET", std::nullopt},
        {"Wednesday, 21-Jan-26 09:31:00 GMT", std::nullopt},
    };
    for (const Row& row : rows) {
        CAPTURE(row.value);
        CHECK(parse_retry_after(row.value, sample_now) == row.expected);
    }
    const auto outcome =
        judge_status(WebReply{503, {{"server", "x"}, {"retry-after", "90"}}, ""}, sample_now);
    CHECK(outcome.retry_after == seconds{90});
    CHECK_FALSE(judge_status(WebReply{404, {{"retry-after", "9"}}, ""}, sample_now).retry_after);
}

} // namespace reviewd::test::test_web_status
