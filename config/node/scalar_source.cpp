// Folding and indentation change white space only. So in plain and block scalars the n-th byte that
// is no white space is the same in the file and in the text, and counting them finds any place.
#include "config/node/scalar_source.hpp"

#include <algorithm>

namespace reviewd::config {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Bytes of `source` that the escape at `at` (a backslash) takes.
std::size_t escape_length(std::string_view source, std::size_t at) {
    const char kind = at + 1 < source.size() ? source[at + 1] : '\0';
    switch (kind) {
    case 'x':
        return 4;
    case 'u':
        return 6;
    case 'U':
        return 10;
    default:
        return 2;
    }
}

/// Bytes of text that an escape made, judged by the first byte of what follows it.
std::size_t code_point_length(std::string_view text, std::size_t at) {
    std::size_t length = 1;
    while (at + length < text.size()
           && (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) {
        ++length;
    }
    return length;
}

std::size_t offset_in_quoted(
    std::string_view source, std::size_t begin, std::string_view text, std::size_t text_offset
) {
    const char quote = source[begin];
    std::size_t at = begin + 1;
    for (std::size_t seen = 0; seen < text_offset && at < source.size();) {
        if (quote == '"' && source[at] == '\\') {
            at += escape_length(source, at);
            seen += code_point_length(text, seen);
        } else {
            at += quote == '\'' && source[at] == '\'' ? std::size_t{2} : std::size_t{1};
            ++seen;
        }
    }
    return std::min(at, source.size());
}

/// First byte of a block scalar's content: the line after its header.
std::size_t content_begin(std::string_view source, std::size_t offset) {
    const std::size_t end = source.find('\n', offset);
    return end == std::string_view::npos ? source.size() : end + 1;
}

std::size_t offset_in_words(
    std::string_view source, std::size_t begin, std::string_view text, std::size_t text_offset
) {
    const std::string_view before = text.substr(0, text_offset);
    const auto letters = static_cast<std::size_t>(
        std::count_if(before.begin(), before.end(), [](char c) { return !is_space(c); })
    );
    const bool wants_letter = text_offset < text.size() && !is_space(text[text_offset]);
    std::size_t seen = 0;
    std::size_t after_last = begin;
    for (std::size_t at = begin; at < source.size(); ++at) {
        if (is_space(source[at])) {
            continue;
        }
        if (seen == letters) {
            if (wants_letter) {
                return at;
            }
            break;
        }
        ++seen;
        after_last = at + 1;
    }
    // White space: as far behind the last word as in the text, but within its line.
    std::size_t spaces = 0;
    while (spaces < text_offset && is_space(text[text_offset - spaces - 1])) {
        ++spaces;
    }
    while (spaces > 0 && after_last < source.size() && source[after_last] == ' ') {
        ++after_last;
        --spaces;
    }
    return after_last;
}

} // namespace

Node::Style style_at(std::string_view source, std::size_t offset) {
    switch (offset < source.size() ? source[offset] : '\0') {
    case '"':
        return Node::Style::double_quoted;
    case '\'':
        return Node::Style::single_quoted;
    case '|':
        return Node::Style::literal_block;
    case '>':
        return Node::Style::folded_block;
    default:
        return Node::Style::plain;
    }
}

std::optional<std::size_t> end_of_quoted(std::string_view source, std::size_t offset) {
    const char quote = source[offset];
    for (std::size_t at = offset + 1; at < source.size(); ++at) {
        if (source[at] == '\n') {
            return std::nullopt;
        }
        if (quote == '"' && source[at] == '\\') {
            if (at + 1 < source.size() && (source[at + 1] == '\n' || source[at + 1] == '\r')) {
                return std::nullopt;
            }
            ++at;
        } else if (source[at] == quote) {
            const bool is_doubled =
                quote == '\'' && at + 1 < source.size() && source[at + 1] == quote;
            if (!is_doubled) {
                return at + 1;
            }
            ++at;
        }
    }
    return std::nullopt;
}

std::size_t source_offset(
    std::string_view source,
    std::size_t scalar_offset,
    Node::Style style,
    std::string_view text,
    std::size_t text_offset
) {
    const std::size_t wanted = std::min(text_offset, text.size());
    switch (style) {
    case Node::Style::single_quoted:
    case Node::Style::double_quoted:
        return offset_in_quoted(source, scalar_offset, text, wanted);
    case Node::Style::literal_block:
    case Node::Style::folded_block:
        return offset_in_words(source, content_begin(source, scalar_offset), text, wanted);
    case Node::Style::plain:
        break;
    }
    return offset_in_words(source, scalar_offset, text, wanted);
}

} // namespace reviewd::config
