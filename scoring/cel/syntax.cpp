#include "scoring/cel/syntax.hpp"

#include <utility>

namespace reviewd::cel {

Node::~Node() {
    NodePointer left = children.empty() ? nullptr : std::move(children.front());
    while (left) {
        NodePointer next = left->children.empty() ? nullptr : std::move(left->children.front());
        left = std::move(next);
    }
}

bool is_link(const Node& node) {
    return node.kind == Node::Kind::operation && node.operation >= Operator::add
           && node.operation <= Operator::remainder;
}

std::string_view operator_name(Operator operation) {
    switch (operation) {
    case Operator::logical_or:
        return "_||_";
    case Operator::logical_and:
        return "_&&_";
    case Operator::logical_not:
        return "!_";
    case Operator::conditional:
        return "_?_:_";
    case Operator::equal:
        return "_==_";
    case Operator::not_equal:
        return "_!=_";
    case Operator::less:
        return "_<_";
    case Operator::less_equal:
        return "_<=_";
    case Operator::greater:
        return "_>_";
    case Operator::greater_equal:
        return "_>=_";
    case Operator::in:
        return "@in";
    case Operator::add:
        return "_+_";
    case Operator::subtract:
        return "_-_";
    case Operator::multiply:
        return "_*_";
    case Operator::divide:
        return "_/_";
    case Operator::remainder:
        return "_%_";
    case Operator::negate:
        return "-_";
    case Operator::index:
        return "_[_]";
    }
    return "";
}

std::string_view operator_sign(Operator operation) {
    switch (operation) {
    case Operator::logical_or:
        return "||";
    case Operator::logical_and:
        return "&&";
    case Operator::logical_not:
        return "!";
    case Operator::conditional:
        return "? :";
    case Operator::equal:
        return "==";
    case Operator::not_equal:
        return "!=";
    case Operator::less:
        return "<";
    case Operator::less_equal:
        return "<=";
    case Operator::greater:
        return ">";
    case Operator::greater_equal:
        return ">=";
    case Operator::in:
        return "in";
    case Operator::add:
        return "+";
    case Operator::subtract:
        return "-";
    case Operator::multiply:
        return "*";
    case Operator::divide:
        return "/";
    case Operator::remainder:
        return "%";
    case Operator::negate:
        return "-";
    case Operator::index:
        return "[ ]";
    }
    return "";
}

} // namespace reviewd::cel
