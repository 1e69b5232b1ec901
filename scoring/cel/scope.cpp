#include "scoring/cel/scope.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

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

} // namespace

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

std::optional<std::uint32_t> Scope::find_local(std::string_view name) const {
    for (std::size_t i = locals_.size(); i > 0; --i) {
        if (locals_[i - 1].name == name) {
            return static_cast<std::uint32_t>(i - 1);
        }
    }
    return std::nullopt;
}

std::vector<std::string> Scope::candidates(std::string_view name) const {
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

bool Scope::resolve(Node& node, std::string_view name) {
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
                node.value = Value::of(Type{kind, {}});
                node.type = Type{Kind::type, {}};
                node.children.clear();
                return true;
            }
        }
    }
    return false;
}

std::vector<std::string> Scope::names() const {
    std::vector<std::string> all;
    for (const Variable& variable : environment_.variables()) {
        all.push_back(variable.name);
    }
    for (const Local& local : locals_) {
        all.push_back(local.name);
    }
    return all;
}

} // namespace reviewd::cel
