#include "config/node/syntax_message.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace reviewd::config {
namespace {

constexpr std::string_view block_hint =
    "if this is an expression, write `>-` behind the key and the expression on the next line, "
    "indented";

/// What the line says, as far as a message wants to know it.
struct LineView {
    std::string_view whole;  ///< from the line's first byte
    std::string_view before; ///< up to the place
    std::string_view value;  ///< behind the first `: ` or `- `, or empty
};

std::size_t begin_of_line(std::string_view text, std::size_t at) {
    return at == 0 ? 0 : text.rfind('\n', at - 1) + 1; // npos + 1 is 0
}

LineView line_at(const SourcePlace& place) {
    const std::string_view text = place.source.text;
    const std::size_t at = std::min(place.offset, text.size());
    const std::size_t begin = begin_of_line(text, at);
    LineView view;
    view.whole = text.substr(begin, text.find('\n', at) - begin);
    view.before = text.substr(begin, at - begin);
    std::string_view rest = trim(view.whole);
    while (rest.substr(0, 2) == "- ") {
        rest = trim(rest.substr(2));
        view.value = rest;
    }
    const std::size_t colon = rest.find(": ");
    if (colon != std::string_view::npos) {
        view.value = trim(rest.substr(colon + 2));
    }
    return view;
}

bool has_key(std::string_view words) {
    return words.find(": ") != std::string_view::npos || (!words.empty() && words.back() == ':');
}

/// Where a key stands in its line, behind spaces and the dashes of lists.
std::size_t key_depth(std::string_view line) {
    return std::min(line.find_first_not_of(" -"), line.size());
}

/// The first letter of a line above the place that stands as deep as the key before it, as a text
/// that was not indented does: the first of such lines. Nothing when there is none.
std::optional<std::size_t> stray_line_above(const SourcePlace& place) {
    const std::string_view text = place.source.text;
    std::optional<std::size_t> stray;
    std::size_t depth = 0;
    std::size_t begin = begin_of_line(text, std::min(place.offset, text.size()));
    while (begin > 0) {
        const std::size_t end = begin - 1;
        begin = begin_of_line(text, end);
        const std::string_view line = text.substr(begin, end - begin);
        const std::string_view words = trim(line);
        if (words.empty() || words.front() == '#') {
            continue;
        }
        if (has_key(words)) {
            return stray && key_depth(line) == depth ? stray : std::nullopt;
        }
        const std::size_t indent = line.find_first_not_of(' ');
        if (!stray) {
            depth = indent;
        }
        const bool is_other =
            words.substr(0, 2) == "- " || words.front() == ']' || words.front() == '}';
        if (indent < depth || is_other) {
            return std::nullopt;
        }
        if (indent == depth) { // deeper ones belong to the key
            stray = begin + indent;
        }
    }
    return std::nullopt;
}

bool has_indenting_tab(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    return line.substr(0, first).find('\t') != std::string_view::npos;
}

char last_letter(std::string_view text) {
    const std::string_view trimmed = trim(text);
    return trimmed.empty() ? '\0' : trimmed.back();
}

struct Words {
    std::string message;
    std::string hint;
};

Words unexpected_text(const LineView& line) {
    const char last = last_letter(line.before);
    if (last == '"' || last == '\'') {
        return {
            fmt::format("YAML ended the text at the closing `{}`, and more stands behind it", last),
            std::string{block_hint}};
    }
    return {
        "expected `key: value` here",
        "a key needs `: ` behind it, and the same indentation as its neighbours"};
}

Words unexpected_colon(const LineView& line) {
    if (line.before.find(" ? ") != std::string_view::npos) {
        return {"YAML takes ` : ` for the end of a key, also in `? :`", std::string{block_hint}};
    }
    return {
        "YAML takes `: ` for the end of a key, and no key can stand here",
        "write a text with `: ` in quotes; an expression on the line below `>-`; check the "
        "indentation"};
}

Words unclosed_flow(const LineView& line) {
    if (line.whole.find(" ? ") != std::string_view::npos) {
        return {
            "inside `{ }` and `[ ]` YAML reads `? :` and commas as its own",
            std::string{block_hint}};
    }
    return {
        "expected `,` or the closing bracket here",
        "inside `{ }` and `[ ]` a comma ends each value; quote a text that has one"};
}

Words unknown_character(const SourcePlace& place) {
    const std::string_view text = place.source.text;
    const char found = place.offset < text.size() ? text[place.offset] : ' ';
    return {
        fmt::format("a value cannot begin with `{}`", found),
        "put the text in quotes, or an expression on the line below `>-`"};
}

bool begins_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

/// Whether yaml-cpp's reason is about a wrong tag, anchor or alias. From 0.8 on, the name of the
/// anchor follows.
bool is_about_properties(std::string_view reason) {
    static const std::array<std::string_view, 9> reasons{
        YAML::ErrorMsg::CHAR_IN_TAG_HANDLE,
        YAML::ErrorMsg::TAG_WITH_NO_SUFFIX,
        YAML::ErrorMsg::END_OF_VERBATIM_TAG,
        YAML::ErrorMsg::MULTIPLE_TAGS,
        YAML::ErrorMsg::ALIAS_NOT_FOUND,
        YAML::ErrorMsg::ANCHOR_NOT_FOUND,
        YAML::ErrorMsg::CHAR_IN_ALIAS,
        YAML::ErrorMsg::CHAR_IN_ANCHOR,
        YAML::ErrorMsg::UNKNOWN_ANCHOR};
    return std::any_of(reasons.begin(), reasons.end(), [reason](std::string_view beginning) {
        return begins_with(reason, beginning);
    });
}

Words words_for(const SourcePlace& place, const LineView& line, std::string_view reason) {
    if (is_about_properties(reason) || begins_with(line.value, "!")) {
        return {
            "YAML takes a leading `!` for a tag, `&` for an anchor and `*` for an alias; none is "
            "allowed",
            std::string{block_hint}};
    }
    if (reason == YAML::ErrorMsg::END_OF_MAP) {
        return unexpected_text(line);
    }
    if (reason == YAML::ErrorMsg::MAP_VALUE || reason == YAML::ErrorMsg::MAP_KEY) {
        return unexpected_colon(line);
    }
    if (reason == YAML::ErrorMsg::END_OF_MAP_FLOW || reason == YAML::ErrorMsg::END_OF_SEQ_FLOW) {
        return unclosed_flow(line);
    }
    if (reason == YAML::ErrorMsg::END_OF_SEQ || reason == YAML::ErrorMsg::BLOCK_ENTRY) {
        return {
            reason == YAML::ErrorMsg::END_OF_SEQ ? "expected the next `- ` of the list here"
                                                 : "a list's `- ` cannot stand here",
            "the items of a list have the same indentation, and a key's list begins on its own "
            "line"};
    }
    if (reason == YAML::ErrorMsg::UNKNOWN_TOKEN) {
        return unknown_character(place);
    }
    if (reason == YAML::ErrorMsg::CHAR_IN_BLOCK) {
        return {
            "YAML takes a leading `>` or `|` for the mark of a text that begins on the next line",
            "write the text or the expression on the next line, indented"};
    }
    if (reason == YAML::ErrorMsg::EOF_IN_SCALAR || reason == YAML::ErrorMsg::DOC_IN_SCALAR) {
        return {"a quoted text is never closed", "close the quote on the line it was opened on"};
    }
    if (reason == YAML::ErrorMsg::FLOW_END) {
        return {"this bracket closes nothing", ""};
    }
    if (begins_with(reason, YAML::ErrorMsg::INVALID_ESCAPE) || reason == YAML::ErrorMsg::INVALID_HEX
        || begins_with(reason, YAML::ErrorMsg::INVALID_UNICODE)) {
        return {
            "this is no escape of a double-quoted text",
            "write `\\\\` for a backslash, or use single quotes, where it is a letter"};
    }
    return {fmt::format("this is not YAML: {}", reason), ""};
}

} // namespace

