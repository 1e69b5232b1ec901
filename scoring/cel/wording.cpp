// The sentences of the checker. They are read by people who wrote a rule and never saw a type.
#include "scoring/cel/wording.hpp"

#include "scoring/base/text.hpp"
#include "scoring/cel/literal.hpp"
#include "scoring/cel/signature.hpp"
#include "scoring/cel/timestamp.hpp"
#include "scoring/cel/type_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace reviewd::cel {
namespace {

using Kind = Type::Kind;

std::string_view plain_source(const Node& node, std::string_view source) {
    return source.substr(node.begin, node.end - node.begin);
}

const std::string* constant_text(const Node& node) {
    return node.kind == Node::Kind::constant ? node.value.get_if<std::string>() : nullptr;
}

/// A variable of a name like the node's whose type would fit.
std::string similar_variable(const Node& node, const Type& wanted, const Environment& environment) {
    if (node.kind != Node::Kind::variable) {
        return {};
    }
    const std::string& name = environment.variables()[node.slot].name;
    std::vector<std::string> fitting;
    for (const Variable& variable : environment.variables()) {
        if (variable.name == name || variable.type.kind == Kind::dyn
            || !agree(variable.type, wanted, Widening::allowed)) {
            continue;
        }
        if (variable.name.starts_with(name + "_") || name.starts_with(variable.name + "_")) {
            return fmt::format("did you mean `{}`?", variable.name);
        }
        fitting.push_back(variable.name);
    }
    return did_you_mean(name, fitting);
}

bool is_comparison(const Node& node) {
    if (node.kind != Node::Kind::operation) {
        return false;
    }
    return node.operation == Operator::less || node.operation == Operator::less_equal
           || node.operation == Operator::greater || node.operation == Operator::greater_equal;
}

std::string date_hint(std::string_view written, Dialect dialect) {
    const std::string day{parse_civil_date(written) ? written : "2026-01-31"};
    return dialect == Dialect::rules ? fmt::format("write timestamp(\"{}\")", day)
                                     : fmt::format("write timestamp(\"{}T00:00:00Z\")", day);
}

/// What a comparison of `subject` with `other`, in either order, was meant to be.
std::string one_way_hint(
    const Node& subject, const Node& other, std::string_view source, const Environment& environment
) {
    const Kind kind = subject.type.kind;
    const std::string name{plain_source(subject, source)};
    if (kind == Kind::timestamp && other.type.kind == Kind::string) {
        const std::string* written = constant_text(other);
        return date_hint(written == nullptr ? std::string_view{} : *written, environment.dialect);
    }
    // 2026-01-31 without quotes is a subtraction.
    if (kind == Kind::timestamp && parse_civil_date(plain_source(other, source))) {
        return date_hint(plain_source(other, source), environment.dialect);
    }
    if (kind == Kind::timestamp && is_number_type(other.type)
        && environment.dialect == Dialect::rules) {
        return fmt::format("count the days: days_until({})", name);
    }
    if (kind == Kind::duration && other.type.kind == Kind::string) {
        return fmt::format("write duration({})", plain_source(other, source));
    }
    if (is_number_type(subject.type) && constant_text(other) != nullptr
        && parse_real(*constant_text(other))) {
        return fmt::format("write {} without quotes", *constant_text(other));
    }
    if (is_comparison(subject)) {
        return "join two comparisons: a < b && b < c";
    }
    if (kind == Kind::list && is_number_type(other.type)) {
        return fmt::format("to count, write size({})", name);
    }
    if (kind == Kind::list && other.type.kind != Kind::list) {
        return fmt::format("write {} in {}", plain_source(other, source), name);
    }
    if (kind == Kind::boolean && other.kind == Node::Kind::constant) {
        return fmt::format("write {0} or !{0}", name);
    }
    if (kind == Kind::string && other.kind == Node::Kind::constant && is_number_type(other.type)) {
        return fmt::format("text stands in quotes: \"{}\"", plain_source(other, source));
    }
    if (is_number_type(subject.type) && is_number_type(other.type)
        && other.type.kind == Kind::real) {
        return fmt::format("write double({})", name);
    }
    return {};
}

} // namespace

