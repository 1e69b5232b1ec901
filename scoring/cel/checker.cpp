// One walk over the tree, from the leaves up. A node that has a problem gets the type `dyn`, which
// agrees with everything, so that one mistake is reported once.
#include "scoring/cel/checker.hpp"

#include "scoring/base/text.hpp"
#include "scoring/cel/functions.hpp"
#include "scoring/cel/pattern.hpp"
#include "scoring/cel/signature.hpp"
#include "scoring/cel/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace reviewd::cel {
namespace {

using Kind = Type::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 12> type_constants{{
    {"bool", Kind::boolean},
    {"bytes", Kind::bytes},
    {"double", Kind::real},
    {"int", Kind::integer},
    {"list", Kind::list},
    {"map", Kind::map},
    {"null_type", Kind::null},
    {"string", Kind::string},
    {"type", Kind::type},
    {"uint", Kind::unsigned_integer},
    {"google.protobuf.Duration", Kind::duration},
    {"google.protobuf.Timestamp", Kind::timestamp},
}};

constexpr std::array<std::string_view, 8> macro_names{
    "all", "exists", "exists_one", "filter", "map", "transformList", "transformMap", "has"};

Type simple(Kind kind) {
    return Type{kind, {}};
}

Type parameter(const Type& type, std::size_t index) {
    return index < type.parameters.size() ? type.parameters[index] : Type{};
}

/// The name that a chain of plain fields spells, or nothing for another node.
std::optional<std::string> chain_name(const Node& node) {
    if (node.kind == Node::Kind::identifier) {
        return node.name;
    }
    if (node.kind != Node::Kind::select || node.has_receiver) {
        return std::nullopt;
    }
    const std::optional<std::string> operand = chain_name(*node.children.front());
    return operand ? std::optional{*operand + "." + node.name} : std::nullopt;
}

bool is_null(const Node& node) {
    return node.kind == Node::Kind::constant && node.value.is_null();
}

class Checker {
public:
    Checker(std::string_view source, const Environment& environment, Problems& problems)
        : source_(source),
          environment_(environment),
          problems_(problems),
          widening_(
              environment.dialect == Dialect::rules ? Widening::allowed : Widening::forbidden
          ) {}

    void check(Node& node) {
        switch (node.kind) {
        case Node::Kind::constant:
            node.type = type_of(node.value);
            break;
        case Node::Kind::identifier:
            check_identifier(node);
            break;
        case Node::Kind::select:
        case Node::Kind::has_field:
            check_field(node);
            break;
        case Node::Kind::operation:
            check_operation(node);
            break;
        case Node::Kind::call:
            check_call(node);
            break;
        case Node::Kind::list:
            check_list(node);
            break;
        case Node::Kind::map:
            check_map(node);
            break;
        case Node::Kind::message:
            check_message(node);
            break;
        case Node::Kind::comprehension:
            check_comprehension(node);
            break;
        case Node::Kind::variable:
        case Node::Kind::local:
        case Node::Kind::failure:
            break;
        }
        if (!environment_.is_type_checked) {
            node.type = Type{};
        }
    }

    [[nodiscard]] std::vector<std::uint32_t> slots() const {
        return {slots_.begin(), slots_.end()};
    }

private:
    struct Local {
        std::string name;
        Type type;
    };

    // ---- Problems ----

    void report(std::size_t begin, std::size_t end, std::string message, std::string hint = {}) {
        problems_.push_back(Problem{begin, end, std::move(message), std::move(hint)});
    }

    /// A type that is wrong: nothing to say where types are not checked.
    void report_type(const Node& node, std::string message, std::string hint = {}) {
        if (environment_.is_type_checked) {
            report(node.begin, node.end, std::move(message), std::move(hint));
        }
    }

    void report_at_sign(const Node& node, std::string message, std::string hint) {
        if (environment_.is_type_checked) {
            const std::size_t length =
                std::max<std::size_t>(operator_sign(node.operation).size(), 1);
            report(node.focus, node.focus + length, std::move(message), std::move(hint));
        }
    }

