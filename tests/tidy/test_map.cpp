// The map of the tree in README.md: a line names folders, or a file, below the line above it that
// is indented less. What stands on the last level of the map may have folders of its own.
#include "tests/support/catch.hpp"
#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::test::test_map {

using tidy::source_tree;
using tidy::SourceFile;

namespace {

constexpr std::string_view heading = "## Map of the tree";
constexpr std::size_t indentation = 2;

/// The lines between the fences that follow the heading.
std::vector<std::string> map_lines(const std::vector<std::string>& readme) {
    std::vector<std::string> lines;
    auto line = std::find(readme.begin(), readme.end(), heading);
    line = std::find(line, readme.end(), "```");
    while (line != readme.end() && ++line != readme.end() && *line != "```") {
        lines.push_back(*line);
    }
    return lines;
}

/// The paths that the map names, folders without their last `/`.
std::set<std::string> mapped_paths(const std::vector<std::string>& lines) {
    std::set<std::string> paths;
    std::vector<std::string> above;
    for (const std::string& line : lines) {
        const std::size_t begin = line.find_first_not_of(' ');
        above.resize(std::min(above.size(), begin / indentation));
        const std::string prefix = above.empty() ? "" : above.back() + "/";
        std::istringstream words{line};
        std::string last;
        for (std::string word; words >> word && (word.back() == '/' || last.empty());) {
            last = prefix + word.substr(0, word.find('/'));
            paths.insert(last);
        }
        above.push_back(last);
    }
    return paths;
}

const SourceFile& readme() {
    const auto& tree = source_tree();
    return *std::find_if(tree.begin(), tree.end(), [](const SourceFile& file) {
        return file.path == "README.md";
    });
}

/// Whether the folder is on the map, or below something on its last level.
bool is_mapped(std::string folder, const std::set<std::string>& paths) {
    if (paths.count(folder) == 1) {
        return true;
    }
    while (!folder.empty() && paths.count(folder) == 0) {
        const std::size_t end = folder.rfind('/');
        folder = end == std::string::npos ? "" : folder.substr(0, end);
    }
    const auto next = paths.upper_bound(folder + "/");
    const bool has_more = next != paths.end() && next->rfind(folder + "/", 0) == 0;
    return !folder.empty() && !has_more;
}

} // namespace

TEST_CASE("the map of the tree is read as it is written", "[tidy][map]") {
    const std::set<std::string> paths = mapped_paths(
        {"a/   words", "  b/ c/     words with x/y in them", "    d/", "  e.cpp  words", "f/"}
    );
    CHECK(paths == std::set<std::string>{"a", "a/b", "a/c", "a/c/d", "a/e.cpp", "f"});
    CHECK(is_mapped("a", paths));
    CHECK(is_mapped("a/b/x", paths));
    CHECK_FALSE(is_mapped("a/x", paths));
    CHECK_FALSE(is_mapped("a/c/x", paths));
    CHECK_FALSE(is_mapped("g", paths));
}

TEST_CASE("every folder of the tree is on the map in README.md", "[tidy][map]") {
    const std::set<std::string> paths = mapped_paths(map_lines(readme().lines));
    CHECK(paths.size() > 30);
    std::set<std::string> folders;
    for (const SourceFile& file : source_tree()) {
        folders.insert(file.folder());
    }
    for (const std::string& folder : folders) {
        INFO(folder);
        CHECK((folder.empty() || folder.front() == '.' || is_mapped(folder, paths)));
    }
}

TEST_CASE("everything on the map in README.md is there", "[tidy][map]") {
    for (const std::string& path : mapped_paths(map_lines(readme().lines))) {
        const auto& tree = source_tree();
        INFO(path);
        CHECK(std::any_of(tree.begin(), tree.end(), [&](const SourceFile& file) {
            return file.path == path || file.is_below(path);
        }));
    }
}

TEST_CASE("at the top level lies what tools expect there, and nothing else", "[tidy][map]") {
    const std::set<std::string> expected{
        "CMakeLists.txt",
        "CMakePresets.json",
        "README.md",
        ".clang-format",
        ".clang-tidy",
        ".editorconfig",
        ".gitignore",
        // A developer's own, which git leaves out.
        "CMakeUserPresets.json",
        "compile_commands.json",
    };
    for (const SourceFile& file : source_tree()) {
        INFO(file.path);
        CHECK((!file.folder().empty() || expected.count(file.path) == 1));
    }
}

} // namespace reviewd::test::test_map
