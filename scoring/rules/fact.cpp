#include "scoring/rules/fact.hpp"

#include "scoring/base/assert.hpp"

#include <algorithm>
#include <array>

namespace reviewd::rules {
namespace {

struct BuiltInFact {
    BuiltIn fact;
    std::string_view name;
    FactType type;
};

/// In slot order.
constexpr std::array built_ins{
    BuiltInFact{BuiltIn::today, "today", FactType::date},
    BuiltInFact{BuiltIn::tenure_years, "tenure_years", FactType::integer},
    BuiltInFact{BuiltIn::offers, "offers", FactType::integer},
    BuiltInFact{BuiltIn::months_to_replacement, "months_to_replacement", FactType::number},
    BuiltInFact{BuiltIn::last_review_days, "last_review_days", FactType::integer},
    BuiltInFact{BuiltIn::last_contact_days, "last_contact_days", FactType::integer},
};

} // namespace

std::optional<std::uint32_t> FactSchema::slot_of(std::string_view name) const {
    const auto found = std::find_if(facts.begin(), facts.end(), [&](const Fact& fact) {
        return fact.name == name;
    });
    if (found == facts.end()) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(found - facts.begin());
}

std::string_view name(FactType type) {
    switch (type) {
    case FactType::boolean:
        return "boolean";
    case FactType::integer:
        return "integer";
    case FactType::number:
        return "number";
    case FactType::money:
        return "money";
    case FactType::text:
        return "text";
    case FactType::date:
        return "date";
    case FactType::list:
        return "list";
    }
    assertion_failed("every fact type has a name", __FILE__, __LINE__);
}

std::string_view name(BuiltIn fact) {
    for (const BuiltInFact& built_in : built_ins) {
        if (built_in.fact == fact) {
            return built_in.name;
        }
    }
    assertion_failed("every built-in fact has a name", __FILE__, __LINE__);
}

cel::Type cel_type(FactType type) {
    switch (type) {
    case FactType::boolean:
        return {cel::Type::Kind::boolean, {}};
    case FactType::integer:
        return {cel::Type::Kind::integer, {}};
    case FactType::number:
    case FactType::money:
        return {cel::Type::Kind::real, {}};
    case FactType::text:
        return {cel::Type::Kind::string, {}};
    case FactType::date:
        return {cel::Type::Kind::timestamp, {}};
    case FactType::list:
        return cel::list_of({cel::Type::Kind::string, {}});
    }
    assertion_failed("every fact type has a CEL type", __FILE__, __LINE__);
}

std::vector<Fact> built_in_facts() {
    std::vector<Fact> facts;
    for (const BuiltInFact& built_in : built_ins) {
        Fact fact;
        fact.name = built_in.name;
        fact.type = built_in.type;
        fact.form = built_in.fact;
        facts.push_back(std::move(fact));
    }
    return facts;
}

cel::Environment fact_environment(const FactSchema& facts) {
    cel::Environment environment{cel::Dialect::rules};
    for (const Fact& fact : facts.facts) {
        environment.declare(fact.name, cel_type(fact.type));
    }
    return environment;
}

} // namespace reviewd::rules
