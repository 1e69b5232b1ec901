// Compiles the rules for made-up columns, one of each type, in the form that such a fact has when
// its values are too many for a dictionary.
#include "scoring/engine/columnar/fallbacks.hpp"

#include "scoring/cel/timestamp.hpp"

namespace reviewd::engine::columnar {
namespace {

/// More than fit a dictionary of numbers, so that each row can have a value of its own.
constexpr std::int64_t made_up_rows = 5000;
constexpr std::int64_t missing_every = 97;

/// The rows' number in bits, as a list of texts.
cel::Value list_of(std::int64_t row) {
    cel::List list;
    for (int bit = 0; (row >> bit) != 0; ++bit) {
        if (((row >> bit) & 1) != 0) {
            list.push_back(cel::Value::of(std::string(1, static_cast<char>('a' + bit))));
        }
    }
    return cel::Value::list(std::move(list));
}

cel::Value made_up(rules::FactType type, std::int64_t row) {
    constexpr std::int64_t step = 1009;
    constexpr double third = 1.0 / 3;
    switch (type) {
    case rules::FactType::boolean:
        return cel::Value::of(row % 2 == 0);
    case rules::FactType::integer:
        return cel::Value::of(row * step);
    case rules::FactType::number:
    case rules::FactType::money:
        return cel::Value::of(static_cast<double>(row) * third);
    case rules::FactType::text:
        return cel::Value::of("text " + std::to_string(row));
    case rules::FactType::date:
        return cel::Value::of(cel::to_timestamp(from_day_number(static_cast<int>(row))));
    case rules::FactType::list:
        return list_of(row);
    }
    return {};
}

} // namespace

std::vector<Fallback> find_fallbacks(const rules::RuleSet& rules) {
    const std::vector<rules::Fact>& facts = rules.facts.facts;
    FactColumnsBuilder builder{facts.size()};
    for (std::int64_t row = 0; row < made_up_rows; ++row) {
        FactRow values;
        values.reserve(facts.size());
        for (std::uint32_t slot = 0; slot < facts.size(); ++slot) {
            const rules::Fact& fact = facts[slot];
            const auto* const built_in = std::get_if<rules::BuiltIn>(&fact.form);
            const bool is_today = built_in != nullptr && *built_in == rules::BuiltIn::today;
            const bool is_missing =
                !is_today && !fact.default_value && (row + slot) % missing_every == 0;
            values.push_back(
                is_missing ? cel::Value::unknown(slot) : made_up(fact.type, is_today ? 0 : row)
            );
        }
        builder.add(AccountId{row + 1}, values);
    }
    return compile(rules, builder.finish()).fallbacks();
}

} // namespace reviewd::engine::columnar
