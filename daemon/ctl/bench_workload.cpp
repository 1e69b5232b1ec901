#include "daemon/ctl/bench_workload.hpp"

#include "config/loader/configuration.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace reviewd::ctl {

namespace {

struct BenchFact {
    std::string_view name;
    rules::ColumnType type;
};

using Type = rules::ColumnType;

constexpr std::array<BenchFact, 20> facts{
    {{"annual_revenue", Type::money},
     {"budget_remaining", Type::money},
     {"employees", Type::integer},
     {"products_owned", Type::integer},
     {"product_catalogue_share", Type::number},
     {"months_since_last_purchase", Type::integer},
     {"replacement_months", Type::integer},
     {"customer_years", Type::number},
     {"open_complaints", Type::integer},
     {"satisfaction", Type::number},
     {"competitor_contact", Type::boolean},
     {"referrals", Type::integer},
     {"segment", Type::text},
     {"region", Type::text},
     {"industry", Type::text},
     {"vip", Type::boolean},
     {"renewal_in_days", Type::integer},
     {"review_days", Type::integer},
     {"discount_rate", Type::number},
     {"owner", Type::text}}};

constexpr std::array segments{"enterprise", "midmarket", "smb", "startup", "public", "nonprofit"};
constexpr std::array regions{
    "emea-north",
    "emea-south",
    "emea-east",
    "dach",
    "uk",
    "nordics",
    "us-east",
    "us-west",
    "us-central",
    "latam",
    "apac",
    "anz"};
constexpr std::array industries{
    "banking", "insurance", "retail",     "wholesale", "manufacturing", "automotive",  "aerospace",
    "energy",  "mining",    "utilities",  "telecom",   "software",      "media",       "healthcare",
    "pharma",  "education", "government", "logistics", "hospitality",   "construction"};

/// SplitMix64 from a fixed seed.
class Dice {
public:
    /// 0 … bound - 1
    [[nodiscard]] std::int64_t below(std::uint64_t bound) {
        return static_cast<std::int64_t>(((next() >> 32U) * bound) >> 32U);
    }
    [[nodiscard]] bool chance(std::int64_t percent) { return below(100) < percent; }

private:
    [[nodiscard]] std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t bits = state_;
        bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
        bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
        return bits ^ (bits >> 31U);
    }

    std::uint64_t state_ = 20'240'607;
};

cel::Value whole(std::int64_t number) {
    return cel::Value::of(number);
}

cel::Value decimal(std::int64_t number, int parts) {
    return cel::Value::of(static_cast<double>(number) / parts);
}

/// Makes one account after the other. The order of the throws is what makes them the same anywhere.
class AccountMaker {
public:
    explicit AccountMaker(const rules::RuleSet& rules) {
        for (std::size_t i = 0; i < facts.size(); ++i) {
            slots_.at(i) = rules.facts.slot_of(facts.at(i).name).value();
        }
        for (std::uint32_t slot = 0; slot < rules.facts.facts.size(); ++slot) {
            row_.push_back(cel::Value::unknown(slot));
        }
    }

    [[nodiscard]] const engine::FactRow& next() {
        at_ = 0;
        put_money();
        put_products();
        put_relation();
        put_who();
        put_dates();
        return row_;
    }

private:
    void put(cel::Value value) { row_[slots_.at(at_++)] = std::move(value); }
    void put_unless(bool is_missing, cel::Value value) {
        const std::uint32_t slot = slots_.at(at_++);
        row_[slot] = is_missing ? cel::Value::unknown(slot) : std::move(value);
    }

    void put_money() {
        std::int64_t base = 10'000;
        for (std::int64_t decade = dice_.below(4); decade > 0; --decade) {
            base *= 10;
        }
        const std::int64_t revenue =
            base + dice_.below(static_cast<std::uint64_t>(9 * (base / 100))) * 100;
        const double share = static_cast<double>(dice_.below(300)) / 1000.0;
        auto budget = static_cast<std::int64_t>(static_cast<double>(revenue) * share);
        budget -= budget % 10;
        if (dice_.chance(5)) {
            budget = revenue / 10 / 10 * 10;
        }
        put(decimal(revenue, 1));
        put(decimal(budget, 1));
        put(whole(1 + revenue / (40'000 + dice_.below(400'000))));
    }

    void put_products() {
        put(whole(dice_.below(9)));
        put(decimal(dice_.below(1001), 1000));
        put(whole(dice_.below(49)));
        put(whole(dice_.below(61)));
        put(decimal(dice_.below(201), 10));
    }

    void put_relation() {
        put(whole(dice_.chance(60) ? 0 : 1 + dice_.below(5)));
        const bool is_unasked = dice_.chance(15);
        put_unless(is_unasked, is_unasked ? cel::Value{} : decimal(dice_.below(21), 2));
        put(cel::Value::of(dice_.chance(22)));
        put(whole(dice_.chance(70) ? 0 : 1 + dice_.below(7)));
    }

    void put_who() {
        put_text(segments.at(static_cast<std::size_t>(dice_.below(segments.size()))));
        put_text(regions.at(static_cast<std::size_t>(dice_.below(regions.size()))));
        put_text(industries.at(static_cast<std::size_t>(dice_.below(industries.size()))));
        put(cel::Value::of(dice_.chance(8)));
    }

    void put_dates() {
        const bool is_endless = dice_.chance(25);
        put_unless(is_endless, is_endless ? cel::Value{} : whole(dice_.below(400)));
        const bool is_new = dice_.chance(20);
        put_unless(is_new, is_new ? cel::Value{} : whole(dice_.below(900)));
        put(decimal(dice_.below(46), 100));
        put_text(fmt::format("owner{:03}", dice_.below(500)));
    }

    void put_text(std::string text) { put(cel::Value::of(std::move(text))); }

    Dice dice_;
    std::array<std::uint32_t, facts.size()> slots_{};
    engine::FactRow row_;
    std::size_t at_ = 0;
};

