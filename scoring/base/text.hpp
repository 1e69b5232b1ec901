#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reviewd {

/// Byte offset of the first byte that is not well-formed UTF-8 (overlong forms and surrogates are
/// not), or nothing.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// Number of Unicode code points. @pre `text` is valid UTF-8
[[nodiscard]] std::size_t count_code_points(std::string_view text);

/// Columns that a terminal gives the text: wide characters count 2, combining ones and joiners 0.
/// Invalid bytes count 1.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// The longest prefix of at most `columns` terminal columns; ends in "…" if anything was cut. Never
/// splits a character.
[[nodiscard]] std::string cut_to_width(std::string_view text, std::size_t columns);

/// `text` made safe for one line of a terminal or a log: control characters, line separators and
/// bidirectional overrides become \n, \t, \x1b or \u202e; bytes that are not UTF-8 become \xNN.
/// Letters of any script stay.
[[nodiscard]] std::string escape_controls(std::string_view text);

/// Whether the text has a control character (C0 except tab, DEL, C1) or a line or paragraph
/// separator.
[[nodiscard]] bool has_controls(std::string_view text);

/// How far a slip of the keyboard may lie from `word`: a third of its length, at least 1.
[[nodiscard]] std::size_t largest_slip(std::string_view word);

/// The edit distance of two words, or `bound` if that is less. Letter case, `_` and `-` weigh less.
[[nodiscard]] std::size_t slip_distance(
    std::string_view word, std::string_view candidate, std::size_t bound
);

/// The candidate nearest to `word`, if near enough to be a slip of the keyboard (an edit distance
/// of at most a third of its length; letter case, `_` and `-` weigh less).
[[nodiscard]] std::optional<std::string> closest_match(
    std::string_view word, std::span<const std::string> candidates
);

/// The hint "did you mean `x`?", or an empty string when nothing is near enough.
[[nodiscard]] std::string did_you_mean(
    std::string_view word, std::span<const std::string> candidates
);

/// ASCII capitals made small; all else stays.
[[nodiscard]] std::string lower_case(std::string_view text);

/// A word of a command that people copy: `placeholder` in place of a text that is empty, begins as
/// an option, or holds anything but ASCII letters, digits and `._@+-`, which a shell could read
/// otherwise.
[[nodiscard]] std::string shell_word(std::string_view text, std::string_view placeholder);

/// ASCII white space removed from both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

} // namespace reviewd
