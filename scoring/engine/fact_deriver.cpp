#include "scoring/engine/fact_deriver.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/base/overloaded.hpp"
#include "scoring/cel/comparison.hpp"
#include "scoring/engine/aggregate.hpp"
#include "scoring/engine/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace reviewd::engine {
namespace {

using RecordRows = std::vector<Record>;

const RecordRows& rows_of(const AccountRecords& records, rules::Table table) {
    return records.rows[static_cast<std::size_t>(table)];
}

std::optional<cel::Value> to_integer(const cel::Value& value) {
    if (value.get_if<std::int64_t>() != nullptr) {
        return value;
    }
    constexpr double exact = 9'007'199'254'740'992.0; // beyond it a double skips whole numbers
    const double* real = value.get_if<double>();
    if (real != nullptr && std::fabs(*real) <= exact && std::trunc(*real) == *real) {
        return cel::Value::of(static_cast<std::int64_t>(*real));
    }
    const std::uint64_t* natural = value.get_if<std::uint64_t>();
    if (natural != nullptr && *natural <= std::numeric_limits<std::int64_t>::max()) {
        return cel::Value::of(static_cast<std::int64_t>(*natural));
    }
    return std::nullopt;
}

std::optional<cel::Value> to_number(const cel::Value& value) {
    const std::optional<double> number = cel::number_of(value);
    return number && !std::isnan(*number) ? std::optional{cel::Value::of(*number)} : std::nullopt;
}

std::optional<cel::Value> to_texts(const cel::Value& value) {
    const auto* list = value.get_if<std::shared_ptr<const cel::List>>();
    const auto is_text = [](const cel::Value& element) {
        return element.get_if<std::string>() != nullptr;
    };
    if (list == nullptr || !std::all_of((*list)->begin(), (*list)->end(), is_text)) {
        return std::nullopt;
    }
    return value;
}

/// The value in the form that expressions over facts expect of the type; nothing where it has none.
std::optional<cel::Value> convert(const cel::Value& value, rules::FactType type) {
    switch (type) {
    case rules::FactType::boolean:
        return value.get_if<bool>() != nullptr ? std::optional{value} : std::nullopt;
    case rules::FactType::integer:
        return to_integer(value);
    case rules::FactType::number:
    case rules::FactType::money:
        return to_number(value);
    case rules::FactType::text:
        return value.get_if<std::string>() != nullptr ? std::optional{value} : std::nullopt;
    case rules::FactType::date: {
        const std::optional<Date> day = to_date(value);
        return day ? std::optional{to_value(*day)} : std::nullopt;
    }
    case rules::FactType::list:
        return to_texts(value);
    }
    assertion_failed("every fact type has a form", __FILE__, __LINE__);
}

/// What is wrong with a value that has not the type, in a few words.
std::string mismatch(const cel::Value& value, rules::FactType type) {
    const std::string found = cel::to_string(value);
    switch (type) {
    case rules::FactType::integer:
        return found + " is no whole number";
    case rules::FactType::list:
        return found + " is no list of texts";
    case rules::FactType::boolean:
    case rules::FactType::number:
    case rules::FactType::money:
    case rules::FactType::text:
    case rules::FactType::date:
        return fmt::format("{} is not of type {}", found, rules::name(type));
    }
    assertion_failed("every fact type has a name", __FILE__, __LINE__);
}

/// Whether the error came with one of the facts that the expression reads.
bool is_inherited(
    const cel::Value& error, const cel::Expression& expression, const FactRow& so_far
) {
    const auto& slots = expression.slots();
    return std::any_of(slots.begin(), slots.end(), [&](std::uint32_t slot) {
        return so_far[slot].is_error() && cel::identical(so_far[slot], error);
    });
}

cel::Value failed(const rules::Fact& fact, const std::string& why) {
    return cel::Value::error(fmt::format("`{}` cannot be computed: {}", fact.name, why));
}

/// The value of an expression in the form of its fact's type: nothing where what it reads is
/// missing, an error where it fails or gives something else.
std::optional<cel::Value> computed(
    const rules::Fact& fact, const cel::Expression& expression, const FactRow& so_far
) {
    cel::Value value = cel::evaluate(expression, so_far);
    if (value.is_unknown() || value.is_null()) {
        return std::nullopt;
    }
    if (const auto* error = value.get_if<cel::EvaluationError>()) {
        return is_inherited(value, expression, so_far) ? value : failed(fact, error->message);
    }
    std::optional<cel::Value> converted = convert(value, fact.type);
    return converted ? converted : failed(fact, mismatch(value, fact.type));
}

/// Whole calendar months, and the part of the month that is left over.
double months_until(Date from, Date to) {
    if (to < from) {
        return -months_until(to, from);
    }
    const int whole = months_between(from, to);
    const Date begin = add_months(from, whole);
    const Date end = add_months(from, whole + 1);
    return whole
           + static_cast<double>((to - begin).count()) / static_cast<double>((end - begin).count());
}

} // namespace

