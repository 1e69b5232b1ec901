// The reference: walks the checked tree. `view` hands out references to what exists already
// (constants, variables, locals), so that scalars and texts are not copied on the way to an
// operator; everything else goes into the caller's scratch value.
//
// Precedence where several things go wrong at once: for `&&` false, then unknown, then error (for
// `||` true, …); for every other operator, function, list or macro unknown before error. All
// operands are looked at, so the order of the operands never matters. What the budget refuses is
// final: nothing absorbs it.
#include "scoring/cel/comparison.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/cel/functions.hpp"
#include "scoring/cel/operations.hpp"
#include "scoring/cel/pattern.hpp"
#include "scoring/cel/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>

namespace reviewd::cel {
namespace {

/// Collects the unknowns and the first error of several operands.
class Trouble {
public:
    /// @returns whether the value is fit for use
    bool accept(const Value& value) {
        if (value.is_plain()) {
            return true;
        }
        if (const auto* unknown = value.get_if<Unknown>()) {
            std::vector<std::uint32_t> merged;
            std::set_union(
                unknown_.slots.begin(),
                unknown_.slots.end(),
                unknown->slots.begin(),
                unknown->slots.end(),
                std::back_inserter(merged)
            );
            unknown_.slots = std::move(merged);
            is_unknown_ = true;
        } else if (!has_error_) {
            error_ = value;
            has_error_ = true;
        }
        return false;
    }

    [[nodiscard]] bool is_there() const { return is_unknown_ || has_error_; }
    [[nodiscard]] Value value() const { return is_unknown_ ? Value::of(unknown_) : error_; }

private:
    Unknown unknown_;
    Value error_;
    bool is_unknown_ = false;
    bool has_error_ = false;
};

class Interpreter {
public:
    Interpreter(const Expression& expression, std::span<const Value> values)
        : values_(values),
          evaluation_{expression.dialect(), expression.limits(), Budget{expression.limits().cost}} {
    }

    Value run_root(const Node& root) {
        Value result = run(root);
        if (evaluation_.budget.is_exhausted()) {
            return Value::error(
                fmt::format("the expression needs more than {} steps", evaluation_.limits.cost)
            );
        }
        return result;
    }

private:
    /// The value of the node: a reference to one that exists, or `scratch`.
    const Value& view(const Node& node, Value& scratch) {
        switch (node.kind) {
        case Node::Kind::constant:
            return node.value;
        case Node::Kind::local:
            return *locals_[node.slot];
        case Node::Kind::variable:
            if (const Value* given = variable(node)) {
                return *given;
            }
            break;
        default:
            break;
        }
        scratch = run(node);
        return scratch;
    }

    /// The value that was given for the variable; null when it is missing. A null in place of a
    /// value of some type is a missing fact too.
    [[nodiscard]] const Value* variable(const Node& node) const {
        if (node.slot >= values_.size()) {
            return nullptr;
        }
        const Value& given = values_[node.slot];
        const bool is_missing = given.is_null() && evaluation_.dialect == Dialect::rules
                                && node.type.kind != Type::Kind::dyn
                                && node.type.kind != Type::Kind::null;
        return is_missing ? nullptr : &given;
    }

    Value run(const Node& node) {
        if (!evaluation_.budget.spend(1)) {
            return Value::error("too many steps");
        }
        switch (node.kind) {
        case Node::Kind::constant:
            return copied(node.value);
        case Node::Kind::local:
            return copied(*locals_[node.slot]);
        case Node::Kind::variable: {
            const Value* given = variable(node);
            return given != nullptr ? copied(*given) : Value::unknown(node.slot);
        }
        case Node::Kind::select:
            return run_select(node);
        case Node::Kind::has_field:
            return run_has_field(node);
        case Node::Kind::operation:
            return run_operation(node);
        case Node::Kind::call:
            return run_call(node);
        case Node::Kind::list:
            return run_list(node);
        case Node::Kind::map:
            return run_map(node);
        case Node::Kind::comprehension:
            return node.macro == Macro::bind ? run_bind(node) : run_loop(node);
        case Node::Kind::identifier:
        case Node::Kind::message:
        case Node::Kind::failure:
            break;
        }
        return Value::error(node.name);
    }

