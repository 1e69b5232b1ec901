#include "daemon/service/retry_schedule.hpp"
#include "tests/support/catch.hpp"

#include <vector>

namespace reviewd::test::test_retry_schedule {

using namespace reviewd;
using namespace reviewd::service;
using namespace std::chrono_literals;
using Schedule = notify::DeliveryTraits::Schedule;

TEST_CASE("mail is tried again as old as it is, within bounds", "[service][retry][I13]") {
    const config::RetrySettings settings;
    for (int delivery = 1; delivery < 200; ++delivery) {
        const auto after = [&](std::chrono::milliseconds age) {
            return retry_delay(Schedule::mail, settings, {7, delivery, 1, age}, std::nullopt);
        };
        CHECK(after(0ms) >= 4min);
        CHECK(after(0ms) <= 6min);
        CHECK(after(30min) >= 24min);
        CHECK(after(30min) <= 36min);
        CHECK(after(100h) <= 81min);
        CHECK(after(30min) == after(30min));
    }
}

TEST_CASE("webhooks are tried again by the table of Standard Webhooks", "[service][retry][F30]") {
    const config::RetrySettings settings;
    const std::vector<std::chrono::seconds> table{5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h, 24h};
    for (int attempt = 1; attempt <= 10; ++attempt) {
        const auto delay =
            retry_delay(Schedule::webhook, settings, {7, 3, attempt, 0ms}, std::nullopt);
        const auto wanted = table.at(static_cast<std::size_t>(attempt) - 1);
        CHECK(delay >= wanted * 4 / 5);
        CHECK(delay <= wanted * 6 / 5);
    }
}

TEST_CASE("a peer may ask for more patience, up to a day", "[service][retry][F29]") {
    const config::RetrySettings settings;
    const auto asked = [&](std::chrono::seconds seconds) {
        return retry_delay(Schedule::webhook, settings, {7, 3, 1, 0ms}, seconds);
    };
    CHECK(asked(0s) <= 6s);
    CHECK(asked(3h) == 3h);
    CHECK(asked(std::chrono::hours{24 * 3650}) == 24h);
}

TEST_CASE("copies that may have arrived come further and further apart", "[service][retry][F26]") {
    const config::RetrySettings settings;
    const service::Repetition repetition{7, 3, 1, 100h};
    const auto usual = retry_delay(Schedule::mail, settings, repetition, std::nullopt);
    CHECK(resend_delay(settings, repetition, 0) == usual);
    CHECK(resend_delay(settings, repetition, 1) == usual);
    CHECK(resend_delay(settings, repetition, 2) == 2 * usual);
    CHECK(resend_delay(settings, repetition, 4) == 8 * usual);
    CHECK(resend_delay(settings, repetition, 1000) == 24h);
    config::RetrySettings patient;
    patient.first = 48h;
    patient.largest = 48h;
    CHECK(resend_delay(patient, repetition, 3) >= 38h);
}

} // namespace reviewd::test::test_retry_schedule
