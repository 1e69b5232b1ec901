#include "daemon/intake/row_expressions.hpp"

#include "daemon/intake/missing_columns.hpp"
#include "scoring/base/text.hpp"
#include "scoring/cel/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace reviewd::intake {
namespace {

constexpr std::string_view row_name = "row";
constexpr std::size_t whole_row = std::numeric_limits<std::size_t>::max();

/// Words that the language keeps for itself.
constexpr std::array<std::string_view, 22> reserved_words{
    "as",     "break",  "const", "continue", "else",  "false", "for",     "function",
    "if",     "import", "in",    "let",      "loop",  "null",  "package", "namespace",
    "return", "true",   "var",   "void",     "while", row_name};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_identifier(std::string_view text) {
    const auto is_part = [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9');
    };
    return !text.empty() && is_letter(text.front())
           && std::all_of(text.begin(), text.end(), is_part)
           && std::find(reserved_words.begin(), reserved_words.end(), text) == reserved_words.end();
}

/// The problems below each other, each with the place in the expression.
std::string described(const std::string& source, const cel::Problems& problems) {
    std::string text = fmt::format("`{}`", escape_controls(source));
    for (const cel::Problem& problem : problems) {
        const std::size_t column = count_code_points(
            std::string_view{source}.substr(0, std::min(problem.begin, source.size()))
        );
        text += fmt::format(": at {}: {}", column + 1, problem.message);
        text += problem.hint.empty() ? "" : fmt::format(" ({})", problem.hint);
    }
    return text;
}

/// Which keys of the row an expression reads, and where first; which it asks for.
struct RowKeys {
    std::map<std::string, const cel::Node*> read;
    std::set<std::string> asked;
};

bool is_row(const cel::Node& node, std::uint32_t slot) {
    return node.kind == cel::Node::Kind::variable && node.slot == slot;
}

/// The constant text among two operands of which the other is the row.
const std::string* key_beside_row(const cel::Node& key, const cel::Node& row, std::uint32_t slot) {
    const bool is_key = key.kind == cel::Node::Kind::constant && is_row(row, slot);
    return is_key ? key.value.get_if<std::string>() : nullptr;
}

void note_keys(const cel::Node& node, std::uint32_t row_slot, RowKeys& keys) {
    using Kind = cel::Node::Kind;
    if (node.kind == Kind::operation && node.operation == cel::Operator::index) {
        if (const auto* key = key_beside_row(*node.children[1], *node.children[0], row_slot)) {
            keys.read.emplace(*key, &node);
        }
    } else if (node.kind == Kind::operation && node.operation == cel::Operator::in) {
        if (const auto* key = key_beside_row(*node.children[0], *node.children[1], row_slot)) {
            keys.asked.insert(*key);
        }
    } else if (node.kind == Kind::select && is_row(*node.children.front(), row_slot)) {
        keys.read.emplace(node.name, &node);
    } else if (node.kind == Kind::has_field && is_row(*node.children.front(), row_slot)) {
        keys.asked.insert(node.name);
    }
}

RowKeys keys_of(const cel::Expression& expression, std::uint32_t row_slot) {
    RowKeys keys;
    std::vector<const cel::Node*> left{&expression.root()};
    while (!left.empty()) {
        const cel::Node& node = *left.back();
        left.pop_back();
        note_keys(node, row_slot, keys);
        // The first operand last: it is looked at next, so that the first place is the one kept.
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
            if (*child) {
                left.push_back(child->get());
            }
        }
    }
    return keys;
}

} // namespace

RowExpressions::RowExpressions(const std::vector<std::string>& headers) : headers_(headers) {
    const cel::Type text{cel::Type::Kind::string, {}};
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (is_identifier(headers[i]) && !environment_.slot_of(headers[i])) {
            environment_.declare(headers[i], text);
            field_of_slot_.push_back(i);
        }
    }
    environment_.declare(std::string{row_name}, cel::map_of(text, text));
    field_of_slot_.push_back(whole_row);
    values_.resize(field_of_slot_.size());
}

Result<cel::Expression> RowExpressions::compile(const std::string& source) {
    auto compiled = cel::compile(source, environment_);
    if (!compiled) {
        return fail(ErrorCode::bad_config, described(source, compiled.error()));
    }
    if (const cel::Problems missing = missing_headers(*compiled); !missing.empty()) {
        return fail(ErrorCode::bad_config, described(source, missing));
    }
    for (const std::uint32_t slot : compiled->slots()) {
        const auto place = std::lower_bound(used_slots_.begin(), used_slots_.end(), slot);
        if (place == used_slots_.end() || *place != slot) {
            used_slots_.insert(place, slot);
        }
    }
    return *std::move(compiled);
}

/// Evaluated, each of these would make every row a bad one.
cel::Problems RowExpressions::missing_headers(const cel::Expression& expression) const {
    const auto slot = environment_.slot_of(row_name);
    const RowKeys keys = slot ? keys_of(expression, *slot) : RowKeys{};
    cel::Problems problems;
    for (const auto& [key, node] : keys.read) {
        const bool is_there = std::find(headers_.begin(), headers_.end(), key) != headers_.end();
        if (!is_there && keys.asked.count(key) == 0) {
            problems.push_back(
                {node->begin,
                 node->end,
                 fmt::format("the file has no column `{}`", escape_controls(key)),
                 column_hint(std::string_view{key}, headers_)}
            );
        }
    }
    return problems;
}

void RowExpressions::set_row(std::span<const std::string_view> fields) {
    for (const std::uint32_t slot : used_slots_) {
        const std::size_t field = field_of_slot_[slot];
        values_[slot] = field == whole_row ? make_row(fields)
                                           : cel::Value::of(std::string{trim(fields[field])});
    }
}

cel::Value RowExpressions::make_row(std::span<const std::string_view> fields) const {
    cel::Map map;
    map.reserve(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        // Of two columns of one name, which nothing keeps a file from having, the first counts.
        const auto first = std::find(headers_.begin(), headers_.end(), headers_[i]);
        if (first == headers_.begin() + static_cast<std::ptrdiff_t>(i)) {
            map.emplace_back(
                cel::Value::of(headers_[i]), cel::Value::of(std::string{trim(fields[i])})
            );
        }
    }
    return cel::Value::map(std::move(map));
}

} // namespace reviewd::intake
