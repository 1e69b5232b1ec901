// Hard stops on sizes. A file that grows past its bound has grown a second purpose: split it.
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/tidy/source_tree.hpp"

#include <regex>

using namespace reviewd::tidy;

namespace {

constexpr std::size_t header_lines = 400;
constexpr std::size_t source_lines = 800;
constexpr std::size_t function_lines = 70;
constexpr std::size_t columns = 120;

std::size_t indentation(const std::string& line) {
    const std::size_t first = line.find_first_not_of(' ');
    return first == std::string::npos ? line.size() : first;
}

/// In formatted code a function's head ends in `) {` or the like, and its end is `}` at the same
/// depth as the head's line.
bool opens_function(const std::string& line) {
    static const std::regex kept{R"(^(namespace|struct|class|enum|union|extern|TEST_CASE)\b)"};
    const std::string code = without_comment_and_strings(line);
    const std::size_t depth = indentation(code);
    if (depth > 4 || depth % 4 != 0 || code.empty() || code.back() != '{') {
        return false;
    }
    const std::string text = code.substr(depth);
    const bool is_continuation = text.front() == ')' || text.front() == '}';
    return !std::regex_search(text, kept)
           && (is_continuation || text.find('(') != std::string::npos) && text.rfind("if ", 0) != 0
           && text.rfind("for ", 0) != 0 && text.rfind("while ", 0) != 0;
}

/// Number of the line that closes what line `start` opened, or `start` when there is none.
std::size_t closing_line(const SourceFile& file, std::size_t start) {
    const std::string end = std::string(indentation(file.lines[start]), ' ') + "}";
    for (std::size_t i = start + 1; i < file.lines.size(); ++i) {
        if (file.lines[i] == end || file.lines[i] == end + ";") {
            return i;
        }
        if (!file.lines[i].empty() && indentation(file.lines[i]) < indentation(file.lines[start])) {
            return start;
        }
    }
    return start;
}

} // namespace

TEST_CASE("files stay below their size", "[tidy][sizes]") {
    for (const SourceFile* file : cpp_files()) {
        INFO(file->path << " has " << file->lines.size() << " lines");
        CHECK(file->lines.size() <= (file->has_extension(".hpp") ? header_lines : source_lines));
    }
}

TEST_CASE("functions stay below their size", "[tidy][sizes]") {
    std::size_t seen = 0;
    for (const SourceFile* file : cpp_files()) {
        if (file->is_below("tests")) {
            continue; // test cases are stories
        }
        for (std::size_t i = 0; i < file->lines.size(); ++i) {
            if (!opens_function(file->lines[i])) {
                continue;
            }
            const std::size_t length = closing_line(*file, i) - i + 1;
            seen += length > 1 ? 1 : 0;
            INFO(file->path << ":" << i + 1 << ": " << length << " lines: " << file->lines[i]);
            CHECK(length <= function_lines);
        }
    }
    CHECK(seen >= 100); // the heuristics still find functions
}

TEST_CASE("lines fit a screen", "[tidy][sizes]") {
    for (const SourceFile* file : cpp_files()) {
        for (std::size_t i = 0; i < file->lines.size(); ++i) {
            INFO(file->path << ":" << i + 1);
            CHECK(reviewd::count_code_points(file->lines[i]) <= columns);
        }
    }
}
