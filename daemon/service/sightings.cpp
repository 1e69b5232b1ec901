#include "daemon/service/sightings.hpp"

#include "scoring/engine/fact_horizon.hpp"
#include "scoring/engine/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reviewd::service {
namespace {

/// Columns that tell a person what a row is about, the best first.
constexpr std::array<std::string_view, 3> telling_columns{"title", "product", "kind"};

/// The rows of one table as conditions and people see them.
class RowSight {
public:
    RowSight(const rules::TableSchema& schema, Date as_of)
        : table_(schema, as_of), as_of_(as_of), values_(schema.columns.size() + 1) {
        values_.back() = engine::to_value(as_of);
    }

    [[nodiscard]] bool has(const engine::Record& row) const { return table_.has(row); }

    /// False also where it cannot be judged.
    [[nodiscard]] bool holds(const cel::Expression& when, const engine::Record& row) {
        for (const std::uint32_t slot : when.slots()) {
            if (slot + 1 < values_.size()) {
                const cel::Value& value = table_.value(row, slot);
                values_[slot] = value.is_null() ? cel::Value::unknown(slot) : value;
            }
        }
        const cel::Value answer = cel::evaluate(when, values_);
        const bool* holds = answer.get_if<bool>();
        return holds != nullptr && *holds;
    }

    [[nodiscard]] Sighting sight(std::size_t trigger, const engine::Record& row) const {
        const rules::TableSchema& schema = table_.schema();
        Sighting sighting;
        sighting.trigger = trigger;
        sighting.event = text(row, schema.index_of(rules::ColumnRole::key));
        sighting.happened = table_.day_of(row);
        for (const std::string_view column : telling_columns) {
            sighting.detail = text(row, schema.index_of(column));
            if (!sighting.detail.empty()) {
                break;
            }
        }
        const auto ended = schema.index_of(rules::ColumnRole::ended);
        sighting.is_ongoing = ended && table_.value(row, *ended).is_null();
        return sighting;
    }

private:
    [[nodiscard]] std::string text(const engine::Record& row, std::optional<std::size_t> column)
        const {
        const auto* text = column ? table_.value(row, *column).get_if<std::string>() : nullptr;
        return text == nullptr ? std::string{} : *text;
    }

    engine::TableAsOf table_;
    Date as_of_;
    std::vector<cel::Value> values_;
};

void sight_rows(
    const rules::RuleSet& rules,
    std::size_t index,
    const engine::AccountRecords& records,
    Date as_of,
    std::vector<Sighting>& sightings
) {
    const rules::Trigger& trigger = rules.triggers[index];
    RowSight sight{rules.schema[*trigger.source], as_of};
    for (const engine::Record& row : records.rows[static_cast<std::size_t>(*trigger.source)]) {
        if (sight.has(row) && (!trigger.when || sight.holds(*trigger.when, row))) {
            sightings.push_back(sight.sight(index, row));
        }
    }
}

void sight_date(
    const rules::RuleSet& rules,
    std::size_t index,
    const engine::FactRow& facts,
    Date as_of,
    std::vector<Sighting>& sightings
) {
    const rules::Trigger& trigger = rules.triggers[index];
    const std::optional<Date> ahead = engine::to_date(facts.at(*trigger.before));
    if (!ahead || *ahead < as_of) {
        return;
    }
    if (trigger.when) {
        const cel::Value answer = cel::evaluate(*trigger.when, facts);
        const bool* holds = answer.get_if<bool>();
        if (holds == nullptr || !*holds) {
            return;
        }
    }
    sightings.push_back({index, to_string(*ahead), as_of, ahead, {}, true});
}

} // namespace

bool reads_facts(const rules::RuleSet& rules) {
    return std::any_of(
        rules.triggers.begin(),
        rules.triggers.end(),
        [](const rules::Trigger& trigger) {
            return trigger.before || (trigger.when && !trigger.source);
        }
    );
}

std::bitset<rules::table_count> tables_of_triggers(const rules::RuleSet& rules) {
    std::bitset<rules::table_count> tables;
    tables.set(static_cast<std::size_t>(rules::Table::interactions));
    for (const rules::Trigger& trigger : rules.triggers) {
        if (trigger.source) {
            tables.set(static_cast<std::size_t>(*trigger.source));
        }
    }
    return tables;
}

std::vector<Sighting> find_sightings(
    const rules::RuleSet& rules,
    const engine::AccountRecords& records,
    const engine::FactRow& facts,
    Date as_of
) {
    std::vector<Sighting> sightings;
    for (std::size_t i = 0; i < rules.triggers.size(); ++i) {
        const rules::Trigger& trigger = rules.triggers[i];
        if (trigger.source) {
            sight_rows(rules, i, records, as_of, sightings);
        } else if (trigger.before) {
            sight_date(rules, i, facts, as_of, sightings);
        } else if (trigger.when && !trigger.score) {
            const cel::Value answer = cel::evaluate(*trigger.when, facts);
            const bool* holds = answer.get_if<bool>();
            if (holds != nullptr && *holds) {
                sightings.push_back({i, {}, as_of, std::nullopt, {}, true});
            }
        }
    }
    return sightings;
}

Date sightings_stand_until(
    const rules::RuleSet& rules, const engine::AccountRecords& records, Date as_of
) {
    Date last = last_date;
    const auto look_at = [&](rules::Table table) {
        const auto& rows = records.rows[static_cast<std::size_t>(table)];
        last = std::min(last, engine::rows_stand_until(rules.schema[table], rows, as_of));
    };
    look_at(rules::Table::interactions);
    for (const Date held : records.reviews_held) {
        last = held > as_of ? as_of : last;
    }
    for (const rules::Trigger& trigger : rules.triggers) {
        if (!trigger.source) {
            continue;
        }
        look_at(*trigger.source);
        const auto today = static_cast<std::uint32_t>(rules.schema[*trigger.source].columns.size());
        const bool counts_days =
            trigger.when && std::ranges::binary_search(trigger.when->slots(), today);
        if (counts_days && !records.rows[static_cast<std::size_t>(*trigger.source)].empty()) {
            last = as_of;
        }
    }
    return last;
}

std::optional<Sighting> find_score_move(
    const rules::Trigger& trigger,
    std::size_t index,
    rules::Points mark,
    rules::Points points,
    Date as_of
) {
    const rules::Points rise = points - mark;
    const bool is_rise = rise >= trigger.by && trigger.score != rules::Trigger::Score::fell;
    const bool is_fall = -rise >= trigger.by && trigger.score != rules::Trigger::Score::rose;
    if (!trigger.score || trigger.by <= 0 || !(is_rise || is_fall)) {
        return std::nullopt;
    }
    const auto shown = [](rules::Points value) {
        return fmt::format("{:g}", static_cast<double>(value) / rules::points_scale);
    };
    const std::string detail = fmt::format("{} to {}", shown(mark), shown(points));
    return Sighting{index, {}, as_of, std::nullopt, detail, false};
}

} // namespace reviewd::service
