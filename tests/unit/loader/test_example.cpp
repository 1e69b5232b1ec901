#include "config/loader/configuration.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

namespace reviewd::test::test_example {

using namespace reviewd;
using namespace reviewd::config;

TEST_CASE("the sample portfolio loads without a warning", "[loader][example]") {
    const LoadedConfiguration loaded =
        load_configuration(test::source_path("config/example/reviewd.yaml").string(), {});
    CHECK(render(loaded.diagnostics).empty());
    REQUIRE(loaded.configuration);
    const Settings& settings = *loaded.configuration->settings;
    CHECK(settings.company.name == "Marlow Print Systems");
    CHECK(settings.company.minor_digits == 2);
    REQUIRE(settings.sources.size() == 8);
    CHECK(settings.sources.front().table == rules::Table::people);
    const SourceSettings& accounts = settings.sources.at(2);
    const auto& schema = loaded.configuration->rules->schema[rules::Table::accounts];
    REQUIRE(accounts.columns.size() == schema.columns.size());
    const ColumnMapping& budget = accounts.columns.at(*schema.index_of("budget"));
    CHECK(budget.header == "budget_k");
    CHECK(budget.scale == 1000);
    CHECK_FALSE(budget.is_implied);
    CHECK(accounts.columns.at(*schema.index_of("segment")).is_implied);
    CHECK(accounts.columns.at(*schema.index_of("employees")).header == "employees");
    CHECK(settings.channels.size() == 2);
    CHECK(settings.person_defaults.capacity_per_day == 4);
    CHECK(settings.person_defaults.zone == "Europe/London");
    CHECK(settings.people.at("farah").working_days.size() == 5);
    CHECK(settings.reminders.overdue.size() == 4);
    CHECK(loaded.configuration->agenda->questions.size() == 7);
    CHECK(loaded.configuration->rules->products.size() == 8);
    CHECK(loaded.configuration->rules->content_hash.size() == 64);
}

} // namespace reviewd::test::test_example
