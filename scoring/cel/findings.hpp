#pragma once

#include "scoring/cel/environment.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/cel/syntax.hpp"

#include <string>
#include <string_view>

namespace reviewd::cel {

/// Where the checker writes down what it finds. Where types are not checked beforehand it keeps
/// quiet, and names that mean nothing become errors of the evaluation.
class Findings {
public:
    /// All three must outlive it.
    Findings(std::string_view source, const Environment& environment, Problems& problems)
        : source_(source), environment_(environment), problems_(problems) {}

    [[nodiscard]] std::string_view source() const { return source_; }
    [[nodiscard]] std::string_view source_of(const Node& node) const {
        return source_.substr(node.begin, node.end - node.begin);
    }
    [[nodiscard]] const Environment& environment() const { return environment_; }

    /// Adds a problem of the bytes from `begin` to `end`.
    void report(std::size_t begin, std::size_t end, std::string message, std::string hint = {});

    /// A type that is wrong: nothing to say where types are not checked.
    void report_type(const Node& node, std::string message, std::string hint = {});

    /// The same, at the operator of the node.
    void report_at_sign(const Node& node, std::string message, std::string hint);

    /// A name that means nothing: a problem, or an error at run time where nothing is checked.
    void fail(Node& node, std::size_t length, std::string message, std::string hint);

    /// Gives the problem that begins at `begin` a hint if it has none.
    void add_hint(std::size_t begin, const std::string& hint);

private:
    std::string_view source_;
    const Environment& environment_;
    Problems& problems_;
};

} // namespace reviewd::cel
