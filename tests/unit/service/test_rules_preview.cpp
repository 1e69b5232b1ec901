// A preview says what would follow; here it is compared with what does follow once the rules are in
// force.
#include "daemon/service/rules_preview.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <numeric>

namespace reviewd::test::test_rules_preview {

using namespace reviewd;
using std::chrono::days;
using test::at;

namespace {

const Date start = parse_date("2026-11-02").value();

/// The rules in force, changed as a test edits them, as a preview of them.
service::RulesPreview previewed(test::World& world) {
    const config::RulesFile file{"rules.yaml", world.load().rules->content};
    const std::string before = world.describe();
    auto job = world.service().preview(file);
    REQUIRE(job.has_value());
    while (!(*job)->step(at(start, 13))) {
    }
    service::RulesPreview preview = (*job)->result(100).value();
    CHECK(world.describe() == before);
    return preview;
}

std::int64_t total(const std::vector<std::int64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

const service::PreviewedRule& rule(const service::RulesPreview& preview, const std::string& id) {
    const auto found =
        std::find_if(preview.rules.begin(), preview.rules.end(), [&](const auto& one) {
            return one.id == id;
        });
    REQUIRE(found != preview.rules.end());
    return *found;
}

/// That the preview's levels are those of the columns once the rules are in force.
void check_foresight(test::World& world, const service::RulesPreview& preview) {
    REQUIRE(world.service().reload(world.load(), {}, at(start, 14)).has_value());
    world.run(at(start, 14));
    if (world.service().rules().waiting()) {
        REQUIRE(world.service().rules().confirm({}, at(start, 14)).has_value());
    }
    while (world.service().read_ahead(at(start, 14))) {
    }
    const service::PortfolioColumns& columns = world.service().columns();
    std::vector<std::int64_t> levels(preview.levels_after.size());
    std::vector<std::int64_t> bars(preview.histogram_after.size());
    for (std::size_t row = 0; row < columns.facts().rows(); ++row) {
        const engine::Score score = columns.scores().score(row);
        ++levels[score.level];
        const auto bar = (score.points - preview.histogram_from) / preview.histogram_width;
        ++bars[std::min(static_cast<std::size_t>(bar), bars.size() - 1)];
    }
    CHECK(bars == preview.histogram_after);
    for (std::size_t to = 0; to < levels.size(); ++to) {
        std::int64_t sum = 0;
        for (const std::vector<std::int64_t>& row : preview.matrix) {
            sum += row[to];
        }
        CHECK(sum == levels[to]);
    }
    for (const service::PreviewedMove& move : preview.moves) {
        const std::size_t row = columns.find_row(move.account).value();
        CHECK(columns.scores().score(row).points == move.points_after);
        CHECK(columns.scores().score(row).level == move.to);
    }
}

} // namespace

TEST_CASE("a preview foresees a change of one rule", "[service][preview]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    world.edit_rules("points: 20\n", "points: 50\n");
    const service::RulesPreview preview = previewed(world);
    CHECK(preview.is_one_rule_only);
    CHECK_FALSE(preview.are_facts_changed);
    CHECK(preview.accounts == 10);
    CHECK(preview.moving == 3); // a3, a4 and a8 have some budget: 40 -> 70
    REQUIRE(preview.moves.size() == 3);
    CHECK(preview.moves.front().name == "Account a3");
    CHECK(preview.moves.front().owner == "Ana Costa");
    CHECK(preview.matrix.at(1).at(0) == 3);
    CHECK(total(preview.histogram_before) == 10);
    CHECK(rule(preview, "some-budget").change == service::PreviewedRule::Change::changed);
    CHECK(rule(preview, "rich").change == service::PreviewedRule::Change::none);
    // Nobody has answered yet: that is no finding about the rule.
    CHECK(service::remark_on(rule(preview, "happy"), 10) == service::RuleRemark::never_judged);
    REQUIRE(rule(preview, "happy").missing.size() == 1);
    CHECK(rule(preview, "happy").missing.front().fact == "satisfaction");
    CHECK(rule(preview, "happy").missing.front().accounts == 10);
    service::PreviewedRule silent = rule(preview, "happy");
    silent.use.judged = 1;
    CHECK(service::remark_on(silent, 10) == service::RuleRemark::never_fires);
    // Three accounts from every four months to every month, two of them Ana's.
    REQUIRE(preview.loads.size() == 2);
    CHECK(preview.loads.front().owner == "Ana Costa");
    CHECK(
        preview.loads.front().after - preview.loads.front().before
        == Approx(2 * 7 / 30.44 * (1 - 0.25)).epsilon(0.01)
    );
    check_foresight(world, preview);
}

TEST_CASE("a preview foresees new facts, groups and rules", "[service][preview]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    world.edit_rules(
        "rules:\n",
        "  spend: { type: money, expression: budget * 2 }\n"
        "groups: { few: { cap: 10 } }\n"
        "rules:\n"
        "  - id: spender\n    when: spend > 60000\n    points: 30\n    group: few\n"
        "  - id: swallowed\n    when: spend > 60000\n    points: 15\n    group: few\n"
        "  - id: nothing\n    when: spend > 0\n    points: 0\n"
    );
    world.edit_rules("base: 20", "base: 30");
    const service::RulesPreview preview = previewed(world);
    CHECK(preview.are_facts_changed);
    CHECK_FALSE(preview.is_one_rule_only);
    CHECK(rule(preview, "spender").change == service::PreviewedRule::Change::added);
    CHECK(service::remark_on(rule(preview, "spender"), 10) == service::RuleRemark::idle);
    CHECK(service::remark_on(rule(preview, "swallowed"), 10) == service::RuleRemark::idle);
    CHECK(service::remark_on(rule(preview, "nothing"), 10) == service::RuleRemark::gives_nothing);
    check_foresight(world, preview);
}

TEST_CASE("a preview of bad rules says what check would", "[service][preview]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    const auto job = world.service().preview({"draft.yaml", "rules:\n  - id: a\n    when: 1 +\n"});
    REQUIRE(job.has_error());
    CHECK(job.error().code == ErrorCode::bad_config);
    CHECK(job.error().message.find("draft.yaml:3:") != std::string::npos);
}

} // namespace reviewd::test::test_rules_preview