std::string with_article(const Type& type) {
    switch (type.kind) {
    case Kind::boolean:
    case Kind::string:
    case Kind::bytes:
        return described(type);
    default:
        return "a " + described(type);
    }
}

std::string quoted_source(const Node& node, std::string_view source) {
    return fmt::format("`{}`", cut_to_width(escape_controls(plain_source(node, source)), 40));
}

std::string comparison_message(const Node& left, const Node& right, std::string_view source) {
    const bool is_turned = left.kind == Node::Kind::constant && right.kind != Node::Kind::constant;
    const Node& subject = is_turned ? right : left;
    const Node& other = is_turned ? left : right;
    return fmt::format(
        "{} is {} and cannot be compared with {}, {}",
        quoted_source(subject, source),
        with_article(subject.type),
        quoted_source(other, source),
        with_article(other.type)
    );
}

std::string comparison_hint(
    const Node& left, const Node& right, std::string_view source, const Environment& environment
) {
    for (const auto& [subject, other] : {std::pair{&left, &right}, std::pair{&right, &left}}) {
        std::string hint = similar_variable(*subject, other->type, environment);
        if (!hint.empty()) {
            return hint;
        }
    }
    std::string hint = one_way_hint(left, right, source, environment);
    return hint.empty() ? one_way_hint(right, left, source, environment) : hint;
}

std::string arithmetic_message(const Node& node, std::string_view source) {
    const std::string_view sign = operator_sign(node.operation);
    if (node.children.size() == 1) {
        return fmt::format(
            "{} is {}, but `{}` works with {}",
            quoted_source(*node.children[0], source),
            with_article(node.children[0]->type),
            sign,
            "numbers"
        );
    }
    const Node& left = *node.children[0];
    const Node& right = *node.children[1];
    const bool is_about_numbers = is_number_type(left.type) != is_number_type(right.type)
                                  && left.type.kind != Kind::timestamp
                                  && right.type.kind != Kind::timestamp;
    if (is_about_numbers) {
        const Node& odd = is_number_type(left.type) ? right : left;
        const Node& number = is_number_type(left.type) ? left : right;
        return fmt::format(
            "{} is {}, but `{}` works with two numbers here: {} is {}",
            quoted_source(odd, source),
            with_article(odd.type),
            sign,
            quoted_source(number, source),
            with_article(number.type)
        );
    }
    return fmt::format(
        "`{}` cannot take {} and {}: {} and {}",
        sign,
        quoted_source(left, source),
        quoted_source(right, source),
        with_article(left.type),
        with_article(right.type)
    );
}

std::string arithmetic_hint(const Node& node, std::string_view source, Dialect dialect) {
    if (node.children.size() != 2) {
        return {};
    }
    const Node& left = *node.children[0];
    const Node& right = *node.children[1];
    const auto has = [&](Kind kind) {
        return left.type.kind == kind || right.type.kind == kind;
    };
    if (has(Kind::timestamp) && dialect == Dialect::rules) {
        return "count with days_until(date) or months_between(date, date)";
    }
    if (node.operation == Operator::add && has(Kind::string)) {
        const Node& other = left.type.kind == Kind::string ? right : left;
        return fmt::format("to join text, write string({})", plain_source(other, source));
    }
    if (node.operation == Operator::remainder && has(Kind::real)) {
        return "`%` works with whole numbers: write int(…)";
    }
    if (has(Kind::real) && (has(Kind::integer) || has(Kind::unsigned_integer))) {
        const Node& whole = left.type.kind == Kind::real ? right : left;
        return fmt::format("write double({})", plain_source(whole, source));
    }
    return {};
}

} // namespace reviewd::cel