    /// A name that means nothing: a problem, or an error at run time where nothing is checked.
    void fail(Node& node, std::size_t length, std::string message, std::string hint) {
        if (environment_.is_type_checked) {
            report(node.focus, node.focus + length, message, std::move(hint));
        }
        node.kind = Node::Kind::failure;
        node.name = std::move(message);
        node.children.clear();
        node.type = Type{};
    }

    // ---- Names ----

    [[nodiscard]] std::optional<std::uint32_t> find_local(std::string_view name) const {
        for (std::size_t i = locals_.size(); i > 0; --i) {
            if (locals_[i - 1].name == name) {
                return static_cast<std::uint32_t>(i - 1);
            }
        }
        return std::nullopt;
    }

    /// The names that `name` may stand for, in the order of CEL: the longest container first.
    [[nodiscard]] std::vector<std::string> candidates(std::string_view name) const {
        if (name.starts_with('.')) {
            return {std::string{name.substr(1)}};
        }
        std::vector<std::string> names;
        std::string_view container = environment_.container;
        while (!container.empty()) {
            names.push_back(fmt::format("{}.{}", container, name));
            const std::size_t point = container.rfind('.');
            container =
                point == std::string_view::npos ? std::string_view{} : container.substr(0, point);
        }
        names.emplace_back(name);
        return names;
    }

    /// Makes the node the variable or the type of that name. @returns whether there is one
    bool resolve(Node& node, std::string_view name) {
        for (const std::string& candidate : candidates(name)) {
            if (const std::optional<std::uint32_t> slot = environment_.slot_of(candidate)) {
                node.kind = Node::Kind::variable;
                node.slot = *slot;
                node.name = candidate;
                node.type = environment_.variables()[*slot].type;
                node.children.clear();
                slots_.insert(*slot);
                return true;
            }
            for (const auto& [type, kind] : type_constants) {
                if (type == candidate) {
                    node.kind = Node::Kind::constant;
                    node.value = Value::of(simple(kind));
                    node.type = simple(Kind::type);
                    node.children.clear();
                    return true;
                }
            }
        }
        return false;
    }

    void check_identifier(Node& node) {
        if (const std::optional<std::uint32_t> local = find_local(node.name)) {
            node.kind = Node::Kind::local;
            node.slot = *local;
            node.type = locals_[*local].type;
            return;
        }
        if (resolve(node, node.name)) {
            return;
        }
        std::vector<std::string> known;
        for (const Variable& variable : environment_.variables()) {
            known.push_back(variable.name);
        }
        for (const Local& local : locals_) {
            known.push_back(local.name);
        }
        std::string hint = did_you_mean(node.name, known);
        if (find_function(node.name, environment_.dialect) != nullptr) {
            hint = fmt::format("{0} is a function: write {0}(…)", node.name);
        }
        const std::size_t length = node.end - node.begin;
        fail(
            node,
            length,
            fmt::format("there is nothing called `{}` here", node.name),
            std::move(hint)
        );
    }

    void check_field(Node& node) {
        if (node.kind == Node::Kind::select) {
            const std::optional<std::string> name = chain_name(node);
            const bool is_of_local =
                name && find_local(name->substr(0, name->find('.', 1))).has_value();
            if (name && !is_of_local && resolve(node, *name)) {
                return;
            }
        }
        Node& operand = *node.children[0];
        check(operand);
        const bool is_test = node.kind == Node::Kind::has_field;
        node.type = is_test ? simple(Kind::boolean) : Type{};
        if (operand.type.kind == Kind::map) {
            node.type = is_test ? node.type : parameter(operand.type, 1);
        } else if (operand.type.kind != Kind::dyn) {
            report_type(
                node,
                fmt::format(
                    "{} is {} and has no field `{}`",
                    quoted_source(operand, source_),
                    described(operand.type),
                    node.name
                ),
                find_function(node.name, environment_.dialect) != nullptr
                    ? fmt::format("{0} is a function: write {0}()", node.name)
                    : ""
            );
        }
    }

    // ---- Operators ----

