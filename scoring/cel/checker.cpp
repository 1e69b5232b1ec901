// One walk over the tree, from the leaves up. A node that has a problem gets the type `dyn`, which
// agrees with everything, so that one mistake is reported once.
#include "scoring/cel/checker.hpp"

#include "scoring/base/text.hpp"
#include "scoring/cel/call_checker.hpp"
#include "scoring/cel/findings.hpp"
#include "scoring/cel/functions.hpp"
#include "scoring/cel/scope.hpp"
#include "scoring/cel/signature.hpp"
#include "scoring/cel/type_parts.hpp"
#include "scoring/cel/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace reviewd::cel {
namespace {

using Kind = Type::Kind;

Type simple(Kind kind) {
    return Type{kind, {}};
}

bool is_null(const Node& node) {
    return node.kind == Node::Kind::constant && node.value.is_null();
}

/// For a word that other languages take for true or false; empty for others.
std::string truth_hint(const std::string& name) {
    const bool is_yes = name == "yes" || name == "True" || name == "TRUE";
    const bool is_no = name == "no" || name == "False" || name == "FALSE";
    if (!is_yes && !is_no) {
        return {};
    }
    return fmt::format(
        "write {}; a text stands in quotes: \"{}\"", is_yes ? "true" : "false", name
    );
}

class Checker {
public:
    Checker(std::string_view source, const Environment& environment, Problems& problems)
        : findings_(source, environment, problems),
          scope_(environment),
          calls_(findings_, scope_),
          widening_(calls_.widening()) {}

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
            if (is_link(node)) {
                check_chain(node);
            } else {
                check_operation(node);
            }
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
        if (!findings_.environment().is_type_checked) {
            node.type = Type{};
        }
    }

    [[nodiscard]] std::vector<std::uint32_t> slots() const { return scope_.slots(); }

private:
    // ---- Names ----

    void check_identifier(Node& node) {
        if (const std::optional<std::uint32_t> local = scope_.find_local(node.name)) {
            node.kind = Node::Kind::local;
            node.slot = *local;
            node.type = scope_.local(*local).type;
            return;
        }
        if (scope_.resolve(node, node.name)) {
            return;
        }
        std::string hint = findings_.environment().explanation(node.name);
        if (hint.empty()) {
            hint = truth_hint(node.name);
        }
        if (hint.empty()) {
            hint = did_you_mean(node.name, scope_.names());
        }
        if (find_function(node.name, findings_.environment().dialect) != nullptr) {
            hint = fmt::format("{0} is a function: write {0}(…)", node.name);
        }
        const std::size_t length = node.end - node.begin;
        findings_.fail(
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
                name && scope_.find_local(name->substr(0, name->find('.', 1))).has_value();
            if (name && !is_of_local && scope_.resolve(node, *name)) {
                return;
            }
        }
        Node& operand = *node.children[0];
        check(operand);
        const bool is_test = node.kind == Node::Kind::has_field;
        node.type = is_test ? simple(Kind::boolean) : Type{};
        if (operand.type.kind == Kind::map) {
            node.type = is_test ? node.type : type_parameter(operand.type, 1);
        } else if (operand.type.kind != Kind::dyn) {
            findings_.report_type(
                node,
                fmt::format(
                    "{} is {} and has no field `{}`",
                    quoted_source(operand, findings_.source()),
                    described(operand.type),
                    node.name
                ),
                find_function(node.name, findings_.environment().dialect) != nullptr
                    ? fmt::format("{0} is a function: write {0}()", node.name)
                    : ""
            );
        }
    }

    // ---- Operators ----

