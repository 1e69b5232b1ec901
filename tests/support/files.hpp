#pragma once

#include <filesystem>
#include <string>

namespace reviewd::test {

/// The file's bytes. Throws if it cannot be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

/// A file of the source tree, by its path in the repository: `source_path("tests/data/x.csv")`.
[[nodiscard]] std::filesystem::path source_path(const std::filesystem::path& relative);

} // namespace reviewd::test
