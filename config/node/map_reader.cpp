#include "config/node/reader.hpp"
#include "config/node/secrets.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

namespace reviewd::config {
namespace {

/// Of a map with thousands of unknown keys these show what is wrong.
constexpr std::size_t most_unknown_shown = 20;
constexpr std::size_t longest_shown = 60;

std::string place_of(const Node& map) {
    const std::string path = map.path();
    return path.empty() ? "at the top of the file" : fmt::format("in `{}`", path);
}

} // namespace

MapReader::MapReader(const Node& node, Report& report) : node_(node), report_(report) {
    if (!node_.is_map()) {
        report_.error(
            node_,
            fmt::format("expected keys with values here, found {}", described(node_)),
            node_.is_scalar() && node_.is_null() ? "write the keys below, indented; or `{}`" : ""
        );
    }
}

MapReader::~MapReader() {
    finish();
}

const Node* MapReader::find(std::string_view key) {
    asked_.emplace(key);
    return node_.is_map() ? node_.find(key) : nullptr;
}

const Node* MapReader::require(std::string_view key) {
    const Node* value = find(key);
    if (value == nullptr && node_.is_map()) {
        report_.error(node_, fmt::format("the key `{}` is missing {}", key, place_of(node_)));
    }
    return value;
}

void MapReader::allow_any_key() {
    is_open_ = true;
}

void MapReader::finish() {
    if (is_finished_ || !node_.is_map()) {
        return;
    }
    is_finished_ = true;
    if (report_.key_log() != nullptr && !is_open_) {
        (*report_.key_log())[node_.path()].insert(asked_.begin(), asked_.end());
    }
    if (is_open_) {
        return;
    }
    const std::vector<std::string> known(asked_.begin(), asked_.end());
    std::size_t unknown = 0;
    for (const Node::Entry& entry : node_.entries()) {
        const std::string& key = entry.key.text();
        if (asked_.contains(key)) {
            continue;
        }
        if (++unknown > most_unknown_shown) {
            report_.error(entry.key, "more unknown keys follow here");
            break;
        }
        const std::string hint = resembles_secret_key(key)
                                     ? place_for_secret(key, known)
                                     : did_you_mean(cut_to_width(key, longest_shown), known);
        report_.error(
            entry.key,
            fmt::format("unknown key `{}` {}", cut_to_width(key, longest_shown), place_of(node_)),
            hint
        );
    }
}

} // namespace reviewd::config