Diagnostic syntax_finding(const SourcePlace& place, const std::string& reason, std::size_t opened) {
    const bool is_at_end =
        place.source.text.find_first_not_of(" \t\r\n", place.offset) == std::string::npos;
    const bool is_flow =
        reason == YAML::ErrorMsg::END_OF_MAP_FLOW || reason == YAML::ErrorMsg::END_OF_SEQ_FLOW;
    if (is_flow && is_at_end && opened != std::string::npos) {
        return finding_at(
            {place.source, opened},
            Severity::error,
            "this bracket is never closed",
            "the file may be cut off"
        );
    }
    if (const auto stray = stray_line_above(place); stray && reason == YAML::ErrorMsg::MAP_VALUE) {
        return finding_at(
            {place.source, *stray},
            Severity::error,
            "this line is neither a key nor part of the text above it",
            "indent a text or an expression deeper than its key; a key needs `: ` behind it"
        );
    }
    const LineView line = line_at(place);
    if (opened == std::string::npos && has_indenting_tab(line.whole)) { // a bracket allows tabs
        const std::size_t begin = begin_of_line(place.source.text, place.offset);
        return finding_at(
            {place.source, begin + line.whole.find('\t')},
            Severity::error,
            "a tab stands in the indentation",
            "indent with spaces; YAML takes no tabs there"
        );
    }
    Words words = words_for(place, line, reason);
    return finding_at(place, Severity::error, std::move(words.message), std::move(words.hint));
}

} // namespace reviewd::config
