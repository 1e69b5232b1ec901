// The accounts that every salesperson knows: one that qualifies for one product and lacks the
// means, one that owns everything, one that could buy more. Judged by the rules of the product's
// description as they stand, and by the sample portfolio read from its files.
#include "config/loader/configuration.hpp"
#include "daemon/intake/csv_header.hpp"
#include "daemon/intake/csv_reader.hpp"
#include "daemon/intake/import_job.hpp"
#include "daemon/intake/row_mapper.hpp"
#include "daemon/intake/source_file.hpp"
#include "scoring/engine/fact_deriver.hpp"
#include "scoring/engine/score.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

#include <map>

namespace reviewd::test::test_archetypes {

using namespace reviewd;
using namespace reviewd::config;
using namespace std::chrono_literals;
using rules::Table;

namespace {

constexpr Date today{2026y / 11 / 20};

cel::Value day(Date date) {
    constexpr std::int64_t day_seconds = 86'400;
    return cel::Value::of(cel::Timestamp{to_day_number(date) * day_seconds, 0});
}

cel::Value text(const char* value) {
    return cel::Value::of(std::string{value});
}

engine::Record make_record(
    const rules::TableSchema& schema, const std::map<std::string, cel::Value>& values
) {
    engine::Record record;
    record.values.resize(schema.columns.size());
    record.recorded = Date{2020y / 1 / 1};
    for (const auto& [column, value] : values) {
        record.values.at(schema.index_of(column).value()) = value;
    }
    return record;
}

/// An account by the rules of the product's description, with three products to sell.
struct LiteralPortfolio {
    LiteralPortfolio() {
        Report report;
        rules = parse_rules(
            "scoring.yaml",
            test::read_file(test::source_path("tests/data/product/scoring.yaml")),
            rules::built_in_schema(),
            report
        );
        INFO(render(report.diagnostics()));
        REQUIRE(rules != nullptr);
        context.as_of = today;
        context.loaded.set();
        for (const char* key : {"press", "cutter", "feeder"}) {
            context.products.push_back(make_record(
                rules->schema[Table::products],
                {{"key", text(key)},
                 {"name", text(key)},
                 {"lifetime_months", cel::Value::of(std::int64_t{60})}}
            ));
        }
    }

    [[nodiscard]] engine::AccountRecords account(double budget) const {
        engine::AccountRecords records;
        records.account = make_record(
            rules->schema[Table::accounts],
            {{"key", text("a")}, {"name", text("A")}, {"budget", cel::Value::of(budget)}}
        );
        return records;
    }
    void buy(engine::AccountRecords& records, const char* product, Date date) const {
        records.rows[static_cast<std::size_t>(Table::purchases)].push_back(make_record(
            rules->schema[Table::purchases],
            {{"key", text(product)}, {"product", text(product)}, {"date", day(date)}}
        ));
    }
    void refer(engine::AccountRecords& records, Date date) const {
        records.rows[static_cast<std::size_t>(Table::interactions)].push_back(make_record(
            rules->schema[Table::interactions], {{"kind", text("referral")}, {"date", day(date)}}
        ));
    }
    [[nodiscard]] std::string judged(const engine::AccountRecords& records) const {
        const engine::FactRow facts = engine::FactDeriver{*rules, context}.derive(records);
        const engine::Score score = engine::evaluate(*rules, facts);
        CHECK(engine::explain(*rules, facts).score.points == score.points);
        return rules->levels.at(score.level).name + " "
               + std::to_string(score.points / rules::points_scale);
    }

    std::shared_ptr<const rules::RuleSet> rules;
    engine::PortfolioContext context;
};

/// All accounts of the sample portfolio, read from its files through their mapping.
class Sample {
public:
    Sample() {
        LoadedConfiguration loaded =
            load_configuration(test::source_path("config/example/reviewd.yaml").string(), {});
        REQUIRE(loaded.configuration);
        configuration_ = std::move(*loaded.configuration);
        context_.as_of = today;
        context_.loaded.set();
        for (const SourceSettings& source : configuration_.settings->sources) {
            read(source);
        }
    }

    [[nodiscard]] const rules::RuleSet& rules() const { return *configuration_.rules; }
    [[nodiscard]] const std::map<std::string, engine::AccountRecords>& accounts() const {
        return accounts_;
    }
    [[nodiscard]] engine::FactRow facts(const std::string& key) const {
        return engine::FactDeriver{rules(), context_}.derive(accounts_.at(key));
    }
    [[nodiscard]] std::string judged(const std::string& key) const {
        const engine::Score score = engine::evaluate(rules(), facts(key));
        return rules().levels.at(score.level).name + " "
               + std::to_string(score.points / rules::points_scale);
    }

private:
    void read(const SourceSettings& source) {
        const Settings& settings = *configuration_.settings;
        const rules::TableSchema& schema = rules().schema[source.table];
        const auto file = intake::SourceFile::open(
            intake::source_path(settings.data_directory, source.file), source.file
        );
        intake::CsvReader reader{**file};
        const auto headers =
            intake::read_header(source.file, **file, reader, source.delimiter).value();
        auto mapper =
            intake::RowMapper::compile(source, schema, settings.company, source.file, headers);
        REQUIRE(mapper.has_value());
        store::ImportRow row;
        while (reader.next().value() == intake::CsvReader::Row::good) {
            const auto outcome =
                mapper->map(reader.fields(), intake::FieldReader::Bytes::utf8, row);
            INFO(source.file << ": " << mapper->problem().reason);
            REQUIRE(outcome != intake::RowMapper::Outcome::bad);
            if (outcome == intake::RowMapper::Outcome::mapped) {
                add(schema, row);
            }
        }
    }

