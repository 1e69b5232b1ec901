#include "tests/unit/engine/portfolio.hpp"

#include "scoring/engine/fact_deriver.hpp"
#include "scoring/engine/timeline.hpp"
#include "scoring/rules/evaluation_order.hpp"

#include <cmath>

namespace reviewd::test {

using rules::Points;
using rules::points_scale;

Portfolio::Portfolio() {
    rules.schema = rules::built_in_schema();
    rules.facts.facts = rules::built_in_facts();
    rules.score = {20 * points_scale, 0, 100 * points_scale};
    const auto cadence = [](Period not_before, Period every, Period latest) {
        return rules::Cadence{not_before, every, latest};
    };
    using Unit = Period::Unit;
    rules.levels = {
        {"high", 60 * points_scale, cadence({2, Unit::weeks}, {1, Unit::months}, {6, Unit::weeks})},
        {"medium",
         35 * points_scale,
         cadence({2, Unit::months}, {4, Unit::months}, {6, Unit::months})},
        {"low", 0, cadence({9, Unit::months}, {11, Unit::months}, {12, Unit::months})}};
    context.as_of = day("2026-11-20");
    context.loaded.set();
    records.account = make(rules::Table::accounts, {{"key", text("1")}});
}

std::uint32_t Portfolio::fact(const std::string& name, rules::FactType type, rules::FactForm form) {
    rules::Fact added;
    added.name = name;
    added.type = type;
    added.form = std::move(form);
    rules.facts.facts.push_back(std::move(added));
    return static_cast<std::uint32_t>(rules.facts.facts.size() - 1);
}

cel::Expression Portfolio::on_facts(const std::string& source) const {
    return cel::compile(source, rules::fact_environment(rules.facts)).value();
}

cel::Expression Portfolio::on_row(rules::Table table, const std::string& source) const {
    return cel::compile(source, rules::row_environment(rules.schema[table])).value();
}

rules::AggregateFact Portfolio::over(
    rules::Aggregate aggregate, rules::Table table, const std::string& column
) const {
    rules::AggregateFact fact;
    fact.aggregate = aggregate;
    fact.table = table;
    if (!column.empty()) {
        fact.column = rules.schema[table].index_of(column).value();
    }
    return fact;
}

rules::Rule& Portfolio::rule(const std::string& id, const std::string& when, double points) {
    rules::Rule added;
    added.id = id;
    if (!when.empty()) {
        added.when = on_facts(when);
    }
    added.points = static_cast<Points>(std::llround(points * static_cast<double>(points_scale)));
    return rules.rules.emplace_back(std::move(added));
}

rules::Rule& Portfolio::rule_of(const std::string& id, const std::string& points) {
    rules::Rule added;
    added.id = id;
    added.points = on_facts(points);
    return rules.rules.emplace_back(std::move(added));
}

void Portfolio::account(const Cells& cells) {
    for (const auto& cell : cells) {
        const auto column = rules.schema[rules::Table::accounts].index_of(cell.first).value();
        records.account.values[column] = cell.second;
    }
}

engine::Record& Portfolio::row(rules::Table table, const Cells& cells) {
    return records.rows[static_cast<std::size_t>(table)].emplace_back(make(table, cells));
}

engine::Record& Portfolio::product_row(const Cells& cells) {
    return context.products.emplace_back(make(rules::Table::products, cells));
}

engine::FactRow Portfolio::facts() {
    rules.facts.evaluation_order = rules::order_facts(rules.facts.facts, rules.products).slots;
    return engine::FactDeriver{rules, context}.derive(records);
}

cel::Value Portfolio::value(const std::string& name) {
    return facts().at(rules.facts.slot_of(name).value());
}

engine::Record Portfolio::make(rules::Table table, const Cells& cells) const {
    engine::Record record;
    record.values.resize(rules.schema[table].columns.size());
    record.recorded = first_date;
    for (const auto& cell : cells) {
        record.values[rules.schema[table].index_of(cell.first).value()] = cell.second;
    }
    return record;
}

Date day(const char* text) {
    return parse_date(text).value();
}

cel::Value date(const char* text) {
    return engine::to_value(day(text));
}

cel::Value text(const char* value) {
    return cel::Value::of(std::string{value});
}

cel::Value number(double value) {
    return cel::Value::of(value);
}

cel::Value integer(int value) {
    return cel::Value::of(std::int64_t{value});
}

cel::Value yes() {
    return cel::Value::of(true);
}

} // namespace reviewd::test