    void check_operation(Node& node) {
        for (const NodePointer& child : node.children) {
            check(*child);
        }
        switch (node.operation) {
        case Operator::logical_and:
        case Operator::logical_or:
        case Operator::logical_not:
            check_logical(node);
            break;
        case Operator::conditional:
            check_conditional(node);
            break;
        case Operator::equal:
        case Operator::not_equal:
            check_equality(node);
            break;
        case Operator::less:
        case Operator::less_equal:
        case Operator::greater:
        case Operator::greater_equal:
            check_order(node);
            break;
        case Operator::in:
            check_in(node);
            break;
        case Operator::index:
            check_index(node);
            break;
        default:
            check_arithmetic(node);
            break;
        }
    }

    void expect_condition(const Node& node, std::string_view what) {
        if (node.type.kind == Kind::boolean || node.type.kind == Kind::dyn) {
            return;
        }
        std::string hint;
        if (node.type.kind == Kind::integer || node.type.kind == Kind::real) {
            hint = fmt::format(
                "compare it: {} > 0", source_.substr(node.begin, node.end - node.begin)
            );
        }
        report_type(
            node,
            fmt::format(
                "{} expects yes or no, but {} is {}",
                what,
                quoted_source(node, source_),
                with_article(node.type)
            ),
            std::move(hint)
        );
    }

    void check_logical(Node& node) {
        node.type = simple(Kind::boolean);
        for (const NodePointer& child : node.children) {
            expect_condition(*child, fmt::format("`{}`", operator_sign(node.operation)));
        }
    }

    void check_conditional(Node& node) {
        expect_condition(*node.children[0], "the condition before `?`");
        Node& first = *node.children[1];
        Node& second = *node.children[2];
        if (!agree(first.type, second.type, widening_) && first.type.kind != Kind::null
            && second.type.kind != Kind::null) {
            report_type(
                node,
                fmt::format(
                    "the two answers of `? :` must be alike, but {} is {} and {} is {}",
                    quoted_source(first, source_),
                    with_article(first.type),
                    quoted_source(second, source_),
                    with_article(second.type)
                )
            );
            return;
        }
        node.type = join(first.type, second.type, widening_);
        widen(node.children[1], node.type);
        widen(node.children[2], node.type);
    }

    void check_equality(Node& node) {
        node.type = simple(Kind::boolean);
        const Node& left = *node.children[0];
        const Node& right = *node.children[1];
        if (environment_.dialect == Dialect::rules && is_null(left) != is_null(right)) {
            turn_into_known(node);
            return;
        }
        const bool is_with_null = left.type.kind == Kind::null || right.type.kind == Kind::null;
        if (!is_with_null && !agree(left.type, right.type, widening_)) {
            report_comparison(node);
        }
        quote_unknown_word(left, right);
        quote_unknown_word(right, left);
    }

    /// `x == null` becomes `!known(x)`, and `x != null` `known(x)`.
    void turn_into_known(Node& node) {
        NodePointer operand = std::move(node.children[is_null(*node.children[0]) ? 1 : 0]);
        const bool is_negated = node.operation == Operator::equal;
        auto known = std::make_unique<Node>();
        known->kind = Node::Kind::call;
        known->name = "known";
        known->function = find_function("known", Dialect::rules);
        known->type = simple(Kind::boolean);
        known->begin = node.begin;
        known->end = node.end;
        known->focus = node.focus;
        known->children.push_back(std::move(operand));
        node.children.clear();
        if (is_negated) {
            node.operation = Operator::logical_not;
            node.children.push_back(std::move(known));
        } else {
            Node only = std::move(*known);
            node = std::move(only);
        }
    }

    /// `country == DE`: a word that means nothing and is compared with text was meant as text.
    void quote_unknown_word(const Node& word, const Node& other) {
        if (word.kind != Node::Kind::failure || other.type.kind != Kind::string) {
            return;
        }
        for (Problem& problem : problems_) {
            if (problem.begin == word.begin && problem.hint.empty()) {
                problem.hint = fmt::format(
                    "text stands in quotes: \"{}\"",
                    source_.substr(word.begin, word.end - word.begin)
                );
            }
        }
    }

