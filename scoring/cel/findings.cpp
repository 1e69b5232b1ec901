#include "scoring/cel/findings.hpp"

#include <algorithm>
#include <utility>

namespace reviewd::cel {

void Findings::report(std::size_t begin, std::size_t end, std::string message, std::string hint) {
    problems_.push_back(Problem{begin, end, std::move(message), std::move(hint)});
}

void Findings::report_type(const Node& node, std::string message, std::string hint) {
    if (environment_.is_type_checked) {
        report(node.begin, node.end, std::move(message), std::move(hint));
    }
}

void Findings::report_at_sign(const Node& node, std::string message, std::string hint) {
    if (environment_.is_type_checked) {
        const std::size_t length = std::max<std::size_t>(operator_sign(node.operation).size(), 1);
        report(node.focus, node.focus + length, std::move(message), std::move(hint));
    }
}

void Findings::fail(Node& node, std::size_t length, std::string message, std::string hint) {
    if (environment_.is_type_checked) {
        report(node.focus, node.focus + length, message, std::move(hint));
    }
    node.kind = Node::Kind::failure;
    node.name = std::move(message);
    node.children.clear();
    node.type = Type{};
}

void Findings::add_hint(std::size_t begin, const std::string& hint) {
    for (Problem& problem : problems_) {
        if (problem.begin == begin && problem.hint.empty()) {
            problem.hint = hint;
        }
    }
}

} // namespace reviewd::cel
