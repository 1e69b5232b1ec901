#include "scoring/cel/call_checker.hpp"

#include "scoring/base/text.hpp"
#include "scoring/cel/pattern.hpp"
#include "scoring/cel/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace reviewd::cel {
namespace {

using Kind = Type::Kind;

constexpr std::array<std::string_view, 8> macro_names{
    "all", "exists", "exists_one", "filter", "map", "transformList", "transformMap", "has"};

Type of_kind(Kind kind) {
    return Type{kind, {}};
}

CallChecker::Form form_of(const Node& node) {
    return node.has_receiver ? CallChecker::Form::method : CallChecker::Form::function;
}

bool has_form(const Signature& signature, CallChecker::Form form) {
    return signature.has_receiver == (form == CallChecker::Form::method);
}

} // namespace

CallChecker::CallChecker(Findings& findings, const Scope& scope)
    : findings_(findings),
      scope_(scope),
      widening_(
          findings.environment().dialect == Dialect::rules ? Widening::allowed : Widening::forbidden
      ) {}

const Function* CallChecker::find(Node& node) {
    const Function* function = find_qualified(node);
    if (function == nullptr || function->library == Library::operators) {
        fail_unknown_function(node);
        return nullptr;
    }
    return function;
}

void CallChecker::check(Node& node, const Function& function) {
    node.function = &function;
    if (!findings_.environment().is_type_checked) {
        check_form(node);
        return;
    }
    const std::optional<Type> type = match_any(function, node.children, form_of(node));
    if (!type) {
        report_arguments(node);
        return;
    }
    node.type = *type;
    check_constant_arguments(node);
}