    void report_comparison(const Node& node) {
        const Node& left = *node.children[0];
        const Node& right = *node.children[1];
        report_at_sign(
            node,
            comparison_message(left, right, source_),
            comparison_hint(left, right, source_, environment_)
        );
    }

    [[nodiscard]] static bool is_ordered(Kind kind) {
        return kind != Kind::null && kind != Kind::list && kind != Kind::map && kind != Kind::type;
    }

    void check_order(Node& node) {
        node.type = simple(Kind::boolean);
        const Node& left = *node.children[0];
        const Node& right = *node.children[1];
        if (!agree(left.type, right.type, widening_)) {
            report_comparison(node);
            return;
        }
        for (const Node* operand : {&left, &right}) {
            if (!is_ordered(operand->type.kind)) {
                report_at_sign(
                    node,
                    fmt::format(
                        "{} is a {}, and `{}` cannot order that",
                        quoted_source(*operand, source_),
                        described(operand->type),
                        operator_sign(node.operation)
                    ),
                    operand->type.kind == Kind::list ? fmt::format(
                        "count it: size({})",
                        source_.substr(operand->begin, operand->end - operand->begin)
                    )
                                                     : ""
                );
                return;
            }
        }
    }

    void check_in(Node& node) {
        node.type = simple(Kind::boolean);
        const Node& element = *node.children[0];
        const Node& collection = *node.children[1];
        const Kind kind = collection.type.kind;
        if (kind != Kind::list && kind != Kind::map && kind != Kind::dyn) {
            const bool is_text = kind == Kind::string;
            report_at_sign(
                node,
                fmt::format(
                    "`in` looks into a list, but {} is {}",
                    quoted_source(collection, source_),
                    with_article(collection.type)
                ),
                is_text ? fmt::format(
                    "write {}.contains({})",
                    source_.substr(collection.begin, collection.end - collection.begin),
                    source_.substr(element.begin, element.end - element.begin)
                )
                        : "a list stands in square brackets: [1, 2]"
            );
            return;
        }
        const Type wanted = parameter(collection.type, 0);
        if (element.type.kind != Kind::null && wanted.kind != Kind::null
            && !agree(element.type, wanted, widening_)) {
            report_at_sign(
                node,
                fmt::format(
                    "{} is {}, but {} holds {}",
                    quoted_source(element, source_),
                    with_article(element.type),
                    quoted_source(collection, source_),
                    described_plural(wanted)
                ),
                ""
            );
        }
    }

    void check_index(Node& node) {
        const Type& collection = node.children[0]->type;
        const Type& key = node.children[1]->type;
        if (collection.kind == Kind::dyn) {
            return;
        }
        if (collection.kind != Kind::list && collection.kind != Kind::map) {
            report_type(
                node,
                fmt::format(
                    "`[ ]` takes an element of a list or map, but {} is {}",
                    quoted_source(*node.children[0], source_),
                    with_article(collection)
                )
            );
            return;
        }
        const bool is_list = collection.kind == Kind::list;
        const Type wanted = is_list ? simple(Kind::integer) : parameter(collection, 0);
        node.type = parameter(collection, is_list ? 0 : 1);
        if (!agree(key, wanted, is_list ? Widening::forbidden : Widening::allowed)) {
            report_type(
                *node.children[1],
                fmt::format(
                    "{} expects {} in `[ ]`, but {} is {}",
                    is_list ? "a list" : "this map",
                    with_article(wanted),
                    quoted_source(*node.children[1], source_),
                    with_article(key)
                )
            );
        }
    }

    void check_arithmetic(Node& node) {
        const Function* function =
            find_function(operator_name(node.operation), environment_.dialect);
        const std::optional<Type> type = match_any(*function, node.children, false);
        if (type) {
            node.type = *type;
            return;
        }
        report_at_sign(
            node,
            arithmetic_message(node, source_),
            arithmetic_hint(node, source_, environment_.dialect)
        );
    }

    // ---- Functions ----

