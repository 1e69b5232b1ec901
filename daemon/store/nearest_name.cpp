#include "daemon/store/internal/nearest_name.hpp"

#include "daemon/store/internal/folded.hpp"
#include "scoring/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace reviewd::store {
namespace {

/// Places at which words begin, and the end of the text.
std::vector<std::size_t> word_edges(std::string_view text) {
    std::vector<std::size_t> edges;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != ' ' && (at == 0 || text[at - 1] == ' ')) {
            edges.push_back(at);
        }
    }
    edges.push_back(text.size());
    return edges;
}

} // namespace

NearestName::NearestName(std::string_view typed)
    : typed_(folded(trim(typed))),
      word_count_(word_edges(typed_).size() - 1),
      best_distance_(largest_slip(typed_) + 1) {}

void NearestName::consider(const std::string& name, const std::string& key) {
    compare(key, name, key);
    compare(name, name, key);
    const std::vector<std::size_t> edges = word_edges(name);
    for (std::size_t first = 0; first + word_count_ < edges.size(); ++first) {
        const std::size_t begin = edges[first];
        const std::size_t end = edges[first + word_count_];
        compare(trim(std::string_view{name}.substr(begin, end - begin)), name, key);
    }
}

void NearestName::compare(std::string_view part, const std::string& name, const std::string& key) {
    const std::size_t distance = slip_distance(typed_, folded(part), best_distance_);
    if (distance < best_distance_) {
        best_distance_ = distance;
        name_ = name;
        key_ = key;
    }
}

std::optional<std::string> NearestName::found() const {
    if (key_.empty()) {
        return std::nullopt;
    }
    return name_ == key_ ? fmt::format("`{}`", name_) : fmt::format("`{}` ({})", name_, key_);
}

} // namespace reviewd::store