FactDeriver::FactDeriver(const rules::RuleSet& rules, const PortfolioContext& context)
    : rules_(rules), context_(context), catalogue_(rules, context) {
    REVIEWD_ASSERT(rules.facts.evaluation_order.size() == rules.facts.facts.size());
}

FactRow FactDeriver::derive(const AccountRecords& records) const {
    FactRow row(rules_.facts.facts.size());
    for (const std::uint32_t slot : rules_.facts.evaluation_order) {
        row[slot] = value_of(slot, records, row);
    }
    return row;
}

cel::Value FactDeriver::value_of(
    std::uint32_t slot, const AccountRecords& records, const FactRow& so_far
) const {
    const rules::Fact& fact = rules_.facts.facts[slot];
    std::optional<cel::Value> value = compute(fact, records, so_far);
    if (value && !value->is_error()) {
        value = convert(*value, fact.type);
    }
    if (value) {
        return *std::move(value);
    }
    return fact.default_value ? *fact.default_value : cel::Value::unknown(slot);
}

std::optional<cel::Value> FactDeriver::compute(
    const rules::Fact& fact, const AccountRecords& records, const FactRow& so_far
) const {
    using Computed = std::optional<cel::Value>;
    return std::visit(
        Overloaded{
            [&](const rules::ColumnFact& from) -> Computed {
                return account_value_as_of(
                    records, rules_.schema[rules::Table::accounts], from.column, context_.as_of
                );
            },
            [&](const rules::AggregateFact& rows) {
                return aggregate(rows, rules_, records, context_);
            },
            [&](const rules::AnswerFact& asked) { return answer(fact, asked.question, records); },
            [&](const rules::ExpressionFact& made) {
                return computed(fact, made.expression, so_far);
            },
            [&](rules::BuiltIn which) {
                return built_in(which, records, so_far);
            }},
        fact.form
    );
}

std::optional<cel::Value> FactDeriver::built_in(
    rules::BuiltIn fact, const AccountRecords& records, const FactRow& so_far
) const {
    switch (fact) {
    case rules::BuiltIn::today:
        return to_value(context_.as_of);
    case rules::BuiltIn::tenure_years:
        return tenure_years(records);
    case rules::BuiltIn::offers:
        return count_offers(records, so_far);
    case rules::BuiltIn::months_to_replacement:
        return months_to_replacement(records);
    case rules::BuiltIn::last_review_days:
        return days_since(last_review(records));
    case rules::BuiltIn::last_contact_days:
        return days_since(last_contact(records));
    }
    assertion_failed("every built-in fact is computed", __FILE__, __LINE__);
}

/// The latest answer up to the day, unless it is too old by then.
std::optional<cel::Value> FactDeriver::answer(
    const rules::Fact& fact, const std::string& question, const AccountRecords& records
) const {
    const Answer* latest = nullptr;
    for (const Answer& given : records.answers) {
        if (given.question == question && given.day <= context_.as_of && !given.value.is_null()
            && (latest == nullptr || given.day >= latest->day)) {
            latest = &given;
        }
    }
    if (latest == nullptr
        || (fact.expires && latest->day <= subtract(context_.as_of, *fact.expires))) {
        return std::nullopt;
    }
    return latest->value;
}

