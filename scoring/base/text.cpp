// Code points are decoded by one routine, `decode`; everything else is built on it.
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace reviewd {
namespace {

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0; ///< 0: the bytes here are no well-formed UTF-8
};

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// Length of the sequence that `lead` begins and the smallest value that needs it; length 0 if it
/// begins none.
struct Lead {
    std::size_t bytes;
    char32_t bits;
    char32_t smallest;
};

Lead classify(unsigned char lead) {
    if (lead < 0x80U) {
        return {1, lead, 0};
    }
    if ((lead & 0xE0U) == 0xC0U) {
        return {2, lead & 0x1FU, 0x80};
    }
    if ((lead & 0xF0U) == 0xE0U) {
        return {3, lead & 0x0FU, 0x800};
    }
    if ((lead & 0xF8U) == 0xF0U) {
        return {4, lead & 0x07U, 0x10000};
    }
    return {0, 0, 0};
}

/// @pre at < text.size()
CodePoint decode(std::string_view text, std::size_t at) {
    const Lead lead = classify(static_cast<unsigned char>(text[at]));
    if (lead.bytes == 0 || at + lead.bytes > text.size()) {
        return {};
    }
    char32_t value = lead.bits;
    for (std::size_t i = 1; i < lead.bytes; ++i) {
        if (!is_continuation(text[at + i])) {
            return {};
        }
        value = (value << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    }
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < lead.smallest || value > 0x10FFFF || is_surrogate) {
        return {};
    }
    return {value, lead.bytes};
}

bool is_between(char32_t c, char32_t low, char32_t high) {
    return c >= low && c <= high;
}

bool is_control(char32_t c) {
    return c < 0x20 || is_between(c, 0x7F, 0x9F) || c == 0x2028 || c == 0x2029;
}

bool is_bidi_override(char32_t c) {
    return is_between(c, 0x202A, 0x202E) || is_between(c, 0x2066, 0x2069) || c == 0x200E
           || c == 0x200F || c == 0x061C;
}

/// Marks that stand on the letter before them, and invisible joiners. Blocks that people's names
/// use; not all of Unicode.
bool is_zero_width(char32_t c) {
    return is_between(c, 0x0300, 0x036F) || is_between(c, 0x0483, 0x0489)
           || is_between(c, 0x0591, 0x05BD) || is_between(c, 0x0610, 0x061A)
           || is_between(c, 0x064B, 0x065F) || c == 0x0670 || is_between(c, 0x06D6, 0x06DC)
           || is_between(c, 0x06DF, 0x06E4) || c == 0x0901 || c == 0x0902 || c == 0x093C
           || is_between(c, 0x0941, 0x0948) || c == 0x094D || c == 0x0981 || c == 0x09BC
           || is_between(c, 0x09C1, 0x09C4) || c == 0x09CD || is_between(c, 0x0E34, 0x0E3A)
           || is_between(c, 0x0E47, 0x0E4E) || is_between(c, 0x200B, 0x200F)
           || is_between(c, 0x202A, 0x202E) || is_between(c, 0x2060, 0x206F)
           || is_between(c, 0x20D0, 0x20FF) || is_between(c, 0xFE00, 0xFE0F)
           || is_between(c, 0xFE20, 0xFE2F) || c == 0xFEFF || is_between(c, 0x1F3FB, 0x1F3FF)
           || is_between(c, 0xE0100, 0xE01EF);
}

bool is_wide(char32_t c) {
    return is_between(c, 0x1100, 0x115F) || is_between(c, 0x2E80, 0x303E)
           || is_between(c, 0x3041, 0xA4CF) || is_between(c, 0xAC00, 0xD7A3)
           || is_between(c, 0xF900, 0xFAFF) || is_between(c, 0xFE30, 0xFE6F)
           || is_between(c, 0xFF00, 0xFF60) || is_between(c, 0xFFE0, 0xFFE6)
           || is_between(c, 0x1F300, 0x1F64F) || is_between(c, 0x1F680, 0x1F6FF)
           || is_between(c, 0x1F900, 0x1F9FF) || is_between(c, 0x1FA70, 0x1FAFF)
           || is_between(c, 0x20000, 0x3FFFD) || c == 0x231A || c == 0x231B || c == 0x23F0
           || c == 0x2B50 || c == 0x2705;
}

/// Of most texts nearly every byte is one of these: a character of its own, one column wide.
bool is_plain(char byte) {
    return byte >= 0x20 && byte < 0x7F;
}

std::size_t width_of(char32_t c) {
    if (is_zero_width(c) || is_control(c)) {
        return 0;
    }
    return is_wide(c) ? 2 : 1;
}

std::string fold(std::string_view word) {
    std::string folded = lower_case(word);
    std::erase_if(folded, [](char c) { return c == '_' || c == '-' || c == ' '; });
    return folded;
}

/// Optimal string alignment distance: insert, delete, replace and swap of neighbours cost 1 each.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

void append_escape(std::string& out, char32_t c) {
    switch (c) {
    case U'\n':
        out += "\\n";
        return;
    case U'\r':
        out += "\\r";
        return;
    case U'\t':
        out += "\\t";
        return;
    default:
        break;
    }
    if (c < 0x100) {
        out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    }
}

} // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (static_cast<unsigned char>(text[at]) < 0x80U) {
            ++at;
            continue;
        }
        const CodePoint point = decode(text, at);
        if (point.bytes == 0) {
            return at;
        }
        at += point.bytes;
    }
    return std::nullopt;
}