std::optional<Type> CallChecker::match_any(
    const Function& function, std::vector<NodePointer>& arguments, Form form
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
            if (!has_form(signature, form)) {
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

void CallChecker::widen(NodePointer& node, const Type& wanted) {
    const bool is_needed = wanted.kind == Kind::real && node->type.kind == Kind::integer
                           && findings_.environment().dialect == Dialect::rules
                           && findings_.environment().is_type_checked;
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
    conversion->function = find_function("double", findings_.environment().dialect);
    conversion->type = wanted;
    conversion->begin = node->begin;
    conversion->end = node->end;
    conversion->focus = node->focus;
    conversion->depth = node->depth + 1;
    conversion->children.push_back(std::move(node));
    node = std::move(conversion);
}

void CallChecker::widen_arguments(const Signature& signature, std::vector<NodePointer>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const TypePattern& pattern = parameter_of(signature, i);
        if (pattern.kind == TypePattern::Kind::exact) {
            widen(arguments[i], of_kind(pattern.type));
        }
    }
}

const Function* CallChecker::find_qualified(Node& node) {
    if (node.has_receiver) {
        const std::optional<std::string> receiver = chain_name(*node.children[0]);
        if (receiver) {
            for (const std::string& name : scope_.candidates(*receiver + "." + node.name)) {
                if (const Function* function =
                        find_function(name, findings_.environment().dialect)) {
                    node.children.erase(node.children.begin());
                    node.has_receiver = false;
                    node.name = name;
                    return function;
                }
            }
        }
        return find_function(node.name, findings_.environment().dialect);
    }
    for (const std::string& name : scope_.candidates(node.name)) {
        if (const Function* function = find_function(name, findings_.environment().dialect)) {
            return function;
        }
    }
    return nullptr;
}

void CallChecker::fail_unknown_function(Node& node) {
    std::vector<std::string> known(macro_names.begin(), macro_names.end());
    for (const Function& function : functions()) {
        const bool is_possible = function.library != Library::operators
                                 && (function.library != Library::rules
                                     || findings_.environment().dialect == Dialect::rules);
        if (is_possible) {
            known.emplace_back(function.name);
        }
    }
    std::string hint = did_you_mean(node.name, known);
    if (findings_.environment().slot_of(node.name)) {
        hint = "it is a value: write it without brackets";
    } else if (std::find(macro_names.begin(), macro_names.end(), node.name) != macro_names.end()) {
        hint =
            node.name == "has" ? "" : fmt::format("write list.{}(x, condition with x)", node.name);
    }
    const std::size_t length = node.name.size();
    findings_.fail(
        node, length, fmt::format("there is no function {}()", node.name), std::move(hint)
    );
}

void CallChecker::check_form(Node& node) {
    const std::vector<Signature>& all = signatures_of(*node.function);
    const bool is_there = std::any_of(all.begin(), all.end(), [&node](const Signature& signature) {
        return has_form(signature, form_of(node));
    });
    const bool is_count_possible =
        !node.children.empty() || node.function->implementation != nullptr;
    if (!is_there || !is_count_possible) {
        findings_.fail(
            node, node.name.size(), fmt::format("{}() cannot be called like this", node.name), ""
        );
    }
}

std::string CallChecker::first_argument_hint(const Node& node) const {
    const bool has_argument = !node.children.empty();
    return fmt::format(
        "write {}.{}(…)", has_argument ? findings_.source_of(*node.children[0]) : "value", node.name
    );
}

void CallChecker::report_arguments(const Node& node) {
    const std::vector<Signature>& all = signatures_of(*node.function);
    const bool is_there = std::any_of(all.begin(), all.end(), [&node](const Signature& signature) {
        return has_form(signature, form_of(node));
    });
    const std::size_t end = node.focus + node.name.size();
    if (!is_there) {
        findings_.report(
            node.focus,
            end,
            fmt::format("{}() cannot be called like this", node.name),
            node.has_receiver
                ? fmt::format("write {}({}, …)", node.name, findings_.source_of(*node.children[0]))
                : first_argument_hint(node)
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
    findings_.report(
        node.focus,
        end,
        fmt::format("{}() cannot take {}", node.name, given.empty() ? "nothing" : given),
        fmt::format("{} takes {}", node.name, accepted(all, form_of(node)))
    );
}

bool CallChecker::report_only_form(const Node& node, const Signature& form) {
    if (form.parameters.size() != node.children.size()) {
        const std::size_t receiver = form.has_receiver ? 1 : 0;
        findings_.report(
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
            findings_.report(
                child.begin,
                child.end,
                fmt::format(
                    "{}() expects {} here, but {} is {}",
                    node.name,
                    described(form.parameters[i]),
                    quoted_source(child, findings_.source()),
                    with_article(child.type)
                ),
                is_date ? "write timestamp(\"2026-01-31\")" : ""
            );
            return true;
        }
    }
    return false;
}

std::string CallChecker::accepted(const std::vector<Signature>& all, Form form) {
    std::string text;
    for (const Signature& signature : all) {
        if (!has_form(signature, form)) {
            continue;
        }
        std::string kinds;
        for (std::size_t i = form == Form::method ? 1 : 0; i < signature.parameters.size(); ++i) {
            kinds += (kinds.empty() ? "" : ", ") + described(signature.parameters[i]);
        }
        kinds += signature.is_variadic ? " …" : "";
        text += (text.empty() ? "" : "; or ") + (kinds.empty() ? std::string{"nothing"} : kinds);
    }
    return text;
}

void CallChecker::check_constant_arguments(Node& node) {
    if (node.function->name == "matches") {
        prepare_pattern(node);
        return;
    }
    const bool is_conversion =
        node.function->name == "timestamp" || node.function->name == "duration";
    if (!is_conversion || findings_.environment().dialect != Dialect::rules
        || node.children[0]->kind != Node::Kind::constant) {
        return;
    }
    Evaluation evaluation{
        findings_.environment().dialect,
        findings_.environment().limits,
        Budget{findings_.environment().limits.cost}};
    const std::array<const Value*, 1> argument{&node.children[0]->value};
    const Value made = node.function->implementation(node.function->name, argument, evaluation);
    if (made.is_error()) {
        findings_.report(
            node.children[0]->begin,
            node.children[0]->end,
            fmt::format(
                "{} is no {}",
                quoted_source(*node.children[0], findings_.source()),
                node.function->name == "timestamp" ? "date" : "length of time"
            ),
            node.function->name == "timestamp" ? "write timestamp(\"2026-01-31\")"
                                               : "write duration(\"36h\")"
        );
    }
}

void CallChecker::prepare_pattern(Node& node) {
    const Node& pattern = *node.children[1];
    const auto* text =
        pattern.kind == Node::Kind::constant ? pattern.value.get_if<std::string>() : nullptr;
    if (text == nullptr) {
        return;
    }
    std::string problem;
    node.pattern = Pattern::compile(*text, &problem);
    if (!node.pattern && findings_.environment().dialect == Dialect::rules) {
        findings_.report(pattern.begin, pattern.end, std::move(problem));
    }
}

} // namespace reviewd::cel