rules::RuleSet workload_rules() {
    rules::Schema schema = rules::built_in_schema();
    rules::TableSchema& accounts = schema[rules::Table::accounts];
    for (const BenchFact& fact : facts) {
        if (!accounts.index_of(fact.name)) {
            rules::Column column;
            column.name = fact.name;
            column.type = fact.type;
            column.is_custom = true;
            accounts.columns.push_back(std::move(column));
        }
    }
    config::Report report;
    const auto rules = config::parse_rules("bench_rules.yaml", bench_rules_text(), schema, report);
    REVIEWD_ASSERT(rules != nullptr);
    return *rules;
}

/// The source with the first number behind a comparison made greater.
std::string with_other_bound(const std::string& source, std::size_t more) {
    const std::size_t sign = source.find_first_of("<>");
    const std::size_t begin = source.find_first_of("0123456789", sign);
    if (sign == std::string::npos || begin == std::string::npos || begin > sign + 3) {
        return source;
    }
    const std::size_t end = std::min(source.find_first_not_of("0123456789", begin), source.size());
    const std::size_t bound = std::stoul(source.substr(begin, end - begin)) + more;
    return source.substr(0, begin) + std::to_string(bound) + source.substr(end);
}

} // namespace

BenchWorkload make_bench_workload(std::size_t accounts) {
    BenchWorkload workload{workload_rules(), {}, {}};
    engine::columnar::FactColumnsBuilder builder{workload.rules.facts.facts.size()};
    AccountMaker maker{workload.rules};
    for (std::size_t i = 0; i < accounts; ++i) {
        const engine::FactRow& row = maker.next();
        builder.add(AccountId{static_cast<std::int64_t>(i) + 1}, row);
        if (i == 0) {
            workload.first = row;
        }
    }
    workload.columns = builder.finish();
    return workload;
}

rules::RuleSet many_bench_rules(const rules::RuleSet& rules, std::size_t count) {
    rules::RuleSet many = rules;
    const cel::Environment environment = rules::fact_environment(rules.facts);
    many.rules.clear();
    for (std::size_t i = 0; i < count; ++i) {
        rules::Rule rule = rules.rules[i % rules.rules.size()];
        if (rule.when) {
            const std::string source =
                with_other_bound(rule.when->source(), i / rules.rules.size());
            rule.when = cel::compile(source, environment).value();
        }
        many.rules.push_back(std::move(rule));
    }
    return many;
}

std::uint64_t bench_checksum(
    const engine::columnar::FactColumns& columns, const engine::columnar::ScoreColumns& scores
) {
    constexpr std::int32_t half_a_point = 500;
    std::uint64_t sum = 0;
    for (std::size_t row = 0; row < columns.rows(); ++row) {
        const auto id = static_cast<std::uint32_t>(columns.accounts()[row].value);
        const auto halves = static_cast<std::uint32_t>(scores.points[row] / half_a_point);
        const std::uint32_t level = 2U - scores.levels[row]; // counted from the lowest
        sum += (id * 0x9E3779B1U) ^ ((halves * 4 + level + 7) * 0x85EBCA6BU);
    }
    return sum;
}

std::optional<std::uint64_t> expected_bench_checksum(std::size_t accounts) {
    constexpr std::array<std::pair<std::size_t, std::uint64_t>, 3> known{
        {{10'000, 21'211'610'295'245U},
         {100'000, 214'431'946'587'954U},
         {1'000'000, 2'145'366'915'113'478U}}};
    for (const auto& [count, sum] : known) {
        if (count == accounts) {
            return sum;
        }
    }
    return std::nullopt;
}

} // namespace reviewd::ctl