    /// A copy, whose text costs what it weighs.
    Value copied(const Value& value) {
        if (const auto* text = value.get_if<std::string>()) {
            evaluation_.budget.spend_bytes(text->size());
        } else if (const auto* bytes = value.get_if<Bytes>()) {
            evaluation_.budget.spend_bytes(bytes->data.size());
        }
        return value;
    }

    // ---- Operators ----

    Value run_operation(const Node& node) {
        switch (node.operation) {
        case Operator::logical_and:
            return run_logical(node, false);
        case Operator::logical_or:
            return run_logical(node, true);
        case Operator::conditional:
            return run_conditional(node);
        case Operator::logical_not:
        case Operator::negate:
            return run_unary(node);
        default:
            return run_binary(node);
        }
    }

    Value run_unary(const Node& node) {
        Value scratch;
        const Value& operand = view(*node.children[0], scratch);
        return operand.is_plain() ? apply(node.operation, operand) : operand;
    }

    Value run_binary(const Node& node) {
        if (is_link(node) && is_link(*node.children[0])) {
            return run_chain(node);
        }
        Value left_scratch;
        Value right_scratch;
        const Value& left = view(*node.children[0], left_scratch);
        const Value& right = view(*node.children[1], right_scratch);
        return combined(node.operation, left, right);
    }

    Value combined(Operator operation, const Value& left, const Value& right) {
        if (left.is_plain() && right.is_plain()) {
            return apply(operation, left, right, evaluation_);
        }
        Trouble trouble;
        trouble.accept(left);
        trouble.accept(right);
        return trouble.value();
    }

    /// From the first operator to the last; each link is a step, as every node is.
    Value run_chain(const Node& node) {
        const std::vector<const Node*> links = links_of(node);
        Value sum;
        const Value* left = &view(*links.back()->children[0], sum);
        for (auto link = links.rbegin(); link != links.rend(); ++link) {
            if (*link != &node && !evaluation_.budget.spend(1)) {
                return Value::error("too many steps");
            }
            Value scratch;
            sum = combined((*link)->operation, *left, view(*(*link)->children[1], scratch));
            left = &sum;
        }
        return sum;
    }

    /// @param absorbing the operand that decides alone: false for `&&`, true for `||`
    Value run_logical(const Node& node, const bool absorbing) {
        Value left_scratch;
        const Value& left = view(*node.children[0], left_scratch);
        const bool* left_truth = left.get_if<bool>();
        if ((left_truth != nullptr && *left_truth == absorbing)
            || evaluation_.budget.is_exhausted()) {
            return left;
        }
        Value right_scratch;
        const Value& right = view(*node.children[1], right_scratch);
        const bool* right_truth = right.get_if<bool>();
        if (right_truth != nullptr && (left_truth != nullptr || *right_truth == absorbing)) {
            return Value::of(*right_truth);
        }
        Trouble trouble;
        for (const Value* operand : {&left, &right}) {
            if (trouble.accept(*operand) && operand->get_if<bool>() == nullptr) {
                const std::array<const Value*, 1> one{operand};
                trouble.accept(no_overload(fmt::format("`{}`", operator_sign(node.operation)), one)
                );
            }
        }
        return trouble.value();
    }

    Value run_conditional(const Node& node) {
        Value scratch;
        const Value& condition = view(*node.children[0], scratch);
        if (const bool* truth = condition.get_if<bool>()) {
            return run(*node.children[*truth ? 1 : 2]);
        }
        if (!condition.is_plain()) {
            return condition;
        }
        const std::array<const Value*, 1> one{&condition};
        return no_overload("`? :`", one);
    }

    // ---- Fields, calls, literals ----

    Value run_select(const Node& node) {
        Value scratch;
        const Value& map = view(*node.children[0], scratch);
        return map.is_plain() ? select(map, node.name, evaluation_) : map;
    }

    Value run_has_field(const Node& node) {
        Value scratch;
        const Value& map = view(*node.children[0], scratch);
        if (!map.is_plain()) {
            return map;
        }
        const auto* entries = map.get_if<std::shared_ptr<const Map>>();
        if (entries == nullptr) {
            const std::array<const Value*, 1> one{&map};
            return no_overload("has()", one);
        }
        return Value::of(find_key(**entries, Value::of(node.name), evaluation_.budget) != nullptr);
    }

