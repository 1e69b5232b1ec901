#include "scoring/rules/evaluation_order.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

namespace reviewd::rules {
namespace {

/// Facts a, b, c … behind the built-in ones; each is an expression that names what it reads.
class Facts {
public:
    void add(const std::string& name, const std::string& source) {
        sources_.emplace_back(name, source);
    }

    FactSchema build() const {
        FactSchema schema;
        schema.facts = built_in_facts();
        for (const auto& source : sources_) {
            Fact fact;
            fact.name = source.first;
            fact.type = FactType::number;
            schema.facts.push_back(std::move(fact));
        }
        const cel::Environment environment = fact_environment(schema);
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            auto compiled = cel::compile(sources_[i].second, environment);
            schema.facts[built_in_facts().size() + i].form = ExpressionFact{compiled.value()};
        }
        return schema;
    }

private:
    std::vector<std::pair<std::string, std::string>> sources_;
};

std::size_t place_of(const std::vector<std::uint32_t>& slots, std::uint32_t slot) {
    return static_cast<std::size_t>(std::find(slots.begin(), slots.end(), slot) - slots.begin());
}

TEST_CASE("built-in facts come first and today is slot 0", "[rules][facts]") {
    const FactSchema schema{built_in_facts(), {}};
    CHECK(schema.slot_of("today") == 0U);
    CHECK(schema.facts.size() == 6);
    for (const Fact& fact : schema.facts) {
        CHECK(fact.name == name(std::get<BuiltIn>(fact.form)));
    }
    CHECK_FALSE(schema.slot_of("tomorrow").has_value());
}

TEST_CASE("an expression fact is computed after those it reads", "[rules][facts]") {
    Facts facts;
    facts.add("a", "b + c");
    facts.add("b", "c * 2");
    facts.add("c", "1.0");
    const FactSchema schema = facts.build();
    const EvaluationOrder order = order_facts(schema.facts, {});
    CHECK(order.cycle.empty());
    REQUIRE(order.slots.size() == schema.facts.size());
    const auto place = [&](const char* name) {
        return place_of(order.slots, schema.slot_of(name).value());
    };
    CHECK(place("c") < place("b"));
    CHECK(place("b") < place("a"));
}

TEST_CASE("facts that need each other are named in reading order", "[rules][facts]") {
    Facts facts;
    facts.add("a", "b + 1.0");
    facts.add("b", "c + 1.0");
    facts.add("c", "b + 2.0");
    const FactSchema schema = facts.build();
    const EvaluationOrder order = order_facts(schema.facts, {});
    CHECK(order.cycle == std::vector{*schema.slot_of("b"), *schema.slot_of("c")});
}

TEST_CASE("offers wait for what the products' conditions read", "[rules][facts]") {
    Facts facts;
    facts.add("spare", "1.0");
    const FactSchema schema = facts.build();
    Product product;
    product.key = "A3";
    product.offer_when = cel::compile("spare > 0.5", fact_environment(schema)).value();
    const std::vector<Product> products{product};
    const EvaluationOrder order = order_facts(schema.facts, products);
    CHECK(
        place_of(order.slots, *schema.slot_of("spare"))
        < place_of(order.slots, *schema.slot_of("offers"))
    );
}

TEST_CASE("a product offered by the number of offers is a circle", "[rules][facts]") {
    const FactSchema schema = Facts{}.build();
    Product product;
    product.offer_when = cel::compile("offers < 3", fact_environment(schema)).value();
    const std::vector<Product> products{product};
    CHECK(order_facts(schema.facts, products).cycle == std::vector{*schema.slot_of("offers")});
}

} // namespace
} // namespace reviewd::rules
