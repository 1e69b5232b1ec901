// Who takes the portfolio with them, or would like to.
#include "daemon/control/command.hpp"
#include "daemon/store/audit.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::test::test_exports {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const TimePoint noon = at(Date{2026y / 11 / 23}, 12);

void open_with(World& world, int accounts) {
    std::vector<AccountRow> rows;
    for (int number = 1; number <= accounts; ++number) {
        rows.push_back({fmt::format("a{}", number), "ana", 1000});
    }
    world.write_accounts(rows);
    world.open(noon);
    world.run(noon);
}

Result<json::value> call(World& world, std::string_view command, const json::object& arguments) {
    const control::Command* const known = control::find_command(command);
    REQUIRE(known != nullptr);
    const service::Actor ruth{.who = "ruth", .from = "socket, uid 1000"};
    return control::run(*known, {world.service(), arguments, ruth, noon});
}

std::vector<store::AuditEntry> entries(World& world) {
    return store::Audit{world.database()}.latest(100);
}

} // namespace

TEST_CASE("a list of more than a page leaves a line in the audit", "[control][T43]") {
    World world;
    open_with(world, static_cast<int>(control::page_rows) + 1);
    const auto page = static_cast<std::int64_t>(control::page_rows);
    const std::size_t before = entries(world).size();
    CHECK(call(world, "score", {{"limit", page}}).has_value());
    CHECK(call(world, "status", {}).has_value());
    CHECK(entries(world).size() == before);
    CHECK(call(world, "score", {{"limit", page + 1}}).has_value());
    REQUIRE(entries(world).size() == before + 1);
    const store::AuditEntry entry = entries(world).front();
    CHECK(entry.what == "exported");
    CHECK(entry.who == "ruth");
    CHECK(entry.from == "socket, uid 1000");
    CHECK(entry.at == noon);
    CHECK(json::parse(entry.details) == json::value{{"command", "score"}, {"rows", "501"}});
}

TEST_CASE("an answer that is made later is noted as others are", "[control][T43]") {
    World world;
    open_with(world, 1);
    const json::object nothing;
    const control::Call last{world.service(), nothing, {.who = "ruth", .from = "socket"}, noon};
    const auto listed = [](std::size_t rows) {
        return json::value{{"moves", json::array(rows, json::value{1})}, {"count", 2}};
    };
    const std::size_t before = entries(world).size();
    CHECK(control::noted(listed(control::page_rows), "rules.preview", last).has_value());
    CHECK(control::noted(fail(ErrorCode::usage, "no"), "rules.preview", last).has_error());
    CHECK(entries(world).size() == before);
    CHECK(control::noted(listed(control::page_rows + 1), "rules.preview", last).has_value());
    REQUIRE(entries(world).size() == before + 1);
    REVIEWD_CHECK_CONTAINS(entries(world).front().details, "rules.preview");
}

TEST_CASE("a list of more than a page comes page by page", "[control][T43]") {
    World world;
    open_with(world, static_cast<int>(control::page_rows) + 1);
    for (const auto& [command, list] :
         {std::pair{"plan", "reviews"},
          std::pair{"due", "reviews"},
          std::pair{"score", "scores"}}) {
        INFO(command);
        json::object wanted{{"limit", 600}};
        if (command != std::string_view{"score"}) {
            wanted.erase("limit");
            wanted["owner"] = "ana";
        }
        if (command == std::string_view{"due"}) {
            wanted["until"] = "2030-01-01";
        }
        const json::value whole = call(world, command, wanted).value();
        wanted["pages"] = true;
        const std::size_t before = entries(world).size();
        json::object first = call(world, command, wanted).value().as_object();
        CHECK(entries(world).size() == before + 1); // once for all pages
        REQUIRE(first.at(list).as_array().empty());
        const json::array rows = first.at("rows").as_array();
        REQUIRE(rows.size() == control::page_rows + 1);
        wanted["rows"] = rows;
        CHECK(call(world, command, wanted).error().code == ErrorCode::usage);
        const auto page_of = [&](std::size_t from, std::size_t to) {
            wanted["rows"] = json::array(rows.begin() + from, rows.begin() + to);
            return call(world, command, wanted).value().at(list).as_array();
        };
        json::array all = page_of(0, control::page_rows);
        for (const json::value& row : page_of(control::page_rows, rows.size())) {
            all.push_back(row);
        }
        CHECK(entries(world).size() == before + 1);
        first.erase("rows");
        first[list] = std::move(all);
        CHECK((first == whole.as_object()));
    }
}