    Value run_call(const Node& node) {
        if (node.function->implementation == nullptr) {
            return run_known(*node.children[0]);
        }
        if (node.pattern) {
            return run_matches(node);
        }
        constexpr std::size_t usual = 4;
        if (node.children.size() <= usual) {
            std::array<Value, usual> scratch;
            std::array<const Value*, usual> arguments{};
            return call(node, scratch, arguments);
        }
        std::vector<Value> scratch(node.children.size());
        std::vector<const Value*> arguments(node.children.size());
        return call(node, scratch, arguments);
    }

    Value call(const Node& node, std::span<Value> scratch, std::span<const Value*> arguments) {
        Trouble trouble;
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            arguments[i] = &view(*node.children[i], scratch[i]);
            trouble.accept(*arguments[i]);
        }
        if (trouble.is_there()) {
            return trouble.value();
        }
        return node.function->implementation(
            node.function->name, Arguments{arguments.data(), node.children.size()}, evaluation_
        );
    }

    /// known(x): the one question that a missing value answers, and a variable without one.
    Value run_known(const Node& node) {
        Value scratch;
        const Value& value = view(node, scratch);
        if (value.is_error() && node.kind != Node::Kind::variable) {
            return value;
        }
        return Value::of(value.is_plain() && !value.is_null());
    }

    /// matches() with a pattern that was compiled beforehand.
    Value run_matches(const Node& node) {
        Value scratch;
        const Value& subject = view(*node.children[0], scratch);
        if (!subject.is_plain()) {
            return subject;
        }
        const auto* text = subject.get_if<std::string>();
        if (text == nullptr) {
            const std::array<const Value*, 1> one{&subject};
            return no_overload("matches()", one);
        }
        evaluation_.budget.spend_bytes(text->size());
        return Value::of(node.pattern->matches(*text));
    }

    Value run_list(const Node& node) {
        List elements;
        elements.reserve(node.children.size());
        Trouble trouble;
        for (const NodePointer& child : node.children) {
            elements.push_back(run(*child));
            trouble.accept(elements.back());
        }
        return trouble.is_there() ? trouble.value() : list_value(std::move(elements), evaluation_);
    }

    [[nodiscard]] static bool is_key(const Value& value) {
        return value.get_if<std::string>() != nullptr || value.get_if<bool>() != nullptr
               || value.get_if<std::int64_t>() != nullptr
               || value.get_if<std::uint64_t>() != nullptr;
    }

    Value run_map(const Node& node) {
        Map entries;
        entries.reserve(node.children.size() / 2);
        Trouble trouble;
        for (std::size_t i = 0; i < node.children.size(); i += 2) {
            Value key = run(*node.children[i]);
            Value value = run(*node.children[i + 1]);
            const bool is_right = trouble.accept(key);
            trouble.accept(value);
            if (is_right && !is_key(key)) {
                trouble.accept(
                    Value::error("a key of a map is text, a whole number or true or false")
                );
            } else if (is_right && find_key(entries, key, evaluation_.budget) != nullptr) {
                trouble.accept(
                    Value::error(fmt::format("the map has the key {} twice", to_string(key)))
                );
            }
            entries.emplace_back(std::move(key), std::move(value));
        }
        return trouble.is_there() ? trouble.value() : Value::map(std::move(entries));
    }

    // ---- Macros ----

    Value run_bind(const Node& node) {
        Value scratch;
        locals_[node.slot] = &view(*node.children[0], scratch);
        return run(*node.children[1]);
    }

    /// What a loop has found so far.
    struct Loop {
        Trouble trouble;
        std::int64_t matches = 0; ///< of exists_one
        bool is_decided = false;  ///< `all` has met false, or `exists` true
        List elements;            ///< of filter and map
        Map entries;              ///< of transform_map
    };

    Value run_loop(const Node& node) {
        Value scratch;
        const Value& range = view(*node.children[0], scratch);
        if (!range.is_plain()) {
            return range;
        }
        Loop loop;
        if (const auto* list = range.get_if<std::shared_ptr<const List>>()) {
            const std::shared_ptr<const List> kept = *list;
            loop_over_list(node, *kept, loop);
        } else if (const auto* map = range.get_if<std::shared_ptr<const Map>>()) {
            const std::shared_ptr<const Map> kept = *map;
            loop_over_map(node, *kept, loop);
        } else {
            const std::array<const Value*, 1> one{&range};
            return no_overload("the loop", one);
        }
        return finished(node, loop);
    }

