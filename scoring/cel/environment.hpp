#pragma once

#include "scoring/cel/type.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reviewd::cel {

/// `standard` is the specification, for conformance. `rules` adds:
/// - the functions known(), min(), max(), clamp(), months_between() and days_until(), which counts
///   the days from the variable `today` to the date and needs that variable declared;
/// - an integer meets a double without a cast, in arithmetic, comparison and arguments; two whole
///   numbers still divide as such;
/// - timestamp("2026-01-31") for a day, which is its midnight in UTC;
/// - the meaning of a missing variable: `known(x)`, `x == null` and `x != null` answer, every other
///   use is unknown. A null given for a variable of some type counts as missing.
enum class Dialect { standard, rules };

/// Bounds that no input may pass; each overrun is an ordinary, positioned problem or a runtime
/// error.
struct Limits {
    static constexpr std::size_t locals = 32; ///< of macros that stand in each other

    std::size_t source_bytes = 16 * 1024;
    int depth = 96;                       ///< nesting of the syntax tree
    std::size_t list_size = 10'000;       ///< elements of any list or map that it makes
    std::size_t text_bytes = 1024 * 1024; ///< of any string or bytes value
    std::uint64_t cost = 1'000'000;       ///< evaluation steps of one expression
};

struct Variable {
    std::string name; ///< may be qualified: `a.b.c`
    Type type;
};

/// A kind of message that expressions may build, `name{field: value}`: a map of text to the
/// declared fields, those not given at their default (zero, empty, false).
struct Message {
    std::string name;
    std::vector<Variable> fields;
};

/// What an expression may name. Each variable has a slot, its index in order of declaration; values
/// are given by slot.
class Environment {
public:
    explicit Environment(Dialect chosen = Dialect::rules);

    /// @pre no variable of that name is declared
    /// @returns its slot
    std::uint32_t declare(std::string name, Type type);

    /// @pre no message of that name is declared
    void declare_message(Message message);

    /// Says what to do about a name that is not declared and that people are likely to try.
    void explain(const std::string& name, std::string hint);

    [[nodiscard]] std::optional<std::uint32_t> slot_of(std::string_view name) const;
    /// What explain() was told of the name, or an empty text.
    [[nodiscard]] std::string explanation(const std::string& name) const;
    [[nodiscard]] const std::vector<Variable>& variables() const { return variables_; }
    /// The message of that name, or null.
    [[nodiscard]] const Message* message(std::string_view name) const;

    Dialect dialect = Dialect::rules;
    Limits limits;
    std::string container;       ///< prefix of name resolution, "" or "a.b"
    bool has_macros = true;      ///< all, exists, exists_one, filter, map, has
    bool is_type_checked = true; ///< false: unknown names and wrong types are errors when
                                 ///< evaluated, which `||` absorbs

private:
    std::vector<Variable> variables_;
    std::vector<Message> messages_;
    std::unordered_map<std::string, std::uint32_t> slots_;
    std::unordered_map<std::string, std::string> explanations_;
};

} // namespace reviewd::cel
