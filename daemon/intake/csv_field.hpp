#pragma once

#include <string>
#include <string_view>

namespace reviewd::intake {

/// A field as RFC 4180 writes it, with quotation marks where it needs them.
///
/// One that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab, a CR
/// or a NUL, and is no negative number) gets an apostrophe in front, as does one that begins with
/// an apostrophe followed by such a text, so that `without_formula_guard` gives back every text as
/// it was.
[[nodiscard]] std::string csv_field(std::string_view field, char delimiter = ',');

/// The field without exactly one apostrophe that stands guard in front of it.
[[nodiscard]] std::string_view without_formula_guard(std::string_view field);

} // namespace reviewd::intake