    void add(const rules::TableSchema& schema, const store::ImportRow& row) {
        engine::Record record;
        record.recorded = today;
        for (const store::Field& field : row.fields) {
            record.values.push_back(store::to_value(field, 2));
        }
        if (const auto recorded = schema.index_of(rules::ColumnRole::recorded)) {
            const auto* known = record.values.at(*recorded).get_if<cel::Timestamp>();
            constexpr std::int64_t day_seconds = 86'400;
            record.recorded = known == nullptr
                                  ? today
                                  : from_day_number(static_cast<int>(known->seconds / day_seconds));
        }
        const auto key_of = [&](std::size_t column) {
            return *record.values.at(column).get_if<std::string>();
        };
        if (schema.table == Table::products) {
            context_.products.push_back(std::move(record));
        } else if (schema.table == Table::accounts) {
            accounts_[key_of(*schema.index_of(rules::ColumnRole::key))].account = std::move(record);
        } else if (const auto account = schema.index_of(rules::ColumnRole::account)) {
            const std::string key = key_of(*account);
            REQUIRE(accounts_.contains(key));
            accounts_[key].rows[static_cast<std::size_t>(schema.table)].push_back(std::move(record)
            );
        }
    }

    Configuration configuration_;
    engine::PortfolioContext context_;
    std::map<std::string, engine::AccountRecords> accounts_;
};

} // namespace

TEST_CASE("the literal rules give every archetype its level", "[loader][product][archetype]") {
    const LiteralPortfolio portfolio;

    engine::AccountRecords poor = portfolio.account(3'000);
    portfolio.buy(poor, "feeder", Date{2024y / 6 / 25});
    CHECK(portfolio.judged(poor) == "low 20");

    engine::AccountRecords complete = portfolio.account(120'000);
    for (const char* product : {"press", "cutter", "feeder"}) {
        portfolio.buy(complete, product, Date{2025y / 8 / 20});
    }
    CHECK(portfolio.judged(complete) == "low 0");

    engine::AccountRecords ready = portfolio.account(42'000);
    portfolio.buy(ready, "press", Date{2024y / 3 / 11});
    portfolio.buy(ready, "feeder", Date{2026y / 5 / 14});
    CHECK(portfolio.judged(ready) == "high 65");
    portfolio.refer(ready, Date{2025y / 6 / 12});
    portfolio.refer(ready, Date{2026y / 4 / 2});
    CHECK(portfolio.judged(ready) == "high 73");
}

TEST_CASE("the sample portfolio shows every archetype", "[loader][example][archetype]") {
    const Sample sample;
    CHECK(sample.accounts().size() == 24);
    CHECK(sample.judged("hartley") == "high 73");
    CHECK(sample.judged("brook").substr(0, 4) == "low ");     // one product, few means
    CHECK(sample.judged("northgate").substr(0, 4) == "low "); // owns everything
    CHECK(sample.judged("orbis") == "medium 44");
    std::map<std::string, int> levels;
    for (const auto& [key, records] : sample.accounts()) {
        const std::string judged = sample.judged(key);
        UNSCOPED_INFO(key << " " << judged);
        ++levels[judged.substr(0, judged.find(' '))];
    }
    CHECK(levels["high"] >= 5);
    CHECK(levels["medium"] >= 5);
    CHECK(levels["low"] >= 8);
}

TEST_CASE("Hartley Print's ledger is the one that people are shown", "[loader][example]") {
    const Sample sample;
    const engine::Ledger ledger = engine::explain(sample.rules(), sample.facts("hartley"));
    std::map<std::string, std::int64_t> points;
    std::vector<std::string> unjudged;
    for (const engine::LedgerLine& line : ledger.lines) {
        if (line.kind == engine::LedgerLine::Kind::base) {
            points["base"] = line.points;
        } else if (line.kind == engine::LedgerLine::Kind::rule) {
            const std::string& id = sample.rules().rules.at(line.index).id;
            if (line.verdict == engine::LedgerLine::Verdict::fired) {
                points[id] = line.points;
            } else if (line.verdict == engine::LedgerLine::Verdict::cannot_be_judged) {
                unjudged.push_back(id);
            }
        }
    }
    CHECK(
        points
        == std::map<
            std::string,
            std::int64_t>{{"base", 20'000}, {"room-to-grow", 45'000}, {"referrals", 8'000}}
    );
    CHECK(unjudged == std::vector<std::string>{"easy-help", "satisfied"});
    const auto offers = sample.rules().facts.slot_of("offers").value();
    CHECK(*sample.facts("hartley").at(offers).get_if<std::int64_t>() == 3);
}

} // namespace reviewd::test::test_archetypes
