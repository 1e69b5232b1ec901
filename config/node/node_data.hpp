#pragma once

#include "config/node/node.hpp"

#include <cstdint>

namespace reviewd::config {

/// One step of the way from the root; a container makes one for all its children.
struct PathLink {
    std::shared_ptr<const PathLink> parent; ///< null below the root
    std::string key;                        ///< when the container itself stands in a map
    std::size_t index = 0;                  ///< when it stands in a sequence
    bool is_element = false;
    bool is_root = false;
};

/// What a Node shares. Made by the parser and by merge(), then constant.
struct Node::Data {
    Kind kind = Kind::scalar;
    Style style = Style::plain;
    bool is_in_flow = false;
    bool is_null = false;
    bool is_empty_document = false;
    std::shared_ptr<const SourceText> source;
    std::size_t offset = 0;               ///< of the first byte in the source
    std::shared_ptr<const PathLink> path; ///< this node's own step; a key has its value's
    std::string text;
    std::vector<Node> elements;
    std::vector<Entry> entries;
    std::vector<std::uint32_t> by_key; ///< entries in the order of their keys
};

/// Sorts `data.by_key`; call once when the entries are complete.
void index_entries(Node::Data& data);

} // namespace reviewd::config
