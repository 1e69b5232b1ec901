// A part that reads one coded fact is tried once for each value of its dictionary and becomes a set
// of codes or a table; only what reads several facts, or one that is not coded, is computed row by
// row.
#include "scoring/engine/columnar/expression_compiler.hpp"

#include "scoring/cel/functions.hpp"

#include <fmt/format.h>

#include <map>

namespace reviewd::engine::columnar {
namespace {

using cel::Node;
using cel::Operator;

bool is_operation(const Node& node, Operator operation) {
    return node.kind == Node::Kind::operation && node.operation == operation;
}

/// The operands of a chain of the same operator: a && b && c.
void flatten(const Node& node, Operator operation, std::vector<const Node*>& operands) {
    if (!is_operation(node, operation)) {
        operands.push_back(&node);
        return;
    }
    flatten(*node.children[0], operation, operands);
    flatten(*node.children[1], operation, operands);
}

std::optional<Comparison> comparison_of(Operator operation) {
    switch (operation) {
    case Operator::equal:
        return Comparison::equal;
    case Operator::not_equal:
        return Comparison::not_equal;
    case Operator::less:
        return Comparison::less;
    case Operator::less_equal:
        return Comparison::less_equal;
    case Operator::greater:
        return Comparison::greater;
    case Operator::greater_equal:
        return Comparison::greater_equal;
    default:
        return std::nullopt;
    }
}

/// @pre the operation makes links
Arithmetic arithmetic_of(Operator operation) {
    switch (operation) {
    case Operator::add:
        return Arithmetic::add;
    case Operator::subtract:
        return Arithmetic::subtract;
    case Operator::multiply:
        return Arithmetic::multiply;
    case Operator::divide:
        return Arithmetic::divide;
    default:
        return Arithmetic::remainder;
    }
}

bool is_boolean(const Node& node) {
    return node.type.kind == cel::Type::Kind::boolean;
}

bool is_numeric(const Node& node) {
    return node.type.kind == cel::Type::Kind::integer || node.type.kind == cel::Type::Kind::real
           || node.type.kind == cel::Type::Kind::timestamp;
}

} // namespace

std::optional<Condition> ExpressionCompiler::condition(const cel::Expression& expression) {
    evaluator_.begin(expression);
    return condition(expression.root());
}

std::optional<Number> ExpressionCompiler::number(const cel::Expression& expression) {
    evaluator_.begin(expression);
    return number(expression.root());
}

std::optional<Condition> ExpressionCompiler::refuse_condition(std::string reason) {
    reason_ = std::move(reason);
    return std::nullopt;
}

std::optional<Number> ExpressionCompiler::refuse_number(std::string reason) {
    reason_ = std::move(reason);
    return std::nullopt;
}

std::optional<std::uint32_t> ExpressionCompiler::only_coded(const Node& node) {
    const Reads reads = evaluator_.reads().of(node);
    const bool is_coded = reads.number == Reads::Number::one
                          && evaluator_.columns().columns()[reads.slot].encoding == Encoding::coded;
    return is_coded ? std::optional{reads.slot} : std::nullopt;
}

std::optional<Condition> ExpressionCompiler::of_codes(
    const std::optional<CodeTruth>& truth, std::uint32_t slot
) {
    if (!truth) {
        return refuse_condition("it takes too many steps");
    }
    return Condition{masks_.of_codes(slot, truth->yes), masks_.of_codes(slot, truth->no)};
}

std::optional<Condition> ExpressionCompiler::condition(const Node& node) {
    if (evaluator_.reads().of(node).number == Reads::Number::none) {
        const std::optional<cel::Value> value = evaluator_.value(node);
        if (!value) {
            return refuse_condition("it takes too many steps");
        }
        const bool* truth = value->get_if<bool>();
        return Condition{
            truth != nullptr && *truth ? all_rows : no_rows,
            truth != nullptr && !*truth ? all_rows : no_rows};
    }
    if (const auto slot = only_coded(node)) {
        return of_codes(evaluator_.truth(node, *slot), *slot);
    }
    if (node.kind == Node::Kind::call && node.function->implementation == nullptr
        && node.children[0]->kind == Node::Kind::variable) {
        const Mask is_known = numbers_.of_column(node.children[0]->slot).is_known;
        return Condition{is_known, masks_.opposite(is_known)};
    }
    if (node.kind != Node::Kind::operation) {
        return refuse_condition(
            node.kind == Node::Kind::call ? fmt::format(
                "`{}` depends on several facts or on too many values", node.function->name
            )
                                          : "it depends on several facts at once"
        );
    }
    switch (node.operation) {
    case Operator::logical_and:
    case Operator::logical_or:
        return logical(node);
    case Operator::logical_not: {
        const std::optional<Condition> inner = condition(*node.children[0]);
        return inner ? std::optional{Condition{inner->no, inner->yes}} : std::nullopt;
    }
    case Operator::conditional:
        return conditional(node);
    case Operator::in:
        return membership(node);
    default:
        return comparison(node);
    }
}

Condition ExpressionCompiler::joined(Operator operation, const std::vector<Condition>& parts) {
    std::vector<Mask> yes;
    std::vector<Mask> no;
    for (const Condition& part : parts) {
        yes.push_back(part.yes);
        no.push_back(part.no);
    }
    return operation == Operator::logical_and
               ? Condition{masks_.all_of(std::move(yes)), masks_.any_of(std::move(no))}
               : Condition{masks_.any_of(std::move(yes)), masks_.all_of(std::move(no))};
}

/// Operands that read the same coded fact are one set of codes.
std::optional<Condition> ExpressionCompiler::logical(const Node& node) {
    std::vector<const Node*> operands;
    flatten(node, node.operation, operands);
    std::map<std::uint32_t, CodeTruth> by_slot;
    std::vector<Condition> parts;
    const bool is_and = node.operation == Operator::logical_and;
    for (const Node* operand : operands) {
        const auto slot = only_coded(*operand);
        if (!slot) {
            std::optional<Condition> part = condition(*operand);
            if (!part) {
                return std::nullopt;
            }
            parts.push_back(*part);
            continue;
        }
        std::optional<CodeTruth> truth = evaluator_.truth(*operand, *slot);
        if (!truth) {
            return refuse_condition("it takes too many steps");
        }
        const auto [found, is_first] = by_slot.try_emplace(*slot, *truth);
        for (std::size_t code = 0; code < truth->yes.size() && !is_first; ++code) {
            std::uint8_t& yes = found->second.yes[code];
            std::uint8_t& no = found->second.no[code];
            yes = is_and ? yes & truth->yes[code] : yes | truth->yes[code];
            no = is_and ? no | truth->no[code] : no & truth->no[code];
        }
    }
    for (const auto& [slot, truth] : by_slot) {
        parts.push_back({masks_.of_codes(slot, truth.yes), masks_.of_codes(slot, truth.no)});
    }
    return joined(node.operation, parts);
}

std::optional<Condition> ExpressionCompiler::comparison(const Node& node) {
    const std::optional<Comparison> how = comparison_of(node.operation);
    if (!how) {
        return refuse_condition("it is no condition that columns can hold");
    }
    const Node& left = *node.children[0];
    const Node& right = *node.children[1];
    const bool is_equality = *how == Comparison::equal || *how == Comparison::not_equal;
    if (is_equality && is_boolean(left) && is_boolean(right)) {
        return equal_conditions(node);
    }
    if (!is_numeric(left) || !is_numeric(right)) {
        return refuse_condition("it compares texts or lists of two facts");
    }
    const std::optional<Number> a = number(left);
    const std::optional<Number> b = a ? number(right) : std::nullopt;
    if (!a || !b) {
        return std::nullopt;
    }
    const std::optional<Condition> result = numbers_.compared(*how, *a, *b);
    return result ? result : refuse_condition("it compares numbers too large to be exact");
}

std::optional<Condition> ExpressionCompiler::equal_conditions(const Node& node) {
    const std::optional<Condition> a = condition(*node.children[0]);
    const std::optional<Condition> b = a ? condition(*node.children[1]) : std::nullopt;
    if (!a || !b) {
        return std::nullopt;
    }
    const Mask same =
        masks_.any_of({masks_.all_of({a->yes, b->yes}), masks_.all_of({a->no, b->no})});
    const Mask different =
        masks_.any_of({masks_.all_of({a->yes, b->no}), masks_.all_of({a->no, b->yes})});
    return node.operation == Operator::equal ? Condition{same, different}
                                             : Condition{different, same};
}

/// A number in a list of constants.
std::optional<Condition> ExpressionCompiler::membership(const Node& node) {
    const Node& collection = *node.children[1];
    if (is_set(collection)) {
        return set_membership(node);
    }
    if (evaluator_.reads().of(collection).number != Reads::Number::none
        || !is_numeric(*node.children[0])) {
        return refuse_condition("`in` looks for several facts, or in several");
    }
    const std::optional<cel::Value> constants = evaluator_.value(collection);
    const auto* list = constants ? constants->get_if<std::shared_ptr<const cel::List>>() : nullptr;
    const std::optional<Number> element =
        list != nullptr ? number(*node.children[0]) : std::nullopt;
    if (!element) {
        return list != nullptr ? std::nullopt : refuse_condition("`in` looks in no list");
    }
    std::vector<Mask> found{no_rows};
    for (const cel::Value& one : **list) {
        const std::optional<Number> other = numbers_.constant(one);
        if (!other || other->is_date != element->is_date) {
            return refuse_condition("`in` looks in a list of different things");
        }
        const auto equal = numbers_.compared(Comparison::equal, *element, *other);
        if (!equal) {
            return refuse_condition("it compares numbers too large to be exact");
        }
        found.push_back(equal->yes);
    }
    const Mask any = masks_.any_of(std::move(found));
    return Condition{
        masks_.all_of({any, element->is_known}),
        masks_.all_of({masks_.opposite(any), element->is_known})};
}

/// A constant in a fact that is a list.
std::optional<Condition> ExpressionCompiler::set_membership(const Node& node) {
    if (evaluator_.reads().of(*node.children[0]).number != Reads::Number::none) {
        return refuse_condition("`in` looks for one fact in another");
    }
    const std::optional<cel::Value> element = evaluator_.value(*node.children[0]);
    if (!element || !element->is_plain()) {
        return element ? std::optional{Condition{no_rows, no_rows}}
                       : refuse_condition("it takes too many steps");
    }
    const std::uint32_t slot = node.children[1]->slot;
    const auto* text = element->get_if<std::string>();
    const Mask found = text != nullptr ? masks_.of_member(slot, *text) : no_rows;
    const Mask is_known = numbers_.set_size(slot).is_known;
    return Condition{
        masks_.all_of({found, is_known}), masks_.all_of({masks_.opposite(found), is_known})};
}

bool ExpressionCompiler::is_set(const Node& node) const {
    return node.kind == Node::Kind::variable
           && evaluator_.columns().columns()[node.slot].encoding == Encoding::sets;
}

std::optional<Condition> ExpressionCompiler::conditional(const Node& node) {
    const std::optional<Condition> when = condition(*node.children[0]);
    const std::optional<Condition> yes = when ? condition(*node.children[1]) : std::nullopt;
    const std::optional<Condition> no = yes ? condition(*node.children[2]) : std::nullopt;
    if (!no) {
        return std::nullopt;
    }
    return Condition{
        masks_.any_of({masks_.all_of({when->yes, yes->yes}), masks_.all_of({when->no, no->yes})}),
        masks_.any_of({masks_.all_of({when->yes, yes->no}), masks_.all_of({when->no, no->no})})};
}

/// A chain is computed row by row from where it reads a second fact.
std::optional<Number> ExpressionCompiler::number(const Node& node) {
    std::vector<const Node*> links;
    const Node* first = &node;
    while (cel::is_link(*first) && !is_of_one_value(*first)) {
        links.push_back(first);
        first = first->children[0].get();
    }
    std::optional<Number> result = operand(*first);
    for (auto link = links.rbegin(); link != links.rend() && result; ++link) {
        const std::optional<Number> right = number(*(*link)->children[1]);
        if (!right) {
            return std::nullopt;
        }
        result = numbers_.calculated(arithmetic_of((*link)->operation), *result, *right);
        if (!result) {
            return refuse_number("it calculates with dates, or numbers could grow too large");
        }
    }
    return result;
}

/// Constant, or to be looked up by the code of one fact.
bool ExpressionCompiler::is_of_one_value(const Node& node) {
    return evaluator_.reads().of(node).number == Reads::Number::none || only_coded(node);
}

std::optional<Number> ExpressionCompiler::operand(const Node& node) {
    const Reads reads = evaluator_.reads().of(node);
    if (reads.number == Reads::Number::none) {
        const std::optional<cel::Value> value = evaluator_.value(node);
        std::optional<Number> constant = value ? numbers_.constant(*value) : std::nullopt;
        return constant ? constant : refuse_number("it has a constant that is no number");
    }
    if (const auto slot = only_coded(node)) {
        const auto values = evaluator_.values(node, *slot);
        std::optional<Number> found = values ? numbers_.of_codes(*slot, *values) : std::nullopt;
        return found ? found : refuse_number("it mixes numbers with other things");
    }
    switch (node.kind) {
    case Node::Kind::variable:
        return is_set(node) ? refuse_number("it takes a list for a number")
                            : numbers_.of_column(node.slot);
    case Node::Kind::operation:
        return operation(node);
    case Node::Kind::call:
        return call(node);
    default:
        return refuse_number("it depends on several facts at once");
    }
}

std::optional<Number> ExpressionCompiler::operation(const Node& node) {
    if (node.operation == Operator::conditional) {
        const std::optional<Condition> when = condition(*node.children[0]);
        const std::optional<Number> yes = when ? number(*node.children[1]) : std::nullopt;
        const std::optional<Number> no = yes ? number(*node.children[2]) : std::nullopt;
        if (!no) {
            return std::nullopt;
        }
        const std::optional<Number> chosen = numbers_.chosen(*when, *yes, *no);
        return chosen ? chosen : refuse_number("it chooses between numbers too large to be exact");
    }
    if (node.operation != Operator::negate) {
        return refuse_number("it depends on several facts at once");
    }
    const std::optional<Number> inner = number(*node.children[0]);
    const std::optional<Number> negated = inner ? numbers_.negated(*inner) : std::nullopt;
    return !inner || negated ? negated : refuse_number("whole numbers could grow too large");
}

std::optional<Number> ExpressionCompiler::call(const Node& node) {
    const std::string_view name = node.function->name;
    if (name == "size" && is_set(*node.children[0])) {
        return numbers_.set_size(node.children[0]->slot);
    }
    std::vector<Number> arguments;
    for (const cel::NodePointer& child : node.children) {
        const std::optional<Number> argument = number(*child);
        if (!argument) {
            return std::nullopt;
        }
        arguments.push_back(*argument);
    }
    std::optional<Number> result;
    if (name == "min" || name == "max") {
        const Arithmetic how = name == "min" ? Arithmetic::least : Arithmetic::greatest;
        result = arguments.front();
        for (std::size_t i = 1; i < arguments.size() && result; ++i) {
            result = numbers_.extreme(how, *result, arguments[i]);
        }
    } else if (name == "clamp" && arguments.size() == 3) {
        result = numbers_.clamped(arguments[0], arguments[1], arguments[2]);
    } else if (name == "days_until" && arguments.size() == 2) {
        result = numbers_.days_between(arguments[1], arguments[0]);
    } else if (name == "double" && arguments.size() == 1) {
        result = numbers_.as_real(arguments[0]);
    }
    return result ? result : refuse_number(fmt::format("`{}` depends on several facts", name));
}

} // namespace reviewd::engine::columnar
