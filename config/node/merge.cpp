#include "config/node/merge.hpp"

#include "config/node/node_data.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace reviewd::config {
namespace {

using Combine = std::function<Node(const Node::Entry& first, const Node::Entry& second)>;

/// A map with the entries of both; `combine` decides what becomes of a key that both have.
Node joined(const Node& first, const Node& second, const Combine& combine) {
    auto data = std::make_shared<Node::Data>();
    const Node::Data& place = second.data();
    data->kind = Node::Kind::map;
    data->is_in_flow = place.is_in_flow;
    data->source = place.source;
    data->offset = place.offset;
    data->path = place.path;
    for (const Node::Entry& entry : first.entries()) {
        const std::string& key = entry.key.text();
        const Node* other = second.find(key);
        data->entries.push_back(
            other == nullptr ? entry : Node::Entry{entry.key, combine(entry, {entry.key, *other})}
        );
    }
    for (const Node::Entry& entry : second.entries()) {
        if (first.find(entry.key.text()) == nullptr) {
            data->entries.push_back(entry);
        }
    }
    index_entries(*data);
    return Node{std::move(data)};
}

Node joined_drop_ins(const Node& first, const Node& second, Report& report) {
    return joined(first, second, [&](const Node::Entry& a, const Node::Entry& b) {
        if (a.value.is_map() && b.value.is_map()) {
            return joined_drop_ins(a.value, b.value, report);
        }
        const SourcePosition other = a.value.position();
        report.error(
            b.value,
            fmt::format("`{}` is set in two drop-ins", b.value.path()),
            fmt::format("also in {}:{}:{}", other.file_name(), other.line, other.column)
        );
        return b.value;
    });
}

} // namespace

Node merged(const Node& base, const Node& over) {
    if (!base.is_map() || !over.is_map()) {
        return over;
    }
    return joined(base, over, [](const Node::Entry& a, const Node::Entry& b) {
        return merged(a.value, b.value);
    });
}

std::optional<Node> merged_drop_ins(std::span<const Node> files, Report& report) {
    std::optional<Node> all;
    for (const Node& file : files) {
        all = all && file.is_map() ? joined_drop_ins(*all, file, report) : file;
    }
    return all;
}

} // namespace reviewd::config
