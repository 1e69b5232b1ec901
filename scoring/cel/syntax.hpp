#pragma once

#include "scoring/cel/value.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::cel {

struct Function; // scoring/cel/functions.hpp
class Pattern;   // scoring/cel/pattern.hpp
struct Node;

using NodePointer = std::unique_ptr<Node>;

enum class Operator {
    logical_or,
    logical_and,
    logical_not,
    conditional, ///< children: condition, value if true, value if false
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,
    add,
    subtract,
    multiply,
    divide,
    remainder,
    negate,
    index ///< children: list or map, position or key
};

/// The name under which the table of functions lists the operator: "_+_", "!_", "_?_:_" …
[[nodiscard]] std::string_view operator_name(Operator operation);

/// How a person writes it: "+", "!", "? :" …
[[nodiscard]] std::string_view operator_sign(Operator operation);

/// The loops of the language. children[0] is the range; the locals hold an element (of a map: its
/// key), or with two locals the index and the element (of a map: key and value).
enum class Macro {
    all,        ///< children[1]: predicate
    exists,     ///< children[1]: predicate
    exists_one, ///< children[1]: predicate
    filter,     ///< children[1]: predicate
    map, ///< children[1]: new element; children[2], if there: predicate that the element must pass
         ///< first
    transform_map, ///< as `map`, but makes a map of the same keys
    bind           ///< no loop: the local holds children[0] while children[1] is evaluated
};

/// One node of the syntax tree. The parser makes `identifier` and `call`; the checker resolves
/// every name in place, so that a checked tree has slots and functions, and no `identifier`.
struct Node {
    Node() = default;
    Node(Node&&) = default;
    Node& operator=(Node&&) = default;
    /// Takes left operands apart in a loop: a chain is as long as its source.
    ~Node();

    enum class Kind {
        constant,      ///< `value`; a list of constants is one too
        variable,      ///< `slot` of the environment
        local,         ///< `slot`: number of the macro's local, counted from the outermost macro
        select,        ///< children[0] is a map, `name` its key
        has_field,     ///< whether children[0] has the key `name`
        operation,     ///< `operation` on the children
        call,          ///< `function` on the children; a receiver is the first child
        list,          ///< children: elements
        map,           ///< children: key, value, key, value …
        comprehension, ///< `macro`; `slot` is its first local
        identifier,    ///< only before checking: `name`, with a leading dot when it is absolute
        message, ///< only before checking: `name` of the message, children: field name (constant),
                 ///< value …
        failure  ///< an error when evaluated: `name` says which; only where types are not checked
    };

    Kind kind = Kind::constant;
    Operator operation = Operator::logical_or;
    Macro macro = Macro::all;
    bool has_receiver = false; ///< of a call, before checking: children[0].name(…)
    int depth = 1; ///< 1 for a leaf, else 1 + the greatest depth of a child; a whole chain is 1
                   ///< deeper than the deepest of its operands
    std::uint32_t slot = 0;
    std::size_t begin = 0; ///< of the whole node in the source, in bytes
    std::size_t end = 0;
    std::size_t focus = 0; ///< of the operator or the name in it, where a caret points
    Type type;             ///< set by the checker; `dyn` where it is known only when evaluated
    Value value;
    std::string name;
    std::vector<std::string> locals; ///< names of the macro's locals: one or two
    const Function* function = nullptr;
    std::shared_ptr<const Pattern> pattern; ///< of `matches` with a constant pattern, compiled once
    std::vector<NodePointer> children;
};

/// Whether the node is a link of a chain: `+`, `-`, `*`, `/` or `%` of two operands, of which the
/// left one may be a link again, and so on as far as the source reaches. Links are no nesting, so
/// whoever walks a tree follows them in a loop and not by recursion.
[[nodiscard]] bool is_link(const Node& node);

/// The links of the chain that ends with `node`, the last operator first; empty if it is none.
template <typename AnyNode>
[[nodiscard]] std::vector<AnyNode*> links_of(AnyNode& node) {
    std::vector<AnyNode*> links;
    for (AnyNode* at = &node; is_link(*at); at = at->children.front().get()) {
        links.push_back(at);
    }
    return links;
}

} // namespace reviewd::cel
