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

bool is_part_of_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The value before the entry if it is a plain one on its own, or null.
const Node* value_before(const Node& map, const Node::Entry& entry) {
    const Node* before = nullptr;
    for (const Node::Entry& each : map.entries()) {
        if (&each == &entry) {
            break;
        }
        before = &each.value;
    }
    const bool is_plain = before != nullptr && before->is_scalar() && !before->is_null()
                          && before->style() == Node::Style::plain;
    return is_plain ? before : nullptr;
}

} // namespace

std::string hint_for_split_number(const Node& map, const Node::Entry& entry) {
    const bool is_lone =
        entry.value.is_scalar() && entry.value.is_null() && entry.value.text().empty();
    const Node* const before = is_lone ? value_before(map, entry) : nullptr;
    const std::string& rest = entry.key.text();
    if (before == nullptr || !entry.value.is_in_flow() || !is_part_of_number(rest)) {
        return {};
    }
    const std::string& begin = before->text();
    if (!is_part_of_number(begin.substr(begin.starts_with('-') ? 1 : 0))) {
        return {};
    }
    constexpr std::size_t group = 3;
    return fmt::format(
        "inside {{ }} a comma ends a value; write the decimal sign as a point: `{}.{}`{}",
        begin,
        rest,
        rest.size() == group ? fmt::format(", or thousands without separators: `{}{}`", begin, rest)
                             : std::string{}
    );
}

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
        std::string hint = hint_for_split_number(node_, entry);
        if (hint.empty()) {
            hint = resembles_secret_key(key)
                       ? place_for_secret(key, known)
                       : did_you_mean(cut_to_width(key, longest_shown), known);
        }
        report_.error(
            entry.key,
            fmt::format("unknown key `{}` {}", cut_to_width(key, longest_shown), place_of(node_)),
            hint
        );
    }
}

} // namespace reviewd::config