std::size_t count_code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return !is_continuation(c);
    }));
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (is_plain(text[at])) {
            ++width;
            ++at;
            continue;
        }
        const CodePoint point = decode(text, at);
        width += point.bytes == 0 ? 1 : width_of(point.value);
        at += std::max<std::size_t>(point.bytes, 1);
    }
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
    // No character takes more columns than bytes.
    if (text.size() <= columns || display_width(text) <= columns) {
        return std::string{text};
    }
    std::size_t width = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const CodePoint point = decode(text, at);
        const std::size_t next = width + (point.bytes == 0 ? 1 : width_of(point.value));
        if (next + 1 > columns) {
            break;
        }
        width = next;
        at += std::max<std::size_t>(point.bytes, 1);
    }
    return columns == 0 ? std::string{} : std::string{text.substr(0, at)} + "…";
}

std::string escape_controls(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto* const end = std::find_if_not(text.begin() + at, text.end(), is_plain);
        out.append(text.begin() + at, end);
        at = static_cast<std::size_t>(end - text.begin());
        if (at == text.size()) {
            break;
        }
        const CodePoint point = decode(text, at);
        if (point.bytes == 0) {
            append_escape(out, static_cast<unsigned char>(text[at]));
            ++at;
            continue;
        }
        if (is_control(point.value) || is_bidi_override(point.value)) {
            append_escape(out, point.value);
        } else {
            out += text.substr(at, point.bytes);
        }
        at += point.bytes;
    }
    return out;
}

bool has_controls(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode(text, at);
        if (point.bytes != 0 && is_control(point.value) && point.value != U'\t') {
            return true;
        }
        at += std::max<std::size_t>(point.bytes, 1);
    }
    return false;
}

std::size_t largest_slip(std::string_view word) {
    return std::max<std::size_t>(1, fold(word).size() / 3);
}

std::size_t slip_distance(std::string_view word, std::string_view candidate, std::size_t bound) {
    const std::string a = fold(word);
    const std::string b = fold(candidate);
    const std::size_t least = a.size() < b.size() ? b.size() - a.size() : a.size() - b.size();
    return least >= bound ? bound : std::min(bound, edit_distance(a, b));
}

std::optional<std::string> closest_match(
    std::string_view word, std::span<const std::string> candidates
) {
    std::optional<std::string> best;
    std::size_t best_distance = largest_slip(word) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = slip_distance(word, candidate, best_distance);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
    const std::optional<std::string> match = closest_match(word, candidates);
    return match ? fmt::format("did you mean `{}`?", *match) : std::string{};
}

std::string lower_case(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

std::string shell_word(std::string_view text, std::string_view placeholder) {
    constexpr std::string_view plain =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._@+-";
    const bool is_word = !text.empty() && text.front() != '-'
                         && text.find_first_not_of(plain) == std::string_view::npos;
    return std::string{is_word ? text : placeholder};
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f\v";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace reviewd