    /// The type of the result by the signatures that fit, with arguments widened where that was
    /// needed; nothing if none fits.
    std::optional<Type> match_any(
        const Function& function, std::vector<NodePointer>& arguments, const bool has_receiver
    ) {
        std::vector<Type> types;
        for (const NodePointer& argument : arguments) {
            types.push_back(argument->type);
        }
        for (const Widening widening : {Widening::forbidden, Widening::allowed}) {
            if (widening == Widening::allowed && widening_ == Widening::forbidden) {
                break;
            }
            std::optional<Type> result;
            const Signature* chosen = nullptr;
            for (const Signature& signature : signatures_of(function)) {
                if (signature.has_receiver != has_receiver) {
                    continue;
                }
                if (const std::optional<Type> type = match(signature, types, widening)) {
                    result = result ? join(*result, *type, widening_) : *type;
                    chosen = chosen == nullptr ? &signature : chosen;
                }
            }
            if (chosen != nullptr) {
                if (widening == Widening::allowed) {
                    widen_arguments(*chosen, arguments);
                }
                return result;
            }
        }
        return std::nullopt;
    }

    void widen_arguments(const Signature& signature, std::vector<NodePointer>& arguments) {
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            const TypePattern& pattern = parameter_of(signature, i);
            if (pattern.kind == TypePattern::Kind::exact) {
                widen(arguments[i], simple(pattern.type));
            }
        }
    }

    /// Makes an integer a double where one is wanted, so that every walker of the tree sees the
    /// conversion.
    void widen(NodePointer& node, const Type& wanted) {
        const bool is_needed = wanted.kind == Kind::real && node->type.kind == Kind::integer
                               && environment_.dialect == Dialect::rules
                               && environment_.is_type_checked;
        if (!is_needed) {
            return;
        }
        if (const auto* integer = node->value.get_if<std::int64_t>();
            integer != nullptr && node->kind == Node::Kind::constant) {
            node->value = Value::of(static_cast<double>(*integer));
            node->type = wanted;
            return;
        }
        auto conversion = std::make_unique<Node>();
        conversion->kind = Node::Kind::call;
        conversion->name = "double";
        conversion->function = find_function("double", environment_.dialect);
        conversion->type = wanted;
        conversion->begin = node->begin;
        conversion->end = node->end;
        conversion->focus = node->focus;
        conversion->depth = node->depth + 1;
        conversion->children.push_back(std::move(node));
        node = std::move(conversion);
    }

    /// `math.greatest(…)` reads like a call on `math`: makes it the qualified function it is, if
    /// there is one.
    const Function* find_qualified(Node& node) {
        if (node.has_receiver) {
            const std::optional<std::string> receiver = chain_name(*node.children[0]);
            if (receiver) {
                for (const std::string& name : candidates(*receiver + "." + node.name)) {
                    if (const Function* function = find_function(name, environment_.dialect)) {
                        node.children.erase(node.children.begin());
                        node.has_receiver = false;
                        node.name = name;
                        return function;
                    }
                }
            }
            return find_function(node.name, environment_.dialect);
        }
        for (const std::string& name : candidates(node.name)) {
            if (const Function* function = find_function(name, environment_.dialect)) {
                return function;
            }
        }
        return nullptr;
    }

    void check_call(Node& node) {
        const Function* function = find_qualified(node);
        if (function == nullptr || function->library == Library::operators) {
            fail_unknown_function(node);
            return;
        }
        if (function->name == "days_until" && !node.has_receiver && node.children.size() == 1) {
            add_today(node);
        }
        for (const NodePointer& child : node.children) {
            check(*child);
        }
        node.function = function;
        if (!environment_.is_type_checked) {
            check_form(node);
            return;
        }
        const std::optional<Type> type = match_any(*function, node.children, node.has_receiver);
        if (!type) {
            report_arguments(node);
            return;
        }
        node.type = *type;
        check_constant_arguments(node);
    }

    /// Without types only the form is looked at: a function without receiver must not be called on
    /// one.
    void check_form(Node& node) {
        const std::vector<Signature>& all = signatures_of(*node.function);
        const bool has_form =
            std::any_of(all.begin(), all.end(), [&node](const Signature& signature) {
                return signature.has_receiver == node.has_receiver;
            });
        const bool is_count_possible =
            !node.children.empty() || node.function->implementation != nullptr;
        if (!has_form || !is_count_possible) {
            fail(
                node,
                node.name.size(),
                fmt::format("{}() cannot be called like this", node.name),
                ""
            );
        }
    }

