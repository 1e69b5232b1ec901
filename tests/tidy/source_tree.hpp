#pragma once

// tests/tidy: the rules of the house, each a test that reads the sources: which folder may include
// which, what may be called where, how long a file or function may be.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::tidy {

/// One file of the repository that people edit.
struct SourceFile {
    std::string path;               ///< from the repository's root, with `/`
    std::vector<std::string> lines; ///< without line ends

    [[nodiscard]] bool is_below(std::string_view folder) const;
    [[nodiscard]] bool has_extension(std::string_view extension) const;
    /// The folder that is its link target: "daemon/notify/plugins/smtp/smtp.cpp" ->
    /// "daemon/notify/plugins/smtp".
    [[nodiscard]] std::string folder() const;
};

/// Every file below scoring, config, daemon, systemd and tests, and the ones at the top level; read
/// once. Build folders and dot-folders other than .ci are left out.
[[nodiscard]] const std::vector<SourceFile>& source_tree();

/// C++ files only.
[[nodiscard]] std::vector<const SourceFile*> cpp_files();

/// The line without its `//` comment and with the content of string literals removed.
[[nodiscard]] std::string without_comment_and_strings(std::string_view line);
/// The string literals that begin on each line, each between `"` with its content as it is written,
/// but for a `"` in it, which becomes `'`. A raw literal of several lines stands where it begins.
[[nodiscard]] std::vector<std::string> literals_by_line(const std::vector<std::string>& lines);

} // namespace reviewd::tidy
