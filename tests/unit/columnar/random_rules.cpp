#include "tests/unit/columnar/random_rules.hpp"

#include "scoring/cel/timestamp.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace reviewd::test {
namespace {

using rules::FactType;

struct NamedFact {
    const char* name;
    FactType type;
};

/// The first letter says the type, the rest the form of the column.
constexpr std::array fact_list{
    NamedFact{"b_some", FactType::boolean},
    NamedFact{"b_all", FactType::boolean},
    NamedFact{"i_small", FactType::integer},
    NamedFact{"i_sparse", FactType::integer},
    NamedFact{"i_short", FactType::integer},
    NamedFact{"i_wide", FactType::integer},
    NamedFact{"i_huge", FactType::integer},
    NamedFact{"r_few", FactType::number},
    NamedFact{"r_many", FactType::money},
    NamedFact{"r_wild", FactType::number},
    NamedFact{"t_few", FactType::text},
    NamedFact{"t_many", FactType::text},
    NamedFact{"d_near", FactType::date},
    NamedFact{"d_far", FactType::date},
    NamedFact{"d_same", FactType::date},
    NamedFact{"l_owned", FactType::list},
    NamedFact{"l_many", FactType::list},
    NamedFact{"i_never", FactType::integer}};

cel::Value day(int number) {
    return cel::Value::of(cel::to_timestamp(from_day_number(number)));
}

} // namespace

RandomRules::RandomRules(unsigned seed) : random_(seed) {}

int RandomRules::below(int bound) {
    return static_cast<int>(random_() % static_cast<unsigned>(bound));
}

std::string RandomRules::pick(std::initializer_list<const char*> words) {
    return words.begin()[below(static_cast<int>(words.size()))];
}

std::string RandomRules::leaf_condition(int depth) {
    switch (below(13)) {
    case 0:
        return pick({"b_some", "b_all", "!b_some", "true", "false", "b_some == b_all"});
    case 1:
        return "known("
               + pick({"b_some", "i_small", "i_wide", "r_many", "t_few", "l_owned", "i_never"})
               + ")";
    case 2:
        return pick({"r_wild", "d_far", "t_many", "i_huge"}) + pick({" == null", " != null"});
    case 3:
        return text() + pick({" == ", " != ", " < "}) + text();
    case 4:
        return text() + pick({".startsWith('k')", ".matches('^k.*[13579]$')", ".contains('2')"});
    case 5:
        return pick(
            {"'A' in l_owned",
             "size(l_owned) > 1",
             "l_owned.exists(x, x == 'B')",
             "'pc' in l_many",
             "!('pk' in l_many)",
             "'pt' in l_many && b_some",
             "'none' in l_many",
             "l_many == null"}
        );
    case 6:
        return date() + pick({" < ", " >= ", " == "}) + date();
    case 7:
        return pick({"i_small", "i_sparse", "i_wide", "r_few", "r_many"}) + " in [1, 2, 7.5, 300]";
    case 8:
        return "t_few in ['k1', 'k3', 'zz']";
    default:
        return number(depth) + pick({" < ", " <= ", " > ", " >= ", " == ", " != "}) + number(depth);
    }
}

std::string RandomRules::condition(int depth) {
    if (depth <= 0 || chance(25)) {
        return leaf_condition(depth);
    }
    switch (below(6)) {
    case 0:
    case 1:
        return "(" + condition(depth - 1) + " && " + condition(depth - 1) + ")";
    case 2:
    case 3:
        return "(" + condition(depth - 1) + " || " + condition(depth - 1) + ")";
    case 4:
        return "!(" + condition(depth - 1) + ")";
    default:
        return "(" + condition(depth - 1) + " ? " + condition(depth - 1) + " : "
               + condition(depth - 1) + ")";
    }
}

std::string RandomRules::whole(int depth) {
    if (depth <= 0 || chance(40)) {
        return chance(30) ? pick({"0", "1", "2", "7", "-3", "100", "40000", "5000000000", "-1"})
                          : pick({"i_small", "i_sparse", "i_short", "i_wide", "i_huge", "i_never"});
    }
    switch (below(9)) {
    case 0:
        return "min(" + whole(depth - 1) + ", " + whole(depth - 1) + ")";
    case 1:
        return "clamp(" + whole(depth - 1) + ", " + pick({"0", "-5", "i_small"}) + ", "
               + pick({"9", "500", "i_short"}) + ")";
    case 2:
        return "(" + condition(depth - 1) + " ? " + whole(depth - 1) + " : " + whole(depth - 1)
               + ")";
    case 3:
        return "days_until(" + date() + ", " + date() + ")";
    case 4:
        return pick({"size(l_owned)", "size(l_many)"});
    case 5:
        return "-(" + whole(depth - 1) + ")";
    default:
        return "(" + whole(depth - 1) + pick({" + ", " - ", " * ", " / ", " % "}) + whole(depth - 1)
               + ")";
    }
}

std::string RandomRules::real(int depth) {
    if (depth <= 0 || chance(40)) {
        return chance(30) ? pick({"0.0", "-0.0", "1.5", "-2.25", "1e300", "7.0"})
                          : pick({"r_few", "r_many", "r_wild"});
    }
    switch (below(8)) {
    case 0:
        return "max(" + number(depth - 1) + ", " + real(depth - 1) + ", " + number(depth - 1) + ")";
    case 1:
        return "clamp(" + real(depth - 1) + ", " + pick({"0.0", "-5.5", "r_few"}) + ", "
               + pick({"9.5", "500.0", "r_many"}) + ")";
    case 2:
        return "(" + condition(depth - 1) + " ? " + number(depth - 1) + " : " + real(depth - 1)
               + ")";
    case 3:
        return "double(" + whole(depth - 1) + ")";
    case 4:
        return "-(" + real(depth - 1) + ")";
    default:
        return "(" + real(depth - 1) + pick({" + ", " - ", " * ", " / "}) + number(depth - 1) + ")";
    }
}

