// The rows that count and those whose condition cannot be judged are gathered apart. The answer is
// that of the rows that count, unless one of the others could change it. Sums do not depend on the
// order of the rows: money is added as whole ten-thousandths, other numbers in order of size.
#include "scoring/engine/aggregate.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/cel/comparison.hpp"
#include "scoring/engine/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

namespace reviewd::engine {
namespace {

using rules::Aggregate;
using Values = std::vector<const cel::Value*>; // of one column; null values left out

/// The gathered rows of one kind.
struct Gathered {
    std::size_t rows = 0;
    std::size_t rows_without_value = 0;
    Values values;
};

struct Rows {
    Gathered counted;
    Gathered unjudged;
};

/// Evaluates a condition over one row after another, in one buffer.
class Condition {
public:
    Condition(const cel::Expression& expression, const TableAsOf& table, Date as_of)
        : expression_(expression), table_(table), values_(table.schema().columns.size() + 1) {
        values_.back() = to_value(as_of);
    }

    /// Nothing when it cannot be judged.
    std::optional<bool> holds(const Record& row) {
        for (const std::uint32_t slot : expression_.slots()) {
            if (slot + 1 < values_.size()) {
                const cel::Value& value = table_.value(row, slot);
                values_[slot] = value.is_null() ? cel::Value::unknown(slot) : value;
            }
        }
        const cel::Value answer = cel::evaluate(expression_, values_);
        const bool* holds = answer.get_if<bool>();
        return holds == nullptr ? std::nullopt : std::optional<bool>{*holds};
    }

private:
    const cel::Expression& expression_;
    const TableAsOf& table_;
    std::vector<cel::Value> values_;
};

void add(Gathered& gathered, const cel::Value* value) {
    ++gathered.rows;
    if (value == nullptr) {
        return;
    }
    if (value->is_null()) {
        ++gathered.rows_without_value;
    } else {
        gathered.values.push_back(value);
    }
}

Rows gather(
    const rules::AggregateFact& fact,
    const TableAsOf& table,
    const std::vector<Record>& records,
    Date as_of
) {
    Rows rows;
    std::optional<Condition> condition;
    if (fact.where) {
        condition.emplace(*fact.where, table, as_of);
    }
    const std::optional<Date> after =
        fact.within ? std::optional<Date>{subtract(as_of, *fact.within)} : std::nullopt;
    for (const Record& row : records) {
        if (!table.has(row) || (after && table.day_of(row) <= *after)) {
            continue;
        }
        const std::optional<bool> holds = condition ? condition->holds(row) : true;
        const cel::Value* value = fact.column ? &table.value(row, *fact.column) : nullptr;
        if (!holds) {
            add(rows.unjudged, value);
        } else if (*holds) {
            add(rows.counted, value);
        }
    }
    return rows;
}

bool sorts_before(const cel::Value* a, const cel::Value* b) {
    return a->data().index() != b->data().index() ? a->data().index() < b->data().index()
                                                  : cel::to_string(*a) < cel::to_string(*b);
}

/// Sorted, without repeats.
Values distinct(Values values) {
    const auto is_same = [](const cel::Value* a, const cel::Value* b) {
        return cel::identical(*a, *b);
    };
    const bool are_texts = std::all_of(values.begin(), values.end(), [](const cel::Value* value) {
        return value->get_if<std::string>() != nullptr;
    });
    if (are_texts) {
        std::sort(values.begin(), values.end(), [](const cel::Value* a, const cel::Value* b) {
            return *a->get_if<std::string>() < *b->get_if<std::string>();
        });
    } else {
        std::sort(values.begin(), values.end(), &sorts_before);
    }
    values.erase(std::unique(values.begin(), values.end(), is_same), values.end());
    return values;
}

std::optional<Values> distinct_values(const Rows& rows) {
    Values counted = distinct(rows.counted.values);
    Values all = counted;
    all.insert(all.end(), rows.unjudged.values.begin(), rows.unjudged.values.end());
    if (distinct(std::move(all)).size() != counted.size()) {
        return std::nullopt;
    }
    return counted;
}

std::optional<cel::Value> sum_of_integers(const Values& values) {
    std::int64_t sum = 0;
    for (const cel::Value* value : values) {
        const std::int64_t* integer = value->get_if<std::int64_t>();
        if (integer == nullptr || __builtin_add_overflow(sum, *integer, &sum)) {
            return std::nullopt;
        }
    }
    return cel::Value::of(sum);
}

std::optional<cel::Value> sum_of_numbers(const Values& values) {
    std::vector<double> numbers;
    for (const cel::Value* value : values) {
        const std::optional<double> number = cel::number_of(*value);
        if (!number || !std::isfinite(*number)) {
            return std::nullopt;
        }
        numbers.push_back(*number);
    }
    std::sort(numbers.begin(), numbers.end());
    double sum = 0;
    for (const double number : numbers) {
        sum += number;
    }
    return std::isfinite(sum) ? std::optional{cel::Value::of(sum)} : std::nullopt;
}

std::optional<cel::Value> sum_of_money(const Values& values) {
    constexpr double parts = 10'000; // the smallest unit of any currency, and then some
    constexpr double largest = 9e14;
    std::int64_t sum = 0;
    for (const cel::Value* value : values) {
        const std::optional<double> amount = cel::number_of(*value);
        if (!amount || !(std::fabs(*amount) <= largest)) {
            return std::nullopt;
        }
        if (__builtin_add_overflow(sum, std::llround(*amount * parts), &sum)) {
            return std::nullopt;
        }
    }
    return cel::Value::of(static_cast<double>(sum) / parts);
}

std::optional<cel::Value> sum(const Rows& rows, rules::ColumnType type) {
    const auto could_add = [](const cel::Value* value) {
        const std::optional<double> number = cel::number_of(*value);
        return !number || *number != 0;
    };
    const bool is_open =
        rows.counted.rows_without_value > 0 || rows.unjudged.rows_without_value > 0
        || std::any_of(rows.unjudged.values.begin(), rows.unjudged.values.end(), could_add);
    if (is_open) {
        return std::nullopt;
    }
    switch (type) {
    case rules::ColumnType::integer:
        return sum_of_integers(rows.counted.values);
    case rules::ColumnType::money:
        return sum_of_money(rows.counted.values);
    default:
        return sum_of_numbers(rows.counted.values);
    }
}

/// The value that comes first by `is_before` among those that count, if no other could come before.
template <class Before>
std::optional<cel::Value> first_day(const Rows& rows, Before is_before) {
    const auto best = [&](const Values& values) {
        std::optional<Date> found;
        for (const cel::Value* value : values) {
            const std::optional<Date> day = to_date(*value);
            if (day && (!found || is_before(*day, *found))) {
                found = day;
            }
        }
        return found;
    };
    const std::optional<Date> counted = best(rows.counted.values);
    const std::optional<Date> unjudged = best(rows.unjudged.values);
    if (!counted || (unjudged && is_before(*unjudged, *counted))) {
        return std::nullopt;
    }
    return to_value(*counted);
}

cel::Value to_list(const Values& values) {
    cel::List list;
    list.reserve(values.size());
    for (const cel::Value* value : values) {
        list.push_back(*value);
    }
    return cel::Value::list(std::move(list));
}

cel::Value to_count(std::size_t count) {
    return cel::Value::of(static_cast<std::int64_t>(count));
}

} // namespace

std::optional<cel::Value> aggregate(
    const rules::AggregateFact& fact,
    const rules::RuleSet& rules,
    const AccountRecords& records,
    const PortfolioContext& context
) {
    const auto place = static_cast<std::size_t>(fact.table);
    if (!context.loaded.test(place)) {
        return std::nullopt;
    }
    const TableAsOf table{rules.schema[fact.table], context.as_of};
    const Rows rows = gather(fact, table, records.rows[place], context.as_of);
    switch (fact.aggregate) {
    case Aggregate::count:
        return rows.unjudged.rows > 0 ? std::nullopt : std::optional{to_count(rows.counted.rows)};
    case Aggregate::count_distinct:
    case Aggregate::distinct: {
        const std::optional<Values> values = distinct_values(rows);
        if (!values) {
            return std::nullopt;
        }
        return fact.aggregate == Aggregate::distinct ? to_list(*values) : to_count(values->size());
    }
    case Aggregate::sum:
        REVIEWD_ASSERT(fact.column.has_value());
        return sum(rows, table.schema().columns.at(*fact.column).type);
    case Aggregate::latest:
        return first_day(rows, [](Date a, Date b) { return a > b; });
    case Aggregate::earliest:
        return first_day(rows, [](Date a, Date b) { return a < b; });
    }
    assertion_failed("every aggregate is computed", __FILE__, __LINE__);
}

} // namespace reviewd::engine
