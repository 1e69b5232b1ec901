#include "config/node/node.hpp"

#include "config/node/node_data.hpp"
#include "config/node/scalar_source.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace reviewd::config {
namespace {

constexpr std::size_t longest_shown_line_bytes = 4096;

} // namespace

SourceText::SourceText(std::string name, std::string content)
    : file(std::make_shared<const std::string>(std::move(name))), text(std::move(content)) {
    line_starts_.push_back(0);
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
        line_starts_.push_back(at + 1);
    }
}

std::string_view SourceText::line(int number) const {
    if (number < 1 || static_cast<std::size_t>(number) > line_starts_.size()) {
        return {};
    }
    const std::size_t begin = line_starts_[static_cast<std::size_t>(number) - 1];
    std::string_view found = std::string_view{text}.substr(begin);
    found = found.substr(0, found.find('\n'));
    if (!found.empty() && found.back() == '\r') {
        found.remove_suffix(1);
    }
    return found;
}

std::string SourceText::shown_line(int number) const {
    const std::string_view whole = line(number);
    if (whole.empty() || whole.size() > longest_shown_line_bytes) {
        return {};
    }
    const std::size_t begin = line_starts_[static_cast<std::size_t>(number) - 1];
    std::vector<TextRange> parts;
    const auto first =
        std::partition_point(hidden_.begin(), hidden_.end(), [&](const TextRange& range) {
            return range.end <= begin;
        });
    for (auto at = first; at != hidden_.end() && at->begin < begin + whole.size(); ++at) {
        parts.push_back(
            {std::max(at->begin, begin) - begin, std::min(at->end - begin, whole.size())}
        );
    }
    return without_secrets(without_parts(whole, parts));
}

void SourceText::hide(std::size_t begin, std::size_t end) {
    hidden_.push_back({begin, end});
}

SourcePosition SourceText::position_of(std::size_t offset) const {
    const std::size_t at = std::min(offset, text.size());
    const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), at);
    const std::size_t begin = *(next - 1);
    const std::string_view before = std::string_view{text}.substr(begin, at - begin);
    return {
        file,
        static_cast<int>(next - line_starts_.begin()),
        static_cast<int>(count_code_points(before)) + 1};
}

Node::Node(std::shared_ptr<const Data> data) : data_(std::move(data)) {
    REVIEWD_ASSERT(data_ != nullptr);
}

Node::Kind Node::kind() const {
    return data_->kind;
}

SourcePosition Node::position() const {
    return data_->source->position_of(data_->offset);
}

SourcePosition Node::position_in_text(std::size_t offset) const {
    const Data& data = *data_;
    if (data.kind != Kind::scalar) {
        return position();
    }
    return data.source->position_of(
        source_offset(data.source->text, data.offset, data.style, data.text, offset)
    );
}

std::string Node::path() const {
    std::vector<const PathLink*> steps;
    for (const PathLink* step = data_->path.get(); step != nullptr; step = step->parent.get()) {
        steps.push_back(step);
    }
    std::string path;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        if ((*step)->is_element) {
            path += "[" + std::to_string((*step)->index) + "]";
        } else if (!(*step)->is_root) {
            path += (path.empty() ? "" : ".") + (*step)->key;
        }
    }
    return path;
}

const SourceText& Node::source() const {
    return *data_->source;
}

bool Node::is_in_flow() const {
    return data_->is_in_flow;
}

bool Node::is_empty_document() const {
    return data_->is_empty_document;
}

const std::string& Node::text() const {
    REVIEWD_ASSERT(is_scalar());
    return data_->text;
}

std::string Node::shown_text() const {
    return without_parts(text(), secret_parts());
}

std::vector<TextRange> Node::secret_parts() const {
    const PathLink* step = data_->path.get();
    while (step != nullptr && step->is_element) {
        step = step->parent.get();
    }
    const std::string_view key = step == nullptr ? std::string_view{} : step->key;
    if (key == text()) {
        return {}; // the key itself
    }
    for (; step != nullptr; step = step->parent.get()) {
        if (resembles_secret_key(step->key)) {
            return {{0, text().size()}};
        }
    }
    return config::secret_parts(key, text());
}

bool Node::is_null() const {
    REVIEWD_ASSERT(is_scalar());
    return data_->is_null;
}

Node::Style Node::style() const {
    REVIEWD_ASSERT(is_scalar());
    return data_->style;
}

const std::vector<Node>& Node::elements() const {
    REVIEWD_ASSERT(is_sequence());
    return data_->elements;
}

const std::vector<Node::Entry>& Node::entries() const {
    REVIEWD_ASSERT(is_map());
    return data_->entries;
}

const Node* Node::find(std::string_view key) const {
    REVIEWD_ASSERT(is_map());
    const std::vector<Entry>& entries = data_->entries;
    const auto found = std::lower_bound(
        data_->by_key.begin(),
        data_->by_key.end(),
        key,
        [&](std::uint32_t index, std::string_view wanted) {
            return entries[index].key.text() < wanted;
        }
    );
    const bool is_found = found != data_->by_key.end() && entries[*found].key.text() == key;
    return is_found ? &entries[*found].value : nullptr;
}

void index_entries(Node::Data& data) {
    data.by_key.resize(data.entries.size());
    std::iota(data.by_key.begin(), data.by_key.end(), std::uint32_t{0});
    std::stable_sort(data.by_key.begin(), data.by_key.end(), [&](std::uint32_t a, std::uint32_t b) {
        return data.entries[a].key.text() < data.entries[b].key.text();
    });
}

} // namespace reviewd::config