    /// From the first operator to the last. What follows a mistake is looked at, but not judged.
    void check_chain(Node& node) {
        const std::vector<Node*> links = links_of(node);
        check(*links.back()->children[0]);
        bool is_right = true;
        for (auto link = links.rbegin(); link != links.rend(); ++link) {
            check(*(*link)->children[1]);
            is_right = is_right && check_arithmetic(**link);
            if (!findings_.environment().is_type_checked) {
                (*link)->type = Type{};
            }
        }
    }

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
            hint = fmt::format("compare it: {} > 0", findings_.source_of(node));
        }
        findings_.report_type(
            node,
            fmt::format(
                "{} expects yes or no, but {} is {}",
                what,
                quoted_source(node, findings_.source()),
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
            findings_.report_type(
                node,
                fmt::format(
                    "the two answers of `? :` must be alike, but {} is {} and {} is {}",
                    quoted_source(first, findings_.source()),
                    with_article(first.type),
                    quoted_source(second, findings_.source()),
                    with_article(second.type)
                )
            );
            return;
        }
        node.type = join(first.type, second.type, widening_);
        calls_.widen(node.children[1], node.type);
        calls_.widen(node.children[2], node.type);
    }

    void check_equality(Node& node) {
        node.type = simple(Kind::boolean);
        const Node& left = *node.children[0];
        const Node& right = *node.children[1];
        if (findings_.environment().dialect == Dialect::rules && is_null(left) != is_null(right)) {
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
        findings_.add_hint(
            word.begin, fmt::format("text stands in quotes: \"{}\"", findings_.source_of(word))
        );
    }

    void report_comparison(const Node& node) {
        const Node& left = *node.children[0];
        const Node& right = *node.children[1];
        findings_.report_at_sign(
            node,
            comparison_message(left, right, findings_.source()),
            comparison_hint(left, right, findings_.source(), findings_.environment())
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
                findings_.report_at_sign(
                    node,
                    fmt::format(
                        "{} is a {}, and `{}` cannot order that",
                        quoted_source(*operand, findings_.source()),
                        described(operand->type),
                        operator_sign(node.operation)
                    ),
                    operand->type.kind == Kind::list
                        ? fmt::format("count it: size({})", findings_.source_of(*operand))
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
            findings_.report_at_sign(
                node,
                fmt::format(
                    "`in` looks into a list, but {} is {}",
                    quoted_source(collection, findings_.source()),
                    with_article(collection.type)
                ),
                is_text ? fmt::format(
                    "write {}.contains({})",
                    findings_.source_of(collection),
                    findings_.source_of(element)
                )
                        : "a list stands in square brackets: [1, 2]"
            );
            return;
        }
        const Type wanted = type_parameter(collection.type, 0);
        if (element.type.kind != Kind::null && wanted.kind != Kind::null
            && !agree(element.type, wanted, widening_)) {
            findings_.report_at_sign(
                node,
                fmt::format(
                    "{} is {}, but {} holds {}",
                    quoted_source(element, findings_.source()),
                    with_article(element.type),
                    quoted_source(collection, findings_.source()),
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
            findings_.report_type(
                node,
                fmt::format(
                    "`[ ]` takes an element of a list or map, but {} is {}",
                    quoted_source(*node.children[0], findings_.source()),
                    with_article(collection)
                )
            );
            return;
        }
        const bool is_list = collection.kind == Kind::list;
        const Type wanted = is_list ? simple(Kind::integer) : type_parameter(collection, 0);
        node.type = type_parameter(collection, is_list ? 0 : 1);
        if (!agree(key, wanted, is_list ? Widening::forbidden : Widening::allowed)) {
            findings_.report_type(
                *node.children[1],
                fmt::format(
                    "{} expects {} in `[ ]`, but {} is {}",
                    is_list ? "a list" : "this map",
                    with_article(wanted),
                    quoted_source(*node.children[1], findings_.source()),
                    with_article(key)
                )
            );
        }
    }

    /// @returns whether its operands fit
    bool check_arithmetic(Node& node) {
        const Function* function =
            find_function(operator_name(node.operation), findings_.environment().dialect);
        const std::optional<Type> type =
            calls_.match_any(*function, node.children, CallChecker::Form::function);
        if (type) {
            node.type = *type;
            return true;
        }
        findings_.report_at_sign(
            node,
            arithmetic_message(node, findings_.source()),
            arithmetic_hint(node, findings_.source(), findings_.environment().dialect)
        );
        return false;
    }

    // ---- Functions ----

    void check_call(Node& node) {
        const Function* function = calls_.find(node);
        if (function == nullptr) {
            return;
        }
        if (function->name == "days_until" && !node.has_receiver && node.children.size() == 1) {
            add_today(node);
        }
        for (const NodePointer& child : node.children) {
            check(*child);
        }
        calls_.check(node, *function);
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

    // ---- Lists, maps, messages, macros ----

    void check_list(Node& node) {
        std::optional<Type> element;
        for (const NodePointer& child : node.children) {
            check(*child);
            element = element ? join(*element, child->type, widening_) : child->type;
        }
        node.type = list_of(element.value_or(Type{}));
        for (NodePointer& child : node.children) {
            calls_.widen(child, type_parameter(node.type, 0));
        }
        fold_list(node);
    }

    /// A list of constants is a constant: `x in [1, 2]` builds nothing when it is evaluated.
    static void fold_list(Node& node) {
        List elements;
        for (const NodePointer& child : node.children) {
            if (child->kind != Node::Kind::constant) {
                return;
            }
            elements.push_back(child->value);
        }
        node.kind = Node::Kind::constant;
        node.value = Value::list(std::move(elements));
        node.children.clear();
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
        for (const std::string& name : scope_.candidates(node.name)) {
            message = message == nullptr ? findings_.environment().message(name) : message;
        }
        if (message == nullptr) {
            const std::size_t length = node.name.size();
            findings_.fail(
                node, length, fmt::format("there is no message called `{}`", node.name), ""
            );
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
            findings_.report(
                key.begin, key.end, fmt::format("`{}` has no field `{}`", message.name, name)
            );
        } else if (!agree(field->type, value.type, widening_)) {
            findings_.report_type(
                value,
                fmt::format(
                    "the field `{}` is {}, but {} is {}",
                    name,
                    described(field->type),
                    quoted_source(value, findings_.source()),
                    with_article(value.type)
                )
            );
        }
    }

    void check_comprehension(Node& node) {
        Node& range = *node.children[0];
        check(range);
        if (scope_.local_count() + node.locals.size() > Limits::locals) {
            findings_.fail(
                node,
                1,
                fmt::format(
                    "more than {} names in macros that stand in each other", Limits::locals
                ),
                ""
            );
            return;
        }
        node.slot = static_cast<std::uint32_t>(scope_.local_count());
        declare_locals(node);
        for (std::size_t i = 1; i < node.children.size(); ++i) {
            check(*node.children[i]);
        }
        scope_.remove_locals_from(node.slot);
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
            scope_.add_local(node.locals[0], range.type);
            return;
        }
        const Kind kind = range.type.kind;
        if (kind != Kind::list && kind != Kind::map && kind != Kind::dyn) {
            findings_.report_type(
                range,
                fmt::format(
                    "a list is expected before this macro, but {} is {}",
                    quoted_source(range, findings_.source()),
                    with_article(range.type)
                )
            );
        }
        const bool is_list = kind == Kind::list;
        const Type first = is_list && node.locals.size() == 2 ? simple(Kind::integer)
                                                              : type_parameter(range.type, 0);
        scope_.add_local(node.locals[0], kind == Kind::dyn ? Type{} : first);
        if (node.locals.size() == 2) {
            scope_.add_local(node.locals[1], type_parameter(range.type, is_list ? 0 : 1));
        }
    }

    [[nodiscard]] static Type comprehension_type(const Node& node) {
        const Type& range = node.children[0]->type;
        const Type& body = node.children[1]->type;
        switch (node.macro) {
        case Macro::filter:
            return list_of(type_parameter(range, 0));
        case Macro::map:
            return list_of(body);
        case Macro::transform_map:
            return map_of(
                range.kind == Kind::list ? simple(Kind::integer) : type_parameter(range, 0), body
            );
        case Macro::bind:
            return body;
        default:
            return simple(Kind::boolean);
        }
    }

    Findings findings_;
    Scope scope_;
    CallChecker calls_;
    Widening widening_;
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
