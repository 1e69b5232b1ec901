#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace reviewd::store {

/// `text` as it is compared when letter case and accents are overlooked: "ÖKO Café" is "oko cafe".
/// Unicode's compatibility caseless matching (The Unicode Standard, section 3.13, D146) without the
/// combining marks U+0300 to U+036F, which letters of Latin, Greek and Cyrillic bear. The marks of
/// other scripts stay: a vowel sign makes another word. What is not UTF-8 has ASCII letters folded.
[[nodiscard]] std::string folded(std::string_view text);

/// Teaches a connection the SQL function `folded(TEXT)`; NULL stays NULL.
/// @throws std::runtime_error when SQLite does not take it
void add_folded(sqlite3* connection);

} // namespace reviewd::store
