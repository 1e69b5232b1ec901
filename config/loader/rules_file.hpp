#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reviewd::config {

/// One rules file.
struct RulesFile {
    std::string name; ///< how messages call it
    std::string text;
};

/// Several files as one text, and back. One file is its own text.
[[nodiscard]] std::string joined_content(const std::vector<RulesFile>& files);
[[nodiscard]] std::vector<RulesFile> split_content(
    const std::string& name, const std::string& content
);

/// The files `*.yaml` of the folder of rules, by name, as they are: not checked. What cannot be
/// read is left out.
[[nodiscard]] std::vector<RulesFile> read_rules_folder(const std::string& directory);

/// SHA-256 in hexadecimal.
[[nodiscard]] std::string sha256(std::string_view text);

} // namespace reviewd::config
