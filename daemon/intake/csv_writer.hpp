#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace reviewd::intake {

/// Appends one row as RFC 4180 writes it (CR LF, quotation marks where needed) to `out`.
///
/// A field that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab, a
/// CR or a NUL, and is no negative number) gets an apostrophe in front, as does one that begins
/// with an apostrophe followed by such a text, so that `without_formula_guard` gives back every
/// text as it was.
void append_csv_row(
    std::string& out, std::span<const std::string_view> fields, char delimiter = ','
);
void append_csv_row(
    std::string& out, std::initializer_list<std::string_view> fields, char delimiter = ','
);

/// The field with the apostrophe in front, if it needs one.
[[nodiscard]] std::string with_formula_guard(std::string_view field);

/// The field without exactly one apostrophe that stands guard in front of it.
[[nodiscard]] std::string_view without_formula_guard(std::string_view field);

} // namespace reviewd::intake
