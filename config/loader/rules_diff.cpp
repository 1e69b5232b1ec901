// Both sets become one flat list of places with their values: a map's values stand below their
// keys, a rule below its id. What differs between the lists is the change; a thing that is wholly
// new or gone is one entry.
#include "config/loader/rules_diff.hpp"

#include "config/node/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace reviewd::config {
namespace {

struct Part;

/// What stands at one place: a text, or more places.
struct Thing {
    std::string text;
    std::vector<Part> parts; ///< in the order of the file

    [[nodiscard]] const Thing* find(const std::string& key) const;
};

struct Part {
    std::string key;
    Thing thing;
};

const Thing* Thing::find(const std::string& key) const {
    const auto found =
        std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.key == key; });
    return found == parts.end() ? nullptr : &found->thing;
}

std::string scalar_text(const Node& node) {
    std::string text = node.is_null() ? "null" : node.text();
    std::replace(text.begin(), text.end(), '\n', ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    const bool is_number_as_text =
        node.style() == Node::Style::single_quoted || node.style() == Node::Style::double_quoted;
    return is_number_as_text ? fmt::format("\"{}\"", text) : text;
}

std::string flow_text(const Node& node) {
    if (node.is_scalar()) {
        return scalar_text(node);
    }
    std::string text;
    if (node.is_sequence()) {
        for (const Node& element : node.elements()) {
            text += (text.empty() ? "" : ", ") + flow_text(element);
        }
        return fmt::format("[{}]", text);
    }
    for (const Node::Entry& entry : node.entries()) {
        text += fmt::format(
            "{}{}: {}", text.empty() ? "" : ", ", entry.key.text(), flow_text(entry.value)
        );
    }
    return fmt::format("{{ {} }}", text);
}

/// What a list's element is called: its id, or its place.
std::string element_name(const Node& element, std::size_t index) {
    const Node* const id = element.is_map() ? element.find("id") : nullptr;
    return id != nullptr && id->is_scalar() ? id->text() : fmt::format("number {}", index + 1);
}

Thing to_thing(const Node& node) {
    Thing thing{flow_text(node), {}};
    if (node.is_map()) {
        for (const Node::Entry& entry : node.entries()) {
            thing.parts.push_back({entry.key.text(), to_thing(entry.value)});
        }
        return thing;
    }
    const bool is_list_of_maps =
        node.is_sequence() && !node.elements().empty() && node.elements().front().is_map();
    if (is_list_of_maps) {
        std::size_t index = 0;
        for (const Node& element : node.elements()) {
            thing.parts.push_back({element_name(element, index++), to_thing(element)});
        }
    }
    return thing;
}

/// All files as one thing: sections of the same name are one section.
std::optional<Thing> read(const std::vector<RulesFile>& files) {
    Thing all;
    for (const RulesFile& file : files) {
        Report unused;
        const auto root = parse_yaml_for_checking(file.name, file.text, unused);
        if (!root || !root->is_map() || unused.has_errors()) {
            return std::nullopt;
        }
        for (auto& [name, section] : to_thing(*root).parts) {
            const auto known =
                std::find_if(all.parts.begin(), all.parts.end(), [&name = name](const Part& part) {
                    return part.key == name;
                });
            if (known == all.parts.end()) {
                all.parts.push_back({name, std::move(section)});
            } else {
                std::move(
                    section.parts.begin(),
                    section.parts.end(),
                    std::back_inserter(known->thing.parts)
                );
            }
        }
    }
    return all;
}

/// The words of a place: section and name belong together, keys come after commas.
std::string place_of(const std::vector<std::string>& path) {
    std::string text;
    for (std::size_t i = 0; i < path.size(); ++i) {
        text += i == 0 ? "" : i == 1 ? " " : ", ";
        text += path[i];
    }
    return text;
}

void compare(
    const Thing* before,
    const Thing* after,
    std::vector<std::string>& path,
    std::vector<RulesChange>& changes
) {
    // A section that is new or gone is told thing by thing.
    static const Thing nothing;
    const bool is_section = path.size() == 1;
    const Thing& was = before != nullptr ? *before : nothing;
    const Thing& is = after != nullptr ? *after : nothing;
    const bool have_parts = !was.parts.empty() || !is.parts.empty();
    const bool are_both = before != nullptr && after != nullptr;
    if (!have_parts || !(are_both || is_section)) {
        if (!are_both || was.text != is.text) {
            changes.push_back(
                {place_of(path),
                 before == nullptr ? std::nullopt : std::optional{was.text},
                 after == nullptr ? std::nullopt : std::optional{is.text}}
            );
        }
        return;
    }
    const auto go_into = [&](const std::string& name, const Thing* left, const Thing* right) {
        path.push_back(name);
        compare(left, right, path, changes);
        path.pop_back();
    };
    for (const auto& [name, part] : was.parts) {
        go_into(name, &part, is.find(name));
    }
    for (const auto& [name, part] : is.parts) {
        if (was.find(name) == nullptr) {
            go_into(name, nullptr, &part);
        }
    }
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

struct Line {
    char sign = ' ';
    std::string text;
};

/// The longest common subsequence of the middle, between what both begin and end with. A middle
/// that would need too much room is taken as wholly replaced.
std::vector<Line> merged_lines(
    const std::vector<std::string>& before, const std::vector<std::string>& after
) {
    constexpr std::size_t largest_table = 16'000'000;
    const std::size_t shorter = std::min(before.size(), after.size());
    std::size_t head = 0;
    while (head < shorter && before[head] == after[head]) {
        ++head;
    }
    std::size_t tail = 0;
    while (tail < shorter - head
           && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
        ++tail;
    }
    const std::size_t rows = before.size() - head - tail;
    const std::size_t columns = after.size() - head - tail;
    const bool is_small = (rows + 1) * (columns + 1) <= largest_table;
    std::vector<std::uint32_t> table(is_small ? (rows + 1) * (columns + 1) : 0);
    const auto at = [&](std::size_t row, std::size_t column) -> std::uint32_t& {
        return table[row * (columns + 1) + column];
    };
    const auto is_same = [&](std::size_t row, std::size_t column) {
        return before[head + row] == after[head + column];
    };
    for (std::size_t row = is_small ? rows : 0; row-- > 0;) {
        for (std::size_t column = columns; column-- > 0;) {
            at(row, column) = is_same(row, column)
                                  ? at(row + 1, column + 1) + 1
                                  : std::max(at(row + 1, column), at(row, column + 1));
        }
    }
    std::vector<Line> lines;
    for (std::size_t i = 0; i < head; ++i) {
        lines.push_back({' ', before[i]});
    }
    std::size_t row = 0;
    std::size_t column = 0;
    while (row < rows || column < columns) {
        const bool are_both = row < rows && column < columns;
        if (are_both && is_small && is_same(row, column)) {
            lines.push_back({' ', before[head + row++]});
            ++column;
        } else if (row < rows && (!are_both || !is_small || at(row + 1, column) >= at(row, column + 1))) {
            lines.push_back({'-', before[head + row++]});
        } else {
            lines.push_back({'+', after[head + column++]});
        }
    }
    for (std::size_t i = before.size() - tail; i < before.size(); ++i) {
        lines.push_back({' ', before[i]});
    }
    return lines;
}

/// Pieces of the merged lines with three lines around each change.
std::string hunks(const std::vector<Line>& lines) {
    constexpr std::size_t around = 3;
    std::vector<bool> is_shown(lines.size(), false);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].sign != ' ') {
            const std::size_t begin = i < around ? 0 : i - around;
            const std::size_t end = std::min(lines.size(), i + around + 1);
            std::fill(
                is_shown.begin() + static_cast<std::ptrdiff_t>(begin),
                is_shown.begin() + static_cast<std::ptrdiff_t>(end),
                true
            );
        }
    }
    std::string text;
    std::size_t before_line = 1;
    std::size_t after_line = 1;
    for (std::size_t i = 0; i < lines.size();) {
        std::size_t end = i;
        std::size_t removed = 0;
        std::size_t added = 0;
        std::string piece;
        for (; end < lines.size() && is_shown[end]; ++end) {
            removed += lines[end].sign == '+' ? 0U : 1U;
            added += lines[end].sign == '-' ? 0U : 1U;
            piece += fmt::format("{}{}\n", lines[end].sign, lines[end].text);
        }
        if (end > i) {
            text += fmt::format(
                "@@ -{},{} +{},{} @@\n{}", before_line, removed, after_line, added, piece
            );
            before_line += removed;
            after_line += added;
            i = end;
        } else {
            ++before_line;
            ++after_line;
            ++i;
        }
    }
    return text;
}

} // namespace

std::optional<std::vector<RulesChange>> compare_rules(
    const std::vector<RulesFile>& before, const std::vector<RulesFile>& after
) {
    const std::optional<Thing> was = read(before);
    const std::optional<Thing> is = read(after);
    if (!was || !is) {
        return std::nullopt;
    }
    std::vector<RulesChange> changes;
    std::vector<std::string> path;
    compare(&*was, &*is, path, changes);
    return changes;
}

std::string unified_diff(
    const std::vector<RulesFile>& before, const std::vector<RulesFile>& after
) {
    std::map<std::string, std::pair<std::string, std::string>> texts;
    for (const RulesFile& file : before) {
        texts[file.name].first = file.text;
    }
    for (const RulesFile& file : after) {
        texts[file.name].second = file.text;
    }
    std::string text;
    for (const auto& [name, both] : texts) {
        const std::string changed =
            hunks(merged_lines(lines_of(both.first), lines_of(both.second)));
        if (!changed.empty()) {
            text += fmt::format("--- {}\n+++ {}\n{}", name, name, changed);
        }
    }
    return text;
}

} // namespace reviewd::config