std::optional<cel::Value> FactDeriver::tenure_years(const AccountRecords& records) const {
    const rules::TableSchema& accounts = rules_.schema[rules::Table::accounts];
    std::optional<Date> begin;
    if (const std::optional<std::size_t> since = accounts.index_of("since")) {
        begin = to_date(account_value_as_of(records, accounts, *since, context_.as_of));
    }
    if (!begin || *begin > context_.as_of) {
        begin.reset();
        const TableAsOf purchases{rules_.schema[rules::Table::purchases], context_.as_of};
        for (const Record& row : rows_of(records, rules::Table::purchases)) {
            if (purchases.has(row) && (!begin || purchases.day_of(row) < *begin)) {
                begin = purchases.day_of(row);
            }
        }
    }
    if (!begin) {
        return std::nullopt;
    }
    constexpr int months_of_a_year = 12;
    return cel::Value::of(std::int64_t{months_between(*begin, context_.as_of) / months_of_a_year});
}

std::optional<cel::Value> FactDeriver::count_offers(
    const AccountRecords& records, const FactRow& so_far
) const {
    if (!is_loaded(rules::Table::purchases) || !catalogue_.is_known()) {
        return std::nullopt;
    }
    const Offers offers =
        find_offers(catalogue_, owned_products(rules_, records, context_), so_far);
    if (offers.has_unjudged) {
        return std::nullopt;
    }
    return cel::Value::of(static_cast<std::int64_t>(offers.keys.size()));
}

std::optional<cel::Value> FactDeriver::months_to_replacement(const AccountRecords& records) const {
    if (!is_loaded(rules::Table::purchases) || !catalogue_.is_known()) {
        return std::nullopt;
    }
    const rules::TableSchema& schema = rules_.schema[rules::Table::purchases];
    const std::optional<std::size_t> product = schema.index_of("product");
    const TableAsOf purchases{schema, context_.as_of};
    std::map<const Catalogue::Entry*, Date> last_bought;
    for (const Record& row : rows_of(records, rules::Table::purchases)) {
        const std::string* key = product && purchases.has(row)
                                     ? purchases.value(row, *product).get_if<std::string>()
                                     : nullptr;
        const Catalogue::Entry* entry = key != nullptr ? catalogue_.find(*key) : nullptr;
        if (entry != nullptr && entry->lifetime) {
            Date& last = last_bought.try_emplace(entry, purchases.day_of(row)).first->second;
            last = std::max(last, purchases.day_of(row));
        }
    }
    double months = std::numeric_limits<double>::infinity();
    for (const auto& [entry, bought] : last_bought) {
        months = std::min(months, months_until(context_.as_of, add(bought, *entry->lifetime)));
    }
    return cel::Value::of(months);
}

std::optional<Date> FactDeriver::last_review(const AccountRecords& records) const {
    std::optional<Date> last;
    for (const Date held : records.reviews_held) {
        if (held <= context_.as_of && (!last || held > *last)) {
            last = held;
        }
    }
    return last;
}

std::optional<Date> FactDeriver::last_contact(const AccountRecords& records) const {
    std::optional<Date> last = last_review(records);
    const TableAsOf interactions{rules_.schema[rules::Table::interactions], context_.as_of};
    for (const Record& row : rows_of(records, rules::Table::interactions)) {
        if (interactions.has(row) && (!last || interactions.day_of(row) > *last)) {
            last = interactions.day_of(row);
        }
    }
    return last;
}

std::optional<cel::Value> FactDeriver::days_since(std::optional<Date> day) const {
    if (!day) {
        return std::nullopt;
    }
    return cel::Value::of(std::int64_t{(context_.as_of - *day).count()});
}

bool FactDeriver::is_loaded(rules::Table table) const {
    return context_.loaded.test(static_cast<std::size_t>(table));
}

} // namespace reviewd::engine