std::string RandomRules::date() {
    return pick({"d_near", "d_far", "d_same", "today", "timestamp('2026-06-01')"});
}

std::string RandomRules::text() {
    return pick({"t_few", "t_many", "'k2'", "'k40'"});
}

rules::Rule RandomRules::rule(const rules::RuleSet& rules) {
    const cel::Environment environment = rules::fact_environment(rules.facts);
    const auto compiled = [&](auto make) {
        for (;;) {
            auto expression = cel::compile(make(), environment);
            if (expression) {
                return *expression;
            }
        }
    };
    rules::Rule rule;
    if (!chance(10)) {
        rule.when = compiled([&] { return condition(1 + below(3)); });
    }
    if (chance(75)) {
        rule.points = rules::Points{below(81) - 40} * (chance(80) ? 500 : 1);
    } else {
        rule.points = compiled([&] { return number(1 + below(2)); });
    }
    if (!rules.groups.empty() && chance(40)) {
        rule.group = static_cast<std::size_t>(below(static_cast<int>(rules.groups.size())));
    }
    return rule;
}

rules::RuleSet RandomRules::rule_set(std::size_t rule_count) {
    rules::RuleSet rules;
    rules.schema = rules::built_in_schema();
    rules.facts.facts = rules::built_in_facts();
    for (const NamedFact& named : fact_list) {
        rules::Fact fact;
        fact.name = named.name;
        fact.type = named.type;
        fact.form = rules::AnswerFact{named.name};
        rules.facts.facts.push_back(std::move(fact));
    }
    constexpr rules::Points scale = rules::points_scale;
    rules.score = {rules::Points{below(30)} * scale, -20 * scale, 100 * scale};
    for (int group = below(3); group > 0; --group) {
        rules.groups.push_back({"group " + std::to_string(group), below(60) * 500});
    }
    const rules::Points high = 60 * scale + below(3);
    rules.levels = {{"high", high, {}}, {"medium", 35 * scale, {}}, {"low", -20 * scale, {}}};
    for (std::size_t i = 0; i < rule_count; ++i) {
        rules.rules.push_back(rule(rules));
    }
    return rules;
}

cel::Value RandomRules::value(std::size_t fact) {
    constexpr auto infinity = std::numeric_limits<double>::infinity();
    using Huge = std::numeric_limits<std::int64_t>;
    const std::array<double, 8> wild{
        0.0, -0.0, infinity, -infinity, std::nan(""), 1e308, 5e-324, 0.0005};
    const std::array<std::int64_t, 6> huge{Huge::min(), Huge::max(), 0, -1, 1, Huge::min() + 1};
    switch (fact) {
    case 0:
    case 1:
        return cel::Value::of(chance(50));
    case 2:
        return cel::Value::of(std::int64_t{below(12)} - 3);
    case 3:
        return cel::Value::of(std::int64_t{below(50)} * 1000);
    case 4:
        return cel::Value::of(std::int64_t{below(30'000)} - 10'000);
    case 5:
        return cel::Value::of(std::int64_t{below(2'000'000'000)} - 5);
    case 6:
        return cel::Value::of(
            chance(30) ? huge.at(static_cast<std::size_t>(below(6)))
                       : static_cast<std::int64_t>(random_())
        );
    case 7:
        return cel::Value::of(below(40) * 0.25);
    case 8:
        return cel::Value::of(below(1'000'000) / 100.0);
    case 9:
        return cel::Value::of(
            chance(40) ? wild.at(static_cast<std::size_t>(below(8))) : below(1'000'000) / 7.0 - 1e4
        );
    case 10:
        return cel::Value::of("k" + std::to_string(below(5)));
    case 11:
        return cel::Value::of("k" + std::to_string(below(400)));
    case 12:
        return day(20'000 + below(900));
    case 13:
        return day(below(30'000));
    case 14:
        return day(20'700);
    default:
        break;
    }
    cel::List list;
    for (int product = 0; product < 20 && fact == 16; ++product) {
        if (chance(50)) {
            list.push_back(cel::Value::of(std::string{'p', static_cast<char>('a' + product)}));
        }
    }
    if (fact == 16) {
        return cel::Value::list(std::move(list));
    }
    for (const char* product : {"A", "B", "C", "D"}) {
        if (chance(40)) {
            list.push_back(cel::Value::of(std::string{product}));
        }
    }
    return cel::Value::list(std::move(list));
}

engine::FactRow RandomRules::facts() {
    const std::size_t built_in = rules::built_in_facts().size();
    engine::FactRow row;
    row.push_back(day(20'777));
    for (std::uint32_t slot = 1; slot < built_in + fact_list.size(); ++slot) {
        const bool is_known = slot >= built_in && slot + 1 != built_in + fact_list.size()
                              && (slot == built_in + 1 || slot == built_in + 14 || !chance(12));
        row.push_back(is_known ? value(slot - built_in) : cel::Value::unknown(slot));
    }
    return row;
}

} // namespace reviewd::test
