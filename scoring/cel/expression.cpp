#include "scoring/cel/expression.hpp"

#include "scoring/base/text.hpp"
#include "scoring/cel/checker.hpp"
#include "scoring/cel/parser.hpp"
#include "scoring/cel/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace reviewd::cel {
namespace {

/// How deep a list in a list … the node's value can be, at most: what walks a value must not run
/// out of stack.
/// @param locals the same for the locals around the node
int value_nesting(const Node& node, std::vector<int>& locals) {
    constexpr int of_variable = 8; // facts are scalars and flat lists
    int nesting = node.kind == Node::Kind::variable ? of_variable : 0;
    if (is_link(node)) {
        const std::vector<const Node*> links = links_of(node);
        nesting = value_nesting(*links.back()->children[0], locals);
        for (const Node* link : links) {
            nesting = std::max(nesting, value_nesting(*link->children[1], locals));
        }
        return nesting;
    }
    if (node.kind == Node::Kind::constant) {
        return node.depth - 1; // of a list, as deep as it was written
    }
    if (node.kind == Node::Kind::local) {
        return locals[node.slot];
    }
    if (node.kind == Node::Kind::comprehension) {
        const int range = value_nesting(*node.children[0], locals);
        locals.resize(node.slot);
        locals.resize(node.slot + node.locals.size(), range);
        int body = range;
        for (std::size_t i = 1; i < node.children.size(); ++i) {
            body = std::max(body, value_nesting(*node.children[i], locals));
        }
        locals.resize(node.slot);
        return body + (node.macro == Macro::map || node.macro == Macro::transform_map ? 1 : 0);
    }
    for (const NodePointer& child : node.children) {
        nesting = std::max(nesting, value_nesting(*child, locals));
    }
    return nesting + (node.kind == Node::Kind::list || node.kind == Node::Kind::map ? 1 : 0);
}

void sort_by_position(Problems& problems) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
}

} // namespace

Expression::Expression(
    std::string source,
    std::shared_ptr<const Node> root,
    Type type,
    std::vector<std::uint32_t> slots,
    Limits limits,
    Dialect dialect
)
    : source_(std::move(source)),
      root_(std::move(root)),
      type_(std::move(type)),
      slots_(std::move(slots)),
      limits_(limits),
      dialect_(dialect) {}

boost::system::result<Expression, Problems> compile(
    std::string_view source, const Environment& environment
) {
    const Limits& limits = environment.limits;
    if (source.size() > limits.source_bytes) {
        return Problems{Problem{
            limits.source_bytes,
            source.size(),
            fmt::format("the expression is longer than {} bytes", limits.source_bytes),
            "split it into several facts"}};
    }
    if (const std::optional<std::size_t> invalid = find_invalid_utf8(source)) {
        return Problems{
            Problem{*invalid, *invalid + 1, "the expression is not valid UTF-8 from here on", {}}};
    }
    Problems problems;
    NodePointer root = parse(source, environment, problems);
    if (!root) {
        sort_by_position(problems);
        return problems;
    }
    std::vector<std::uint32_t> slots = check(*root, source, environment, problems);
    std::vector<int> locals;
    if (problems.empty() && value_nesting(*root, locals) > limits.depth) {
        problems.push_back(Problem{
            0,
            source.size(),
            fmt::format("lists are nested deeper than {} levels", limits.depth),
            {}});
    }
    if (!problems.empty()) {
        sort_by_position(problems);
        return problems;
    }
    Type type = root->type;
    return Expression{
        std::string{source},
        std::shared_ptr<const Node>{std::move(root)},
        std::move(type),
        std::move(slots),
        limits,
        environment.dialect};
}

} // namespace reviewd::cel
