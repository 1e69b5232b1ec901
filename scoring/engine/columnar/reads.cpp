#include "scoring/engine/columnar/reads.hpp"

namespace reviewd::engine::columnar {

Reads joined(Reads a, Reads b) {
    if (a.number == Reads::Number::none) {
        return b;
    }
    if (b.number == Reads::Number::none) {
        return a;
    }
    const bool is_same =
        a.number == Reads::Number::one && b.number == Reads::Number::one && a.slot == b.slot;
    return is_same ? a : Reads{Reads::Number::several, 0};
}

Reads ReadFinder::of(const cel::Node& node) {
    if (node.children.empty()) {
        const bool varies = node.kind == cel::Node::Kind::variable
                            && !columns_.columns().at(node.slot).is_constant();
        return varies ? Reads{Reads::Number::one, node.slot} : Reads{};
    }
    if (const auto known = found_.find(&node); known != found_.end()) {
        return known->second;
    }
    // Of a chain the first link is found first, so that none asks further than one operand.
    const std::vector<const cel::Node*> links = cel::links_of(node);
    for (auto link = links.rbegin(); link != links.rend() && *link != &node; ++link) {
        static_cast<void>(find(**link));
    }
    return find(node);
}

Reads ReadFinder::find(const cel::Node& node) {
    Reads reads;
    for (const cel::NodePointer& child : node.children) {
        reads = joined(reads, of(*child));
    }
    found_.emplace(&node, reads);
    return reads;
}

} // namespace reviewd::engine::columnar