TEST_CASE("a list that leaves rows out says so", "[control]") {
    World world;
    open_with(world, 3);
    const auto cut = [&](std::string_view command, json::object arguments, std::int64_t limit) {
        arguments["limit"] = limit;
        return call(world, command, arguments).value().at("is_cut").as_bool();
    };
    CHECK(cut("score", {}, 2));
    CHECK_FALSE(cut("score", {}, 3));
    const json::value two = call(world, "score", {{"limit", 2}}).value();
    CHECK(two.at("scores").as_array().size() == 2);
    CHECK(cut("audit", {}, 1));
    CHECK_FALSE(cut("audit", {}, 10'000));
    CHECK_FALSE(cut("score.history", {{"account", "a1"}}, 50));
    CHECK_FALSE(cut("rules.history", {}, 1));
    const auto deliveries = [&](std::int64_t limit) {
        return call(world, "outbox.list", {{"limit", limit}}).value();
    };
    const std::size_t all = deliveries(10'000).at("deliveries").as_array().size();
    INFO(all);
    CHECK_FALSE(deliveries(10'000).at("is_cut").as_bool());
    if (all > 1) {
        CHECK(deliveries(1).at("is_cut").as_bool());
        CHECK(deliveries(1).at("deliveries").as_array().size() == 1);
    }
    CHECK_FALSE(cut("inbox.list", {{"person", "ana"}, {"all", true}}, 50));
}

TEST_CASE("what is closed before its page comes is left out", "[control]") {
    World world;
    open_with(world, 2);
    const json::value whole = call(world, "plan", {{"pages", true}}).value();
    REQUIRE(whole.at("reviews").as_array().size() == 2); // few come at once
    const json::value& one = whole.at("reviews").at(0).at("id");
    const json::array both{one, whole.at("reviews").at(1).at("id")};
    REQUIRE(call(world, "review.skip", {{"review", serialize(one)}, {"because", "x"}}).has_value());
    const json::value left = call(world, "plan", {{"rows", both}}).value();
    REQUIRE(left.at("reviews").as_array().size() == 1);
    CHECK(left.at("reviews").at(0) == whole.at("reviews").at(1));
}

TEST_CASE("no list may be asked for without an end", "[control][T43]") {
    World world;
    open_with(world, 1);
    int bounded = 0;
    for (const control::Command& command : control::commands()) {
        if (command.arguments.find("[limit]") == std::string_view::npos) {
            continue;
        }
        ++bounded;
        for (const std::int64_t limit :
             {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40U}) {
            INFO(command.name << " " << limit);
            json::object wanted{{"limit", limit}};
            // Those of them that the command cannot do without.
            for (const auto& [name, value] : {std::pair{"account", "a1"}, {"person", "ana"}}) {
                if (command.arguments.starts_with(name)) {
                    wanted[name] = value;
                }
            }
            const Result<json::value> answer = call(world, command.name, wanted);
            REQUIRE(answer.has_error());
            CHECK(answer.error().code == ErrorCode::usage);
            REVIEWD_CHECK_CONTAINS(answer.error().message, "`limit`");
        }
    }
    CHECK(bounded >= 6);
}

TEST_CASE("where a change came from has one name in all answers", "[control]") {
    World world;
    open_with(world, 1);
    const json::object leave{{"person", "ana"}, {"from", "2026-12-01"}, {"until", "2026-12-04"}};
    REQUIRE(call(world, "leave.add", leave).has_value());
    const std::string review = fmt::format("{}", world.open_review("a1").id.value);
    const json::object missed{{"review", review}, {"result", "no-answer"}};
    REQUIRE(call(world, "review.attempt", missed).has_value());
    const json::value leaves = call(world, "leave.list", {}).value();
    const json::value trails = call(world, "audit", {}).value();
    const json::value shown = call(world, "review.show", {{"review", review}}).value();
    const json::value& last = shown.at("history").as_array().back();
    for (const json::value& one : {leaves.at("leave").at(0), trails.at("trail").at(0), last}) {
        INFO(json::serialize(one));
        CHECK(one.at("who") == "ruth");
        CHECK(one.at("origin") == "socket, uid 1000");
    }
}

} // namespace reviewd::test::test_exports
