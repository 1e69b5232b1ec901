// A fact changes with the day alone where a row, an answer or a former value begins or ceases to
// count, or where the day itself is counted. Whatever might depend on a row is taken to do so.
#include "scoring/engine/fact_horizon.hpp"

#include "scoring/base/overloaded.hpp"
#include "scoring/engine/timeline.hpp"
#include "scoring/rules/evaluation_order.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace reviewd::engine {
namespace {

using std::chrono::days;

const std::vector<Record>& rows_in(const AccountRecords& records, rules::Table table) {
    return records.rows[static_cast<std::size_t>(table)];
}

/// Adds slots, and those that the facts of these are made of.
class SlotFinder {
public:
    explicit SlotFinder(const rules::RuleSet& rules) : rules_(rules) {}

    void add(const cel::Expression& expression) {
        for (const std::uint32_t slot : expression.slots()) {
            add(slot);
        }
    }

    void add(std::uint32_t slot) {
        if (slot >= rules_.facts.facts.size() || !slots_.insert(slot).second) {
            return;
        }
        const rules::FactForm& form = rules_.facts.facts[slot].form;
        for (const std::uint32_t read : rules::slots_read_by(form, rules_.products)) {
            add(read);
        }
    }

    [[nodiscard]] std::vector<std::uint32_t> take() const { return {slots_.begin(), slots_.end()}; }

private:
    const rules::RuleSet& rules_;
    std::set<std::uint32_t> slots_;
};

/// What happens on a day that has come already is in the facts.
void note_change(Date day, Date as_of, Date& last) {
    if (day > as_of) {
        last = std::min(last, day - days{1});
    }
}

} // namespace

Date rows_stand_until(
    const rules::TableSchema& schema, const std::vector<Record>& rows, Date as_of
) {
    const TableAsOf seen{schema, as_of};
    const std::optional<std::size_t> ended = schema.index_of(rules::ColumnRole::ended);
    Date last = last_date;
    for (const Record& row : rows) {
        note_change(row.recorded, as_of, last);
        note_change(seen.day_of(row), as_of, last);
        note_change(row.retired.value_or(as_of), as_of, last);
        if (ended && *ended < row.values.size()) {
            // A day of ending that lies ahead is not there yet.
            note_change(to_date(row.values[*ended]).value_or(as_of), as_of, last);
        }
    }
    return last;
}

std::vector<std::uint32_t> slots_in_use(const rules::RuleSet& rules) {
    SlotFinder finder{rules};
    for (const rules::Rule& rule : rules.rules) {
        if (rule.when) {
            finder.add(*rule.when);
        }
        if (const auto* points = std::get_if<cel::Expression>(&rule.points)) {
            finder.add(*points);
        }
    }
    for (const rules::CadenceRule& cadence : rules.cadences) {
        finder.add(cadence.when);
    }
    for (const rules::Trigger& trigger : rules.triggers) {
        if (trigger.before) {
            finder.add(*trigger.before);
        }
        if (trigger.when && !trigger.source) { // with a source it reads the columns of a row
            finder.add(*trigger.when);
        }
    }
    return finder.take();
}

FactHorizon::FactHorizon(const rules::RuleSet& rules, std::vector<std::uint32_t> slots, Date as_of)
    : rules_(rules), slots_(std::move(slots)), as_of_(as_of) {}

Date FactHorizon::stands_until(const AccountRecords& records) const {
    Date last = last_date;
    for (const std::uint32_t slot : slots_) {
        look_at(rules_.facts.facts[slot], records, last);
        if (last <= as_of_) {
            break;
        }
    }
    return last;
}

void FactHorizon::changes_on(Date day, Date& last) const {
    note_change(day, as_of_, last);
}

/// A row or answer of that day counts no longer once the period before the day asked for does not
/// reach back to it. @pre it counts on as_of
void FactHorizon::leaves(Date day, const Period& after, Date& last) const {
    // Months of several lengths: the day is found by looking, from a few days before it.
    Date end = std::max(as_of_ + days{1}, add(day, after) - days{4});
    while (end < last_date && subtract(end, after) < day) {
        end += days{1};
    }
    last = std::min(last, end - days{1});
}

void FactHorizon::look_at(const rules::Fact& fact, const AccountRecords& records, Date& last)
    const {
    std::visit(
        Overloaded{
            [&](const rules::ColumnFact& column) { look_at_column(column, records, last); },
            [&](const rules::AggregateFact& rows) { look_at_rows(rows, records, last); },
            [&](const rules::AnswerFact& asked) {
                look_at_answers(asked, fact.expires, records, last);
            },
            [](const rules::ExpressionFact&) {}, // it changes with those it reads
            [&](rules::BuiltIn built_in) {
                look_at_built_in(built_in, records, last);
            }},
        fact.form
    );
}

void FactHorizon::look_at_column(
    const rules::ColumnFact& fact, const AccountRecords& records, Date& last
) const {
    changes_on(records.account.recorded, last);
    for (const FormerValue& former : records.former_values) {
        if (former.column == fact.column) {
            changes_on(former.until, last);
        }
    }
}

void FactHorizon::look_at_answers(
    const rules::AnswerFact& fact,
    const std::optional<Period>& expires,
    const AccountRecords& records,
    Date& last
) const {
    for (const Answer& given : records.answers) {
        if (given.question != fact.question) {
            continue;
        }
        changes_on(given.day, last);
        if (expires && given.day > subtract(as_of_, *expires)) {
            leaves(given.day, *expires, last);
        }
    }
}

void FactHorizon::look_at_rows(
    const rules::AggregateFact& fact, const AccountRecords& records, Date& last
) const {
    const rules::TableSchema& schema = rules_.schema[fact.table];
    last = std::min(last, rows_stand_until(schema, rows_in(records, fact.table), as_of_));
    const auto today = static_cast<std::uint32_t>(schema.columns.size()); // behind the columns
    const bool counts_days =
        fact.where
        && std::binary_search(fact.where->slots().begin(), fact.where->slots().end(), today);
    if (counts_days && !rows_in(records, fact.table).empty()) {
        last = std::min(last, as_of_);
    }
    if (!fact.within) {
        return;
    }
    const TableAsOf seen{schema, as_of_};
    const Date after = subtract(as_of_, *fact.within);
    for (const Record& row : rows_in(records, fact.table)) {
        const Date day = seen.day_of(row);
        if (day > after && day <= as_of_) {
            leaves(day, *fact.within, last);
        }
    }
}

void FactHorizon::look_at_built_in(rules::BuiltIn fact, const AccountRecords& records, Date& last)
    const {
    switch (fact) {
    case rules::BuiltIn::offers: // and what `offer_when` reads, which is looked at itself
        last = std::min(
            last,
            rows_stand_until(
                rules_.schema[rules::Table::purchases],
                rows_in(records, rules::Table::purchases),
                as_of_
            )
        );
        return;
    case rules::BuiltIn::today:
    case rules::BuiltIn::tenure_years:
    case rules::BuiltIn::months_to_replacement:
    case rules::BuiltIn::last_review_days:
    case rules::BuiltIn::last_contact_days:
        last = std::min(last, as_of_);
    }
}

} // namespace reviewd::engine
