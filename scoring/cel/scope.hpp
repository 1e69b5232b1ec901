#pragma once

#include "scoring/cel/environment.hpp"
#include "scoring/cel/syntax.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::cel {

/// The names that mean something at one place of an expression: the locals of the macros around it,
/// the variables, the types.
class Scope {
public:
    struct Local {
        std::string name;
        Type type;
    };

    /// @param environment must outlive it
    explicit Scope(const Environment& environment) : environment_(environment) {}

    /// The number of the innermost local of that name.
    [[nodiscard]] std::optional<std::uint32_t> find_local(std::string_view name) const;

    /// The names that `name` may stand for, in the order of CEL: the longest container first.
    [[nodiscard]] std::vector<std::string> candidates(std::string_view name) const;

    /// Makes the node the variable or the type of that name. @returns whether there is one
    bool resolve(Node& node, std::string_view name);

    /// All names of variables and locals.
    [[nodiscard]] std::vector<std::string> names() const;

    /// Slots of the variables that were resolved, sorted.
    [[nodiscard]] std::vector<std::uint32_t> slots() const {
        return {slots_.begin(), slots_.end()};
    }

    [[nodiscard]] const Local& local(std::uint32_t number) const { return locals_[number]; }
    [[nodiscard]] std::size_t local_count() const { return locals_.size(); }
    void add_local(std::string name, Type type) {
        locals_.push_back(Local{std::move(name), std::move(type)});
    }
    void remove_locals_from(std::size_t number) { locals_.resize(number); }

private:
    const Environment& environment_;
    std::vector<Local> locals_;
    std::set<std::uint32_t> slots_;
};

/// The name that a chain of plain fields spells, or nothing for another node.
[[nodiscard]] std::optional<std::string> chain_name(const Node& node);

} // namespace reviewd::cel