    /// days_until(date) counts from the variable `today`.
    void add_today(Node& node) {
        auto today = std::make_unique<Node>();
        today->kind = Node::Kind::identifier;
        today->name = "today";
        today->begin = node.begin;
        today->end = node.end;
        today->focus = node.focus;
        node.children.push_back(std::move(today));
    }

    void fail_unknown_function(Node& node) {
        std::vector<std::string> known(macro_names.begin(), macro_names.end());
        for (const Function& function : functions()) {
            const bool is_possible =
                function.library != Library::operators
                && (function.library != Library::rules || environment_.dialect == Dialect::rules);
            if (is_possible) {
                known.emplace_back(function.name);
            }
        }
        std::string hint = did_you_mean(node.name, known);
        if (environment_.slot_of(node.name)) {
            hint = "it is a value: write it without brackets";
        } else if (std::find(macro_names.begin(), macro_names.end(), node.name) != macro_names.end()) {
            hint = node.name == "has"
                       ? ""
                       : fmt::format("write list.{}(x, condition with x)", node.name);
        }
        const std::size_t length = node.name.size();
        fail(node, length, fmt::format("there is no function {}()", node.name), std::move(hint));
    }

    void report_arguments(const Node& node) {
        const std::vector<Signature>& all = signatures_of(*node.function);
        const bool has_form =
            std::any_of(all.begin(), all.end(), [&node](const Signature& signature) {
                return signature.has_receiver == node.has_receiver;
            });
        const std::size_t end = node.focus + node.name.size();
        if (!has_form) {
            report(
                node.focus,
                end,
                fmt::format("{}() cannot be called like this", node.name),
                node.has_receiver ? fmt::format("write {}(value)", node.name)
                                  : fmt::format("write value.{}(…)", node.name)
            );
            return;
        }
        if (all.size() == 1 && report_only_form(node, all.front())) {
            return;
        }
        std::string given;
        for (const NodePointer& child : node.children) {
            given += (given.empty() ? "" : ", ") + with_article(child->type);
        }
        report(
            node.focus,
            end,
            fmt::format("{}() cannot take {}", node.name, given.empty() ? "nothing" : given),
            fmt::format("{} takes {}", node.name, accepted(all, node.has_receiver))
        );
    }

