#pragma once

#include "scoring/cel/environment.hpp"
#include "scoring/cel/value.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::cel {

struct Node; // scoring/cel/syntax.hpp

/// One finding in the source of an expression.
struct Problem {
    std::size_t begin = 0; ///< byte offset in the source
    std::size_t end = 0;   ///< one past the last byte; == begin at the end of the source
    std::string message;   ///< what was expected, what was found, in a manager's words
    std::string hint;      ///< "did you mean `budget`?" or what to write instead; may be empty
};

using Problems = std::vector<Problem>;

/// A parsed and checked expression: immutable, cheap to copy, safe to evaluate from several threads
/// at once.
class Expression {
public:
    Expression(
        std::string source,
        std::shared_ptr<const Node> root,
        Type type,
        std::vector<std::uint32_t> slots,
        Limits limits,
        Dialect dialect
    );

    [[nodiscard]] const std::string& source() const { return source_; }
    [[nodiscard]] const Type& type() const { return type_; }
    /// Slots of the variables that it reads, sorted.
    [[nodiscard]] const std::vector<std::uint32_t>& slots() const { return slots_; }
    [[nodiscard]] const Node& root() const { return *root_; }
    [[nodiscard]] const Limits& limits() const { return limits_; }
    [[nodiscard]] Dialect dialect() const { return dialect_; }

private:
    std::string source_;
    std::shared_ptr<const Node> root_;
    Type type_;
    std::vector<std::uint32_t> slots_;
    Limits limits_;
    Dialect dialect_;
};

/// Parses and checks. All problems are collected, not only the first.
[[nodiscard]] boost::system::result<Expression, Problems> compile(
    std::string_view source, const Environment& environment
);

/// Evaluates by walking the tree: the reference that every faster way is compared with. Never
/// throws for any input; errors and unknowns are values. Where several things go wrong, unknown
/// comes before an error, whatever the order of the operands; `&&` gives false before either, `||`
/// true. Giving up at the limit of cost is an error that nothing absorbs.
/// @param values one per variable of the environment, by slot; a missing one is
/// `Value::unknown(slot)`
[[nodiscard]] Value evaluate(const Expression& expression, std::span<const Value> values);

/// Found by argument-dependent look-up from boost::system::result; reading an unchecked failure is
/// a bug.
[[noreturn]] inline void
throw_exception_from_error(const Problems& problems, const boost::source_location& /*where*/) {
    throw std::logic_error(
        problems.empty() ? "an expression has problems" : problems.front().message
    );
}

} // namespace reviewd::cel
