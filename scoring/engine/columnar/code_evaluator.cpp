// Comparisons, `in`, known() and the logical operators are done here, because they are nearly all
// that rules are made of and the interpreter takes ten times as long; it does the rest.
//
// The interpreter counts steps over a whole expression. Here it sees parts, so each part gets so
// few that all parts together could not have run out.
#include "scoring/engine/columnar/code_evaluator.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/cel/comparison.hpp"
#include "scoring/cel/functions.hpp"
#include "scoring/engine/judge.hpp"

#include <algorithm>

namespace reviewd::engine::columnar {
namespace {

constexpr std::size_t most_parts = 30;
constexpr std::uint64_t steps_of_part = 15'000;
constexpr std::size_t light_bytes = 2048;

std::size_t weight(const cel::Value& value) {
    constexpr std::size_t of_element = 16; // a step costs as much as so many bytes
    if (const auto* text = value.get_if<std::string>()) {
        return text->size();
    }
    std::size_t sum = of_element;
    if (const auto* list = value.get_if<std::shared_ptr<const cel::List>>()) {
        for (const cel::Value& element : **list) {
            sum += weight(element);
        }
    }
    return sum;
}

/// True, false or neither.
std::optional<bool> compared_values(
    cel::Operator operation, const cel::Value& left, const cel::Value& right
) {
    if (!left.is_plain() || !right.is_plain()) {
        return std::nullopt;
    }
    if (operation == cel::Operator::equal || operation == cel::Operator::not_equal) {
        return cel::equals(left, right) == (operation == cel::Operator::equal);
    }
    const std::optional<std::partial_ordering> order = cel::compare(left, right);
    if (!order) {
        return std::nullopt;
    }
    switch (operation) {
    case cel::Operator::less:
        return *order < 0;
    case cel::Operator::less_equal:
        return *order <= 0;
    case cel::Operator::greater:
        return *order > 0;
    default:
        return *order >= 0;
    }
}

bool is_comparison(const cel::Node& node) {
    return node.kind == cel::Node::Kind::operation && node.operation >= cel::Operator::equal
           && node.operation <= cel::Operator::greater_equal;
}

bool is_variable(const cel::Node& node, std::uint32_t slot) {
    return node.kind == cel::Node::Kind::variable && node.slot == slot;
}

CodeTruth sized(std::size_t count) {
    return {std::vector<std::uint8_t>(count), std::vector<std::uint8_t>(count)};
}

void set(CodeTruth& truth, std::size_t code, std::optional<bool> answer) {
    truth.yes[code] = answer == true ? 1 : 0;
    truth.no[code] = answer == false ? 1 : 0;
}

} // namespace

CodeEvaluator::CodeEvaluator(const FactColumns& columns)
    : columns_(columns), reads_(columns), lightness_(columns.columns().size(), -1) {
    for (std::uint32_t slot = 0; slot < columns.columns().size(); ++slot) {
        const Column& column = columns.columns()[slot];
        row_.push_back(column.is_constant() ? column.dictionary[0] : cel::Value::unknown(slot));
    }
}

void CodeEvaluator::begin(const cel::Expression& expression) {
    expression_ = &expression;
    reads_.forget();
    parts_left_ = most_parts;
}

bool CodeEvaluator::is_light(std::uint32_t slot) {
    if (lightness_[slot] < 0) {
        const std::vector<cel::Value>& dictionary = columns_.columns()[slot].dictionary;
        const bool is_light =
            std::all_of(dictionary.begin(), dictionary.end(), [](const cel::Value& value) {
                return weight(value) <= light_bytes;
            });
        lightness_[slot] = is_light ? 1 : 0;
    }
    return lightness_[slot] == 1;
}

/// An expression of its own; it lives no longer than the tree it is a part of.
cel::Expression CodeEvaluator::part(const cel::Node& node) const {
    cel::Limits limits = expression_->limits();
    limits.cost = std::min(limits.cost, steps_of_part);
    const std::shared_ptr<const cel::Node> root{std::shared_ptr<const cel::Node>{}, &node};
    return {{}, root, node.type, {}, limits, expression_->dialect()};
}

std::optional<cel::Value> CodeEvaluator::value(const cel::Node& node) {
    if (node.kind == cel::Node::Kind::constant) {
        return node.value;
    }
    if (node.kind == cel::Node::Kind::variable) {
        return row_[node.slot];
    }
    if (parts_left_ == 0) {
        return std::nullopt;
    }
    --parts_left_;
    cel::Value value = cel::evaluate(part(node), row_);
    const auto* error = value.get_if<cel::EvaluationError>();
    const bool ran_out =
        error != nullptr && error->message.rfind("the expression needs more than ", 0) == 0;
    return ran_out ? std::nullopt : std::optional{std::move(value)};
}

std::optional<std::vector<cel::Value>> CodeEvaluator::values(
    const cel::Node& node, std::uint32_t slot
) {
    const std::vector<cel::Value>& dictionary = columns_.columns()[slot].dictionary;
    if (is_variable(node, slot)) {
        return dictionary;
    }
    std::vector<cel::Value> values;
    values.reserve(dictionary.size());
    const std::size_t parts = parts_left_;
    for (const cel::Value& entry : dictionary) {
        parts_left_ = parts;
        row_[slot] = entry;
        std::optional<cel::Value> found = value(node);
        if (!found) {
            break;
        }
        values.push_back(*std::move(found));
    }
    row_[slot] = cel::Value::unknown(slot);
    return values.size() == dictionary.size() ? std::optional{std::move(values)} : std::nullopt;
}

std::optional<CodeTruth> CodeEvaluator::interpreted(const cel::Node& node, std::uint32_t slot) {
    const std::optional<std::vector<cel::Value>> found = values(node, slot);
    if (!found) {
        return std::nullopt;
    }
    CodeTruth truth = sized(found->size());
    for (std::size_t code = 0; code < found->size(); ++code) {
        const bool* answer = (*found)[code].get_if<bool>();
        set(truth, code, answer != nullptr ? std::optional{*answer} : std::nullopt);
    }
    return truth;
}

CodeTruth CodeEvaluator::known(std::uint32_t slot) const {
    const std::vector<cel::Value>& dictionary = columns_.columns()[slot].dictionary;
    CodeTruth truth = sized(dictionary.size());
    for (std::size_t code = 0; code < dictionary.size(); ++code) {
        set(truth, code, !dictionary[code].is_unknown());
    }
    return truth;
}

std::optional<CodeTruth> CodeEvaluator::truth(const cel::Node& node, std::uint32_t slot) {
    if (is_comparison(node)) {
        return compared(node, slot);
    }
    if (node.kind == cel::Node::Kind::call && node.function->implementation == nullptr
        && is_variable(*node.children[0], slot)) {
        return known(slot);
    }
    if (node.kind == cel::Node::Kind::operation) {
        switch (node.operation) {
        case cel::Operator::in:
            return contained(node, slot);
        case cel::Operator::logical_and:
        case cel::Operator::logical_or:
        case cel::Operator::logical_not:
            return combined(node, slot);
        default:
            break;
        }
    }
    return interpreted(node, slot);
}

std::optional<CodeTruth> CodeEvaluator::compared(const cel::Node& node, std::uint32_t slot) {
    const bool is_left = is_variable(*node.children[0], slot);
    const bool is_right = is_variable(*node.children[1], slot);
    const cel::Node& other = *node.children[is_left ? 1 : 0];
    if (is_left == is_right || reads_.of(other).number != Reads::Number::none) {
        return interpreted(node, slot);
    }
    const std::optional<cel::Value> bound = value(other);
    if (!bound) {
        return std::nullopt;
    }
    const std::vector<cel::Value>& dictionary = columns_.columns()[slot].dictionary;
    CodeTruth truth = sized(dictionary.size());
    for (std::size_t code = 0; code < dictionary.size(); ++code) {
        const cel::Value& entry = dictionary[code];
        set(truth,
            code,
            is_left ? compared_values(node.operation, entry, *bound)
                    : compared_values(node.operation, *bound, entry));
    }
    return truth;
}

/// `fact in [constants]` and `constant in fact`.
std::optional<CodeTruth> CodeEvaluator::contained(const cel::Node& node, std::uint32_t slot) {
    const bool is_left = is_variable(*node.children[0], slot);
    const bool is_right = is_variable(*node.children[1], slot);
    const cel::Node& other = *node.children[is_left ? 1 : 0];
    if (is_left == is_right || reads_.of(other).number != Reads::Number::none) {
        return interpreted(node, slot);
    }
    const std::optional<cel::Value> constant = value(other);
    if (!constant) {
        return std::nullopt;
    }
    const std::vector<cel::Value>& dictionary = columns_.columns()[slot].dictionary;
    CodeTruth truth = sized(dictionary.size());
    for (std::size_t code = 0; code < dictionary.size(); ++code) {
        const cel::Value& element = is_left ? dictionary[code] : *constant;
        const cel::Value& collection = is_left ? *constant : dictionary[code];
        const auto* list = collection.get_if<std::shared_ptr<const cel::List>>();
        if (!element.is_plain() || !collection.is_plain()) {
            continue;
        }
        if (list == nullptr) {
            return interpreted(node, slot);
        }
        set(truth, code, std::any_of((*list)->begin(), (*list)->end(), [&](const auto& one) {
                return cel::equals(one, element);
            }));
    }
    return truth;
}

std::optional<CodeTruth> CodeEvaluator::combined(const cel::Node& node, std::uint32_t slot) {
    std::optional<CodeTruth> first = truth(*node.children[0], slot);
    if (!first || node.operation == cel::Operator::logical_not) {
        if (first) {
            std::swap(first->yes, first->no);
        }
        return first;
    }
    const std::optional<CodeTruth> second = truth(*node.children[1], slot);
    if (!second) {
        return std::nullopt;
    }
    const bool is_and = node.operation == cel::Operator::logical_and;
    for (std::size_t code = 0; code < first->yes.size(); ++code) {
        const bool yes = is_and ? first->yes[code] != 0 && second->yes[code] != 0
                                : first->yes[code] != 0 || second->yes[code] != 0;
        const bool no = is_and ? first->no[code] != 0 || second->no[code] != 0
                               : first->no[code] != 0 && second->no[code] != 0;
        first->yes[code] = yes ? 1 : 0;
        first->no[code] = no ? 1 : 0;
    }
    return first;
}

CodePoints CodeEvaluator::judge(const rules::Rule& rule, std::uint32_t slot) {
    const std::vector<cel::Value>& dictionary = columns_.columns()[slot].dictionary;
    CodePoints result{
        std::vector<rules::Points>(dictionary.size()),
        std::vector<std::uint8_t>(dictionary.size(), 1)};
    const auto* constant = std::get_if<rules::Points>(&rule.points);
    const auto light = [this](std::uint32_t one) {
        return is_light(one);
    };
    if (constant != nullptr && rule.when
        && std::all_of(rule.when->slots().begin(), rule.when->slots().end(), light)) {
        begin(*rule.when);
        if (const std::optional<CodeTruth> holds = truth(rule.when->root(), slot)) {
            for (std::size_t code = 0; code < dictionary.size(); ++code) {
                result.points[code] = holds->yes[code] != 0 ? *constant : 0;
                result.is_judged[code] = holds->yes[code] | holds->no[code];
            }
            return result;
        }
    }
    for (std::size_t code = 0; code < dictionary.size(); ++code) {
        row_[slot] = dictionary[code];
        const Judgement judgement = engine::judge(rule, row_);
        result.points[code] = judgement.points;
        result.is_judged[code] = judgement.verdict == LedgerLine::Verdict::cannot_be_judged ? 0 : 1;
    }
    row_[slot] = cel::Value::unknown(slot);
    return result;
}

CodePoints CodeEvaluator::judge_constant(const rules::Rule& rule) const {
    const Judgement judgement = engine::judge(rule, row_);
    const bool is_judged = judgement.verdict != LedgerLine::Verdict::cannot_be_judged;
    return {{judgement.points}, {static_cast<std::uint8_t>(is_judged ? 1 : 0)}};
}

} // namespace reviewd::engine::columnar
