#include "daemon/message/payload.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/message/golden.hpp"

#include <boost/json.hpp>

namespace reviewd::test {
namespace {

namespace json = boost::json;

TEST_CASE("machines get stable names, whole numbers and civil days", "[message][payload]") {
    message::Digest digest = target_digest();
    digest.items[1].score = 44'500;
    const json::object payload = json::parse(message::payload_of(digest)).as_object();
    CHECK(payload.at("kind").as_string() == "digest");
    CHECK(payload.at("id").as_string() == "m-1");
    CHECK(payload.at("today").as_string() == "2026-11-27");
    CHECK(payload.at("counts").at("late").to_number<int>() == 1);
    CHECK(payload.at("counts").at("week").to_number<int>() == 4);
    const json::object& late = payload.at("items").at(0).as_object();
    CHECK(late.at("section").as_string() == "late");
    CHECK(late.at("reminder").as_string() == "r-1001-1-day-0-sam");
    CHECK(late.at("review").as_int64() == 12);
    CHECK(late.at("account").at("key").as_string() == "1001");
    CHECK(late.at("score").as_int64() == 73);
    CHECK(late.at("due").as_string() == "2026-11-25");
    CHECK(late.at("latest").as_string() == "2026-11-27");
    CHECK(late.at("late_days").as_int64() == 2);
    CHECK(late.at("reasons").at(0).at("points").as_int64() == 45);
    CHECK(late.at("complaint").at("fix").as_string() == "roller kit");
    const json::object& today = payload.at("items").at(1).as_object();
    CHECK(today.at("score").as_double() == 44.5);
    CHECK_FALSE(today.contains("late_days"));
    CHECK_FALSE(today.contains("contact"));
}

TEST_CASE("a contact in somebody's place is late after its latest day", "[message][payload]") {
    message::Digest digest = target_digest();
    message::Item& item = digest.items[0];
    item.due = digest.today + std::chrono::days{6}; // when its owner is back
    item.latest = digest.today - std::chrono::days{3};
    item.away_owner = "Farah Rahman";
    const auto late_days = [&] {
        const json::value payload = json::parse(message::payload_of(digest));
        return payload.at("items").at(0).at("late_days").as_int64();
    };
    CHECK(late_days() == 3);
    item.due = digest.today - std::chrono::days{1};
    CHECK(late_days() == 3);
    item.away_owner.clear();
    CHECK(late_days() == 1);
}

TEST_CASE("machines get text as it was recorded", "[message][payload]") {
    message::Digest digest = target_digest();
    digest.items[0].account = "<b>\n\"x\" \xE2\x80\xAE";
    const json::value payload = json::parse(message::payload_of(digest));
    const json::string& name = payload.at("items").at(0).at("account").at("name").as_string();
    CHECK(std::string{name} == "<b>\n\"x\" \xE2\x80\xAE");
}

} // namespace
} // namespace reviewd::test
