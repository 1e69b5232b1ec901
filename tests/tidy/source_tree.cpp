#include "tests/tidy/source_tree.hpp"

#include "tests/support/files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
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

/// Goes over a whole file and collects its string literals.
class LiteralReader {
public:
    explicit LiteralReader(const std::vector<std::string>& lines) : found_(lines.size()) {
        for (const std::string& line : lines) {
            text_ += line + '\n';
        }
    }

    [[nodiscard]] std::vector<std::string> read() {
        while (at_ < text_.size()) {
            const std::string_view rest = std::string_view{text_}.substr(at_);
            if (rest.substr(0, 2) == "//") {
                skip_to(text_.find('\n', at_));
            } else if (rest.substr(0, 2) == "/*") {
                skip_to(end_of("*/", at_ + 2));
            } else if (rest.front() == '\'' && !follows_letter()) {
                skip_to(end_of_quoted('\''));
            } else if (rest.front() == '"') {
                is_raw() ? take_raw() : take_plain();
            } else {
                skip_to(at_ + 1);
            }
        }
        return std::move(found_);
    }

private:
    [[nodiscard]] static bool is_letter(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    }
    [[nodiscard]] bool follows_letter() const { return at_ > 0 && is_letter(text_[at_ - 1]); }
    /// `R`, which may follow the mark of an encoding, but ends no longer name.
    [[nodiscard]] bool is_raw() const {
        std::size_t begin = at_;
        while (begin > 0 && is_letter(text_[begin - 1])) {
            --begin;
        }
        const std::string_view prefix = std::string_view{text_}.substr(begin, at_ - begin);
        return prefix == "R" || prefix == "u8R" || prefix == "uR" || prefix == "UR"
               || prefix == "LR";
    }
    /// Behind the next `mark`, or the end of the file.
    [[nodiscard]] std::size_t end_of(const std::string& mark, std::size_t from) const {
        const std::size_t found = text_.find(mark, from);
        return found == std::string::npos ? text_.size() : found + mark.size();
    }
    [[nodiscard]] std::size_t end_of_quoted(char quote) const {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
            end += text_[end] == '\\' ? 2U : 1U;
        }
        return std::min(end + 1, text_.size());
    }
    void take_plain() {
        const std::size_t end = end_of_quoted('"');
        add(at_ + 1, end - 1);
        skip_to(end);
    }
    void take_raw() {
        const std::size_t begin = text_.find('(', at_);
        if (begin == std::string::npos) {
            return skip_to(text_.size());
        }
        const std::string mark = ")" + text_.substr(at_ + 1, begin - at_ - 1) + "\"";
        const std::size_t end = end_of(mark, begin);
        add(begin + 1, end - mark.size());
        skip_to(end);
    }
    /// The only quotes are those at its ends.
    void add(std::size_t begin, std::size_t end) {
        std::string content = text_.substr(begin, end > begin ? end - begin : 0);
        std::replace(content.begin(), content.end(), '"', '\'');
        found_[line_] += '"' + content + '"';
    }
    void skip_to(std::size_t end) {
        end = std::min(end, text_.size());
        line_ += static_cast<std::size_t>(std::count(
            text_.begin() + static_cast<std::ptrdiff_t>(at_),
            text_.begin() + static_cast<std::ptrdiff_t>(end),
            '\n'
        ));
        at_ = end;
    }

    std::string text_;
    std::vector<std::string> found_;
    std::size_t at_ = 0;
    std::size_t line_ = 0;
};

std::string strip(std::string_view line) {
    std::string out;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != 0) {
            if (c == '\\') {
                ++i;
                continue;
            }
            quote = c == quote ? '\0' : quote;
            out += quote == 0 ? std::string(1, c) : "";
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
    return strip(line);
}

std::vector<std::string> literals_by_line(const std::vector<std::string>& lines) {
    return LiteralReader{lines}.read();
}

} // namespace reviewd::tidy