    void loop_over_list(const Node& node, const List& list, Loop& loop) {
        for (std::size_t i = 0; i < list.size() && goes_on(loop); ++i) {
            const Value index = Value::of(static_cast<std::int64_t>(i));
            if (node.locals.size() == 2) {
                locals_[node.slot] = &index;
                locals_[node.slot + 1] = &list[i];
            } else {
                locals_[node.slot] = &list[i];
            }
            step(node, index, list[i], loop);
        }
    }

    void loop_over_map(const Node& node, const Map& map, Loop& loop) {
        for (std::size_t i = 0; i < map.size() && goes_on(loop); ++i) {
            locals_[node.slot] = &map[i].first;
            if (node.locals.size() == 2) {
                locals_[node.slot + 1] = &map[i].second;
            }
            step(node, map[i].first, map[i].first, loop);
        }
    }

    [[nodiscard]] bool goes_on(const Loop& loop) const {
        return !loop.is_decided && !evaluation_.budget.is_exhausted()
               && loop.elements.size() <= evaluation_.limits.list_size
               && loop.entries.size() <= evaluation_.limits.list_size;
    }

    /// One turn. @param key the element's key in the result of transform_map
    void step(const Node& node, const Value& key, const Value& element, Loop& loop) {
        switch (node.macro) {
        case Macro::all:
        case Macro::exists: {
            const std::optional<bool> truth = predicate(*node.children[1], loop.trouble);
            loop.is_decided = truth == (node.macro == Macro::exists);
            break;
        }
        case Macro::exists_one:
            if (predicate(*node.children[1], loop.trouble).value_or(false)) {
                ++loop.matches;
            }
            break;
        case Macro::filter:
            if (predicate(*node.children[1], loop.trouble).value_or(false)) {
                loop.elements.push_back(copied(element));
            }
            break;
        case Macro::map:
        case Macro::transform_map:
            transform(node, key, loop);
            break;
        case Macro::bind:
            break;
        }
    }

    void transform(const Node& node, const Value& key, Loop& loop) {
        if (node.children.size() == 3
            && !predicate(*node.children[2], loop.trouble).value_or(false)) {
            return;
        }
        Value made = run(*node.children[1]);
        if (!loop.trouble.accept(made)) {
            return;
        }
        if (node.macro == Macro::map) {
            loop.elements.push_back(std::move(made));
        } else {
            loop.entries.emplace_back(copied(key), std::move(made));
        }
    }

    /// True or false; nothing when it is neither, which `trouble` takes note of.
    std::optional<bool> predicate(const Node& node, Trouble& trouble) {
        Value scratch;
        const Value& value = view(node, scratch);
        if (const bool* truth = value.get_if<bool>()) {
            return *truth;
        }
        if (trouble.accept(value)) {
            const std::array<const Value*, 1> one{&value};
            trouble.accept(no_overload("a condition", one));
        }
        return std::nullopt;
    }

    Value finished(const Node& node, Loop& loop) {
        if (loop.is_decided) {
            return Value::of(node.macro == Macro::exists);
        }
        if (loop.trouble.is_there()) {
            return loop.trouble.value();
        }
        switch (node.macro) {
        case Macro::all:
            return Value::of(true);
        case Macro::exists:
            return Value::of(false);
        case Macro::exists_one:
            return Value::of(loop.matches == 1);
        case Macro::transform_map:
            return Value::map(std::move(loop.entries));
        default:
            return list_value(std::move(loop.elements), evaluation_);
        }
    }

    std::span<const Value> values_;
    Evaluation evaluation_;
    std::array<const Value*, Limits::locals>
        locals_; // set before they are read: the checker saw to it
};

} // namespace

Value evaluate(const Expression& expression, std::span<const Value> values) {
    try {
        return Interpreter{expression, values}.run_root(expression.root());
    } catch (const std::exception& failure) {
        // Only memory can run out here.
        return Value::error(fmt::format("the expression cannot be evaluated: {}", failure.what()));
    }
}

} // namespace reviewd::cel
