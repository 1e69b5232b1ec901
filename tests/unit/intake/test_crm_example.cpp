// The complete example of config/example/crm, run on the data it was written for when they are
// there: below $REVIEWD_SHARED, or in ../shared beside the source tree.
#include "config/loader/configuration.hpp"
#include "daemon/intake/csv_header.hpp"
#include "daemon/intake/import_job.hpp"
#include "daemon/intake/row_mapper.hpp"
#include "daemon/store/imports.hpp"
#include "daemon/store/instance_lock.hpp"
#include "scoring/engine/fact_deriver.hpp"
#include "scoring/engine/score.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace reviewd::test::test_crm_example {

using namespace reviewd;
using namespace reviewd::intake;
using namespace std::chrono_literals;
using rules::Table;

namespace {

constexpr Date some_day{2018y / 1 / 2};
constexpr TimePoint some_moment{std::chrono::sys_days{2018y / 1 / 2}};

std::filesystem::path crm_folder() {
    const char* shared = std::getenv("REVIEWD_SHARED");
    const std::filesystem::path folder =
        shared == nullptr ? test::source_path("../shared") : std::filesystem::path{shared};
    return folder / "crm";
}

config::Configuration load_example() {
    config::LoadOptions options;
    options.data_directory = crm_folder().string();
    const auto loaded = config::load_configuration(
        test::source_path("config/example/crm/reviewd.yaml").string(), options
    );
    CHECK(render(loaded.diagnostics) == "");
    return loaded.configuration.value();
}

bool has_data() {
    if (std::filesystem::exists(crm_folder() / "accounts.csv")) {
        return true;
    }
    WARN("skipped: the sales pipeline is not there; set REVIEWD_SHARED to the folder above crm");
    return false;
}

using TypedRows = std::vector<store::ImportRow>;

/// The rows of a source as the mapping reads them; every row must be good or filtered.
TypedRows read_source(const config::Configuration& configuration, const std::string& name) {
    const config::Settings& settings = *configuration.settings;
    const auto source = std::find_if(
        settings.sources.begin(),
        settings.sources.end(),
        [&](const config::SourceSettings& candidate) { return candidate.name == name; }
    );
    REQUIRE(source != settings.sources.end());
    const auto file =
        SourceFile::open(intake::source_path(settings.data_directory, source->file), source->file);
    CsvReader reader{**file};
    const auto headers = read_header(source->file, **file, reader, source->delimiter).value();
    RowMapper mapper = RowMapper::compile(
                           *source,
                           configuration.rules->schema[source->table],
                           settings.company,
                           source->file,
                           headers
    )
                           .value();
    TypedRows rows;
    store::ImportRow row;
    while (reader.next().value() == CsvReader::Row::good) {
        const auto outcome = mapper.map(reader.fields(), FieldReader::Bytes::utf8, row);
        REQUIRE(outcome != RowMapper::Outcome::bad);
        if (outcome == RowMapper::Outcome::mapped) {
            rows.push_back(row);
        }
    }
    return rows;
}

engine::Record to_record(const store::ImportRow& row, Date recorded) {
    engine::Record record;
    record.recorded = recorded;
    for (const store::Field& field : row.fields) {
        record.values.push_back(store::to_value(field, 2));
    }
    return record;
}

std::string text(
    const rules::TableSchema& schema, const store::ImportRow& row, const char* column
) {
    const auto* value = std::get_if<std::string>(&row.fields[schema.index_of(column).value()]);
    return value == nullptr ? "" : *value;
}

} // namespace

TEST_CASE("the example for a sales pipeline loads without a warning", "[intake][crm]") {
    CHECK(load_example().settings->sources.size() == 5);
}

TEST_CASE("the sales pipeline is imported by configuration alone", "[intake][crm]") {
    if (!has_data()) {
        return;
    }
    const config::Configuration configuration = load_example();
    const config::Settings& settings = *configuration.settings;
    test::TemporaryDirectory state;
    const auto lock = store::InstanceLock::acquire(state.path()).value();
    const auto database = store::Database::open(lock).value();
    std::map<std::string, store::ImportCounts> counts;
    for (int round = 0; round < 2; ++round) {
        for (const config::SourceSettings& source : settings.sources) {
            ImportJobRequest request;
            request.source = &source;
            request.schema = &configuration.rules->schema[source.table];
            request.company = &settings.company;
            request.data_directory = settings.data_directory;
            request.day = some_day;
            request.mode = ImportJobRequest::Mode::always;
            ImportJob job{*database, std::move(request)};
            while (job.advance(some_moment) == ImportJob::Step::more) {
            }
            CAPTURE(source.name, job.outcome().reason);
            REQUIRE(job.outcome().kind == ImportJobOutcome::Kind::accepted);
            CHECK(job.outcome().problems.empty());
            counts[source.name] = job.outcome().counts;
            if (round == 1) {
                CHECK(job.outcome().counts.added + job.outcome().counts.changed == 0);
            }
        }
    }
    const auto active = [&](const char* name) {
        return store::Sources{*database}.find(name).value().active_rows;
    };
    CHECK(active("accounts") == 85);
    CHECK(active("products") == 7);
    CHECK(active("agents") == 36);
    CHECK(active("managers") == 7);
    CHECK(active("purchases") == 4238);
    CHECK(counts["purchases"].skipped == 8800 - 4238);
    CHECK(counts["managers"].duplicate == 36 - 7);
}