    /// Names the first wrong argument of a function that has one form only.
    bool report_only_form(const Node& node, const Signature& form) {
        if (form.parameters.size() != node.children.size()) {
            const std::size_t receiver = form.has_receiver ? 1 : 0;
            report(
                node.focus,
                node.focus + node.name.size(),
                fmt::format(
                    "{}() takes {} value{}, {} given",
                    node.name,
                    form.parameters.size() - receiver,
                    form.parameters.size() - receiver == 1 ? "" : "s",
                    node.children.size() - receiver
                )
            );
            return true;
        }
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            Signature one;
            one.parameters.push_back(form.parameters[i]);
            const std::array<Type, 1> type{node.children[i]->type};
            if (!match(one, type, widening_)) {
                const Node& child = *node.children[i];
                const bool is_date =
                    form.parameters[i].type == Kind::timestamp && child.type.kind == Kind::string;
                report(
                    child.begin,
                    child.end,
                    fmt::format(
                        "{}() expects {} here, but {} is {}",
                        node.name,
                        described(form.parameters[i]),
                        quoted_source(child, source_),
                        with_article(child.type)
                    ),
                    is_date ? "write timestamp(\"2026-01-31\")" : ""
                );
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] static std::string accepted(
        const std::vector<Signature>& all, const bool has_receiver
    ) {
        std::string text;
        for (const Signature& signature : all) {
            if (signature.has_receiver != has_receiver) {
                continue;
            }
            std::string form;
            for (std::size_t i = has_receiver ? 1 : 0; i < signature.parameters.size(); ++i) {
                form += (form.empty() ? "" : ", ") + described(signature.parameters[i]);
            }
            form += signature.is_variadic ? " …" : "";
            text += (text.empty() ? "" : "; or ") + (form.empty() ? std::string{"nothing"} : form);
        }
        return text;
    }

    /// What can be known of constants before any evaluation: patterns, dates and lengths of time.
    void check_constant_arguments(Node& node) {
        if (node.function->name == "matches") {
            prepare_pattern(node);
            return;
        }
        const bool is_conversion =
            node.function->name == "timestamp" || node.function->name == "duration";
        if (!is_conversion || environment_.dialect != Dialect::rules
            || node.children[0]->kind != Node::Kind::constant) {
            return;
        }
        Evaluation evaluation{
            environment_.dialect, environment_.limits, Budget{environment_.limits.cost}};
        const std::array<const Value*, 1> argument{&node.children[0]->value};
        const Value made = node.function->implementation(node.function->name, argument, evaluation);
        if (made.is_error()) {
            report(
                node.children[0]->begin,
                node.children[0]->end,
                fmt::format(
                    "{} is no {}",
                    quoted_source(*node.children[0], source_),
                    node.function->name == "timestamp" ? "date" : "length of time"
                ),
                node.function->name == "timestamp" ? "write timestamp(\"2026-01-31\")"
                                                   : "write duration(\"36h\")"
            );
        }
    }

    void prepare_pattern(Node& node) {
        const Node& pattern = *node.children[1];
        const auto* text =
            pattern.kind == Node::Kind::constant ? pattern.value.get_if<std::string>() : nullptr;
        if (text == nullptr) {
            return;
        }
        std::string problem;
        node.pattern = Pattern::compile(*text, &problem);
        if (!node.pattern && environment_.dialect == Dialect::rules) {
            report(pattern.begin, pattern.end, std::move(problem));
        }
    }

    // ---- Lists, maps, messages, macros ----

    void check_list(Node& node) {
        std::optional<Type> element;
        for (const NodePointer& child : node.children) {
            check(*child);
            element = element ? join(*element, child->type, widening_) : child->type;
        }
        node.type = list_of(element.value_or(Type{}));
        for (NodePointer& child : node.children) {
            widen(child, parameter(node.type, 0));
        }
    }

    void check_map(Node& node) {
        std::optional<Type> key;
        std::optional<Type> value;
        for (std::size_t i = 0; i < node.children.size(); i += 2) {
            check(*node.children[i]);
            check(*node.children[i + 1]);
            key = key ? join(*key, node.children[i]->type, Widening::forbidden)
                      : node.children[i]->type;
            value = value ? join(*value, node.children[i + 1]->type, Widening::forbidden)
                          : node.children[i + 1]->type;
        }
        node.type = map_of(key.value_or(Type{}), value.value_or(Type{}));
    }

    [[nodiscard]] static Value default_of(const Type& type) {
        switch (type.kind) {
        case Kind::boolean:
            return Value::of(false);
        case Kind::integer:
            return Value::of(std::int64_t{0});
        case Kind::unsigned_integer:
            return Value::of(std::uint64_t{0});
        case Kind::real:
            return Value::of(0.0);
        case Kind::string:
            return Value::of(std::string{});
        case Kind::bytes:
            return Value::of(Bytes{});
        case Kind::list:
            return Value::list({});
        case Kind::map:
            return Value::map({});
        default:
            return Value{};
        }
    }

    /// Turns the message into the map that it stands for.
    void check_message(Node& node) {
        const Message* message = nullptr;
        for (const std::string& name : candidates(node.name)) {
            message = message == nullptr ? environment_.message(name) : message;
        }
        if (message == nullptr) {
            const std::size_t length = node.name.size();
            fail(node, length, fmt::format("there is no message called `{}`", node.name), "");
            return;
        }
        std::set<std::string> given;
        for (std::size_t i = 0; i < node.children.size(); i += 2) {
            check_message_field(*message, *node.children[i], *node.children[i + 1]);
            given.insert(*node.children[i]->value.get_if<std::string>());
        }
        for (const Variable& field : message->fields) {
            if (!given.contains(field.name)) {
                add_constant(node, Value::of(field.name));
                add_constant(node, default_of(field.type));
            }
        }
        node.kind = Node::Kind::map;
        node.type = map_of(simple(Kind::string), Type{});
    }

    static void add_constant(Node& node, Value value) {
        auto made = std::make_unique<Node>();
        made->begin = node.begin;
        made->end = node.end;
        made->focus = node.begin;
        made->type = type_of(value);
        made->value = std::move(value);
        node.children.push_back(std::move(made));
    }

    void check_message_field(const Message& message, Node& key, Node& value) {
        check(key);
        check(value);
        const auto& name = *key.value.get_if<std::string>();
        const auto field = std::find_if(
            message.fields.begin(),
            message.fields.end(),
            [&name](const Variable& one) { return one.name == name; }
        );
        if (field == message.fields.end()) {
            report(key.begin, key.end, fmt::format("`{}` has no field `{}`", message.name, name));
        } else if (!agree(field->type, value.type, widening_)) {
            report_type(
                value,
                fmt::format(
                    "the field `{}` is {}, but {} is {}",
                    name,
                    described(field->type),
                    quoted_source(value, source_),
                    with_article(value.type)
                )
            );
        }
    }

    void check_comprehension(Node& node) {
        Node& range = *node.children[0];
        check(range);
        if (locals_.size() + node.locals.size() > Limits::locals) {
            fail(
                node,
                1,
                fmt::format(
                    "more than {} names in macros that stand in each other", Limits::locals
                ),
                ""
            );
            return;
        }
        node.slot = static_cast<std::uint32_t>(locals_.size());
        declare_locals(node);
        for (std::size_t i = 1; i < node.children.size(); ++i) {
            check(*node.children[i]);
        }
        locals_.resize(node.slot);
        const bool is_test = node.macro == Macro::all || node.macro == Macro::exists
                             || node.macro == Macro::exists_one || node.macro == Macro::filter;
        if (is_test) {
            expect_condition(*node.children[1], "the condition of the macro");
        }
        if (node.children.size() == 3) {
            expect_condition(*node.children[2], "the filter of map()");
        }
        node.type = comprehension_type(node);
    }

    void declare_locals(const Node& node) {
        const Node& range = *node.children[0];
        if (node.macro == Macro::bind) {
            locals_.push_back(Local{node.locals[0], range.type});
            return;
        }
        const Kind kind = range.type.kind;
        if (kind != Kind::list && kind != Kind::map && kind != Kind::dyn) {
            report_type(
                range,
                fmt::format(
                    "a list is expected before this macro, but {} is {}",
                    quoted_source(range, source_),
                    with_article(range.type)
                )
            );
        }
        const bool is_list = kind == Kind::list;
        const Type first =
            is_list && node.locals.size() == 2 ? simple(Kind::integer) : parameter(range.type, 0);
        locals_.push_back(Local{node.locals[0], kind == Kind::dyn ? Type{} : first});
        if (node.locals.size() == 2) {
            locals_.push_back(Local{node.locals[1], parameter(range.type, is_list ? 0 : 1)});
        }
    }

    [[nodiscard]] static Type comprehension_type(const Node& node) {
        const Type& range = node.children[0]->type;
        const Type& body = node.children[1]->type;
        switch (node.macro) {
        case Macro::filter:
            return list_of(parameter(range, 0));
        case Macro::map:
            return list_of(body);
        case Macro::transform_map:
            return map_of(
                range.kind == Kind::list ? simple(Kind::integer) : parameter(range, 0), body
            );
        case Macro::bind:
            return body;
        default:
            return simple(Kind::boolean);
        }
    }

    std::string_view source_;
    const Environment& environment_;
    Problems& problems_;
    Widening widening_;
    std::vector<Local> locals_;
    std::set<std::uint32_t> slots_;
};

} // namespace

std::vector<std::uint32_t> check(
    Node& root, std::string_view source, const Environment& environment, Problems& problems
) {
    Checker checker{source, environment, problems};
    checker.check(root);
    return checker.slots();
}

} // namespace reviewd::cel
