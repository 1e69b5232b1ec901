#pragma once

#include "scoring/cel/expression.hpp"

#include <string_view>
#include <vector>

namespace reviewd::cel::test {

/// A few facts of an account, as rules name them; `satisfaction` and `renewal` are missing.
struct Portfolio {
    Environment environment{Dialect::rules};
    std::vector<Value> values;

    Portfolio() {
        using Kind = Type::Kind;
        const auto simple = [](Kind kind) {
            return Type{kind, {}};
        };
        const auto add = [this](std::string_view name, Type type, Value value) {
            environment.declare(std::string{name}, std::move(type));
            values.push_back(std::move(value));
        };
        add("budget", simple(Kind::real), Value::of(42000.0));
        add("country", simple(Kind::string), Value::of(std::string{"DE"}));
        add("country_risk", simple(Kind::integer), Value::of(std::int64_t{3}));
        add("products_owned", simple(Kind::integer), Value::of(std::int64_t{2}));
        add("owned", list_of(simple(Kind::string)), Value::list({Value::of(std::string{"GTX Pro"})})
        );
        add("last_purchase", simple(Kind::timestamp), Value::of(Timestamp{1'761'868'800, 0})
        );                                                                             // 2025-10-31
        add("today", simple(Kind::timestamp), Value::of(Timestamp{1'772'236'800, 0})); // 2026-02-28
        add("vip", simple(Kind::boolean), Value::of(true));
        add("satisfaction", simple(Kind::real), Value::unknown(8));
        add("renewal", simple(Kind::timestamp), Value{});
    }

    /// The value of an expression that must compile.
    [[nodiscard]] Value operator()(std::string_view source) const {
        return evaluate(compile(source, environment).value(), values);
    }
};

} // namespace reviewd::cel::test