TEST_CASE("the pipeline's flaws are mended on the way", "[intake][crm]") {
    if (!has_data()) {
        return;
    }
    const config::Configuration configuration = load_example();
    const rules::Schema& schema = configuration.rules->schema;
    const auto count_text =
        [&](const TypedRows& rows, Table table, const char* column, const char* wanted) {
            return std::count_if(rows.begin(), rows.end(), [&](const store::ImportRow& row) {
                return text(schema[table], row, column) == wanted;
            });
        };
    const TypedRows purchases = read_source(configuration, "purchases");
    CHECK(count_text(purchases, Table::purchases, "product", "GTX Pro") == 729);
    CHECK(count_text(purchases, Table::purchases, "product", "GTXPro") == 0);
    const TypedRows accounts = read_source(configuration, "accounts");
    CHECK(count_text(accounts, Table::accounts, "sector", "technology") == 12);
    CHECK(count_text(accounts, Table::accounts, "region", "Philippines") == 1);
    CHECK(count_text(accounts, Table::accounts, "parent", "Acme Corporation") == 4);
    const auto& acme = accounts.front();
    CHECK(
        std::get<Money>(acme.fields[*schema[Table::accounts].index_of("revenue")]).minor
        == 110'004'000'000
    );
    const TypedRows agents = read_source(configuration, "agents");
    CHECK(count_text(agents, Table::people, "email", "moses.frase@crm.example") == 1);
    const TypedRows managers = read_source(configuration, "managers");
    CHECK(count_text(managers, Table::people, "email", "joao.vitor@crm.example") == 1);
}

TEST_CASE("the example's rules tell the pipeline's accounts apart", "[intake][crm]") {
    if (!has_data()) {
        return;
    }
    const config::Configuration configuration = load_example();
    const rules::RuleSet& rules = *configuration.rules;
    const rules::TableSchema& purchase = rules.schema[Table::purchases];
    engine::PortfolioContext context;
    context.as_of = some_day;
    for (const Table table : {Table::people, Table::products, Table::accounts, Table::purchases}) {
        context.loaded.set(static_cast<std::size_t>(table));
    }
    std::map<std::string, engine::AccountRecords> portfolio;
    for (const store::ImportRow& row : read_source(configuration, "accounts")) {
        portfolio[text(rules.schema[Table::accounts], row, "key")].account =
            to_record(row, some_day);
    }
    for (const store::ImportRow& row : read_source(configuration, "purchases")) {
        const Date recorded = std::get<Date>(row.fields[*purchase.index_of("recorded")]);
        portfolio.at(text(purchase, row, "account"))
            .rows[static_cast<std::size_t>(Table::purchases)]
            .push_back(to_record(row, recorded));
    }
    REQUIRE(portfolio.size() == 85);
    std::map<std::string, int> levels;
    std::set<std::size_t> fired;
    std::string table;
    for (const auto& [name, records] : portfolio) {
        const engine::FactRow facts = engine::FactDeriver{rules, context}.derive(records);
        const engine::Ledger ledger = engine::explain(rules, facts);
        rules::Points sum = 0;
        table += name + ":";
        for (const engine::LedgerLine& line : ledger.lines) {
            sum += line.points;
            CHECK(line.verdict != engine::LedgerLine::Verdict::cannot_be_judged);
            if (line.kind == engine::LedgerLine::Kind::rule
                && line.verdict == engine::LedgerLine::Verdict::fired) {
                fired.insert(line.index);
                table +=
                    ' ' + rules.rules[line.index].id + ' ' + std::to_string(line.points / 1000);
            }
        }
        CHECK(sum == ledger.score.points);
        ++levels[rules.levels[ledger.score.level].name];
        table += " = " + std::to_string(ledger.score.points / 1000) + "\n";
    }
    INFO(table);
    CAPTURE(levels);
    // Few deserve a call a month, and not all are left to once a year.
    CHECK(levels["high"] >= 8);
    CHECK(levels["high"] <= 21);
    CHECK(levels["medium"] >= 20);
    CHECK(levels["low"] >= 20);
    CHECK(fired.size() == rules.rules.size());
}

} // namespace reviewd::test::test_crm_example
