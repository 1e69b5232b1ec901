#pragma once

#include "scoring/cel/environment.hpp"

#include <string_view>

namespace reviewd::config {

/// What `where:` and `expression:` of a source may name: `row["Any header"]`, and each header that
/// is an identifier by itself, always as a text. The headers are known only when the file is
/// opened, so every name that `source` uses counts as one of them here.
[[nodiscard]] cel::Environment file_environment(std::string_view source);

} // namespace reviewd::config
