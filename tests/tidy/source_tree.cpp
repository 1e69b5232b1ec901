#include "tests/tidy/source_tree.hpp"

#include "tests/support/files.hpp"

#include <array>
#include <fstream>

namespace reviewd::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::array folders{"scoring", "config", "daemon", "systemd", "tests", ".ci"};

SourceFile read(const fs::path& root, const fs::path& file) {
    SourceFile source{fs::relative(file, root).generic_string(), {}};
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        source.lines.push_back(line);
    }
    return source;
}

std::vector<SourceFile> read_all() {
    const fs::path root = test::source_path(".").lexically_normal();
    std::vector<SourceFile> files;
    for (const char* folder : folders) {
        if (!fs::exists(root / folder)) {
            continue;
        }
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
            if (entry.is_regular_file()) {
                files.push_back(read(root, entry.path()));
            }
        }
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(root)) {
        if (entry.is_regular_file() && entry.path().filename() != ".git") {
            files.push_back(read(root, entry.path()));
        }
    }
    return files;
}

/// One pass over the line; `keep_strings` says whether the content of literals stays.
enum class Strings { keep, drop };

std::string strip(std::string_view line, Strings strings) {
    std::string out;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != 0) {
            if (c == '\\') {
                out += strings == Strings::keep ? std::string{line.substr(i, 2)} : "";
                ++i;
                continue;
            }
            quote = c == quote ? '\0' : quote;
            out += strings == Strings::keep || quote == 0 ? std::string(1, c) : "";
            continue;
        }
        if (c == '/' && i + 1 < line.size() && line[i + 1] == '/') {
            break;
        }
        const bool is_digit_separator =
            c == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(line[i - 1])) != 0;
        if ((c == '"' || c == '\'') && !is_digit_separator) {
            quote = c;
        }
        out += c;
    }
    return out;
}

} // namespace

bool SourceFile::is_below(std::string_view folder) const {
    return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0
           && path[folder.size()] == '/';
}

bool SourceFile::has_extension(std::string_view extension) const {
    return fs::path{path}.extension() == extension;
}

std::string SourceFile::folder() const {
    return fs::path{path}.parent_path().generic_string();
}

const std::vector<SourceFile>& source_tree() {
    static const std::vector<SourceFile> files = read_all();
    return files;
}

std::vector<const SourceFile*> cpp_files() {
    std::vector<const SourceFile*> files;
    for (const SourceFile& file : source_tree()) {
        if (file.has_extension(".cpp") || file.has_extension(".hpp")) {
            files.push_back(&file);
        }
    }
    return files;
}

std::string without_comment_and_strings(std::string_view line) {
    return strip(line, Strings::drop);
}

std::string without_comment(std::string_view line) {
    return strip(line, Strings::keep);
}

} // namespace reviewd::tidy
