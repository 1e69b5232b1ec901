#include "daemon/message/link_words.hpp"

#include "scoring/base/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace reviewd::message {
namespace {

using std::string_view;

bool is_ascii_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Of a host's name; letters of other scripts are bytes from 0x80 on.
bool is_host_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_ascii_digit(c) || c == '-'
           || c == '.' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// The bytes of the character that the text begins with.
std::size_t length_of_first(string_view text) {
    std::size_t length = 1;
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80) {
        ++length;
    }
    return length;
}

/// A digit of the scripts in which people here write numbers.
bool is_digit(string_view character) {
    constexpr std::array<std::array<string_view, 2>, 4> ranges{
        {{"\u0660", "\u0669"}, {"\u06F0", "\u06F9"}, {"\u0966", "\u096F"}, {"\u09E6", "\u09EF"}}};
    return (character.size() == 1 && is_ascii_digit(character[0]))
           || std::any_of(ranges.begin(), ranges.end(), [character](const auto& range) {
                  return character.size() == range[0].size() && character >= range[0]
                         && character <= range[1];
              });
}

std::vector<string_view> labels_of(string_view host) {
    std::vector<string_view> labels;
    while (!host.empty()) {
        const std::size_t end = std::min(host.find('.'), host.size());
        labels.push_back(host.substr(0, end));
        host.remove_prefix(std::min(end + 1, host.size()));
    }
    return labels; // a point at the end has no label behind it
}

/// As `com`: letters alone, two at least, or what stands for letters of another script.
bool is_top_level(string_view label) {
    constexpr string_view encoded = "xn--";
    if (label.starts_with(encoded)) {
        return label.size() > encoded.size();
    }
    std::size_t letters = 0;
    while (!label.empty()) {
        const std::size_t length = length_of_first(label);
        if (is_digit(label.substr(0, length)) || label[0] == '-' || label[0] == '_') {
            return false;
        }
        ++letters;
        label.remove_prefix(length);
    }
    return letters >= 2;
}

bool is_byte(string_view label) {
    constexpr std::size_t most_digits = 3;
    return !label.empty() && label.size() <= most_digits
           && std::all_of(label.begin(), label.end(), is_ascii_digit)
           && (label.size() < most_digits || label <= "255");
}

/// Whether what stands around four numbers makes an address of them, and not a version.
bool is_used_as_address(string_view before, string_view behind) {
    const bool has_port = behind.size() > 1 && behind[0] == ':' && is_ascii_digit(behind[1]);
    return has_port || before.ends_with('@') || behind.starts_with('/') || behind.starts_with('?')
           || behind.starts_with('#');
}

bool is_host(string_view before, string_view name, string_view behind) {
    const std::vector<string_view> labels = labels_of(name);
    if (labels.size() < 2) {
        return false;
    }
    constexpr std::size_t bytes_of_address = 4;
    if (labels.size() == bytes_of_address && std::all_of(labels.begin(), labels.end(), is_byte)) {
        return is_used_as_address(before, behind);
    }
    return is_top_level(labels.back()) && !labels[labels.size() - 2].empty();
}

/// `host.name/` or `host.name:80` or `me@host.name`.
bool has_address(string_view word) {
    const std::size_t last = word.find_last_not_of(".,;:!?");
    const string_view core = word.substr(0, last + 1); // without the end of a sentence
    if (core.find_first_of("/:@?#") == string_view::npos) {
        return false;
    }
    for (std::size_t begin = 0; begin < core.size();) {
        std::size_t end = begin;
        while (end < core.size() && is_host_char(core[end])) {
            ++end;
        }
        if (is_host(core.substr(0, begin), core.substr(begin, end - begin), core.substr(end))) {
            return true;
        }
        begin = end + 1;
    }
    return false;
}

bool is_link(string_view word) {
    const std::string lower = lower_case(word);
    constexpr string_view prefix = "www.";
    const std::size_t www = lower.find(prefix);
    const bool has_www = www != std::string::npos && www + prefix.size() < lower.size();
    return has_www || lower.find("://") != std::string::npos
           || lower.find("javascript:") != std::string::npos
           || lower.find("mailto:") != std::string::npos || has_address(lower);
}

void add_quoted(std::string& text, string_view word) {
    text += '"';
    for (const char c : word) {
        if (c == '.' || c == ':') {
            text += '[';
            text += c;
            text += ']';
        } else {
            text += c;
        }
    }
    text += '"';
}

} // namespace

std::string without_links(string_view text) {
    if (text.find_first_of(":.") == string_view::npos) {
        return std::string{text}; // as nearly all names
    }
    std::string result;
    result.reserve(text.size());
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const string_view word = text.substr(begin, end - begin);
        if (word.find_first_of(":.") != string_view::npos && is_link(word)) {
            // What parts it from the next word may be ours.
            const std::size_t size = word.find_last_not_of(",;") + 1;
            add_quoted(result, word.substr(0, size));
            result += word.substr(size);
        } else {
            result += word;
        }
        result += end < text.size() ? " " : "";
        begin = end + 1;
    }
    return result;
}

} // namespace reviewd::message
