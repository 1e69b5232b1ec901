// A header stands alone: it names the headers of the standard library that declare what it uses, or
// headers of ours that do, and does not wait for whoever includes it to have brought them.
#include "tests/support/catch.hpp"
#include "tests/tidy/source_tree.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace reviewd::test::test_headers {

using tidy::source_tree;
using tidy::SourceFile;

namespace {

using Names = std::set<std::string>;
using Tree = std::map<std::string, const SourceFile*>;

/// What headers use of the standard library, each with the headers that are enough for it.
const std::map<std::string, Names>& declared_in() {
    static const std::map<std::string, Names> names{
        {"array", {"array"}},
        {"atomic", {"atomic"}},
        {"chrono", {"chrono"}},
        {"deque", {"deque"}},
        {"exception_ptr", {"exception"}},
        {"filesystem", {"filesystem"}},
        {"function", {"functional"}},
        {"int64_t", {"cstdint"}},
        {"int32_t", {"cstdint"}},
        {"uint8_t", {"cstdint"}},
        {"uint16_t", {"cstdint"}},
        {"uint32_t", {"cstdint"}},
        {"uint64_t", {"cstdint"}},
        {"map", {"map"}},
        {"mutex", {"mutex"}},
        {"nullopt", {"optional"}},
        {"optional", {"optional"}},
        {"ostream", {"iosfwd", "iostream", "ostream", "sstream"}},
        {"pair", {"utility", "map"}},
        {"runtime_error", {"stdexcept"}},
        {"set", {"set"}},
        {"shared_ptr", {"memory"}},
        {"span", {"span"}},
        {"string", {"string"}},
        {"string_view", {"string_view"}},
        {"thread", {"thread"}},
        {"tuple", {"tuple"}},
        {"unique_ptr", {"memory"}},
        {"unordered_map", {"unordered_map"}},
        {"variant", {"variant"}},
        {"vector", {"vector"}},
    };
    return names;
}

/// The headers of the product, by path.
Tree product_headers() {
    Tree tree;
    for (const SourceFile& file : source_tree()) {
        const bool is_ours =
            file.is_below("scoring") || file.is_below("config") || file.is_below("daemon");
        if (is_ours && file.has_extension(".hpp")) {
            tree.emplace(file.path, &file);
        }
    }
    return tree;
}

/// The system's headers that a header includes, itself or through ours.
void collect(const Tree& tree, const std::string& path, Names& seen, Names& found) {
    static const re2::RE2 include{R"re(^#include (["<])([^">]+)[">])re"};
    const auto file = tree.find(path);
    if (file == tree.end() || !seen.insert(path).second) {
        return;
    }
    for (const std::string& line : file->second->lines) {
        std::string mark;
        std::string name;
        if (!re2::RE2::PartialMatch(line, include, &mark, &name)) {
            continue;
        }
        if (mark == "<") {
            found.insert(name);
        } else {
            collect(tree, name, seen, found);
        }
    }
}

/// The names behind `std::` in the code of a file.
Names standard_names(const SourceFile& file) {
    static const re2::RE2 standard{R"(\bstd::(\w+))"};
    Names names;
    for (const std::string& line : file.lines) {
        const std::string code = tidy::without_comment_and_strings(line);
        re2::StringPiece rest{code};
        for (std::string name; re2::RE2::FindAndConsume(&rest, standard, &name);) {
            names.insert(name);
        }
    }
    return names;
}

} // namespace

TEST_CASE("a header brings what it uses of the standard library", "[tidy]") {
    const Tree tree = product_headers();
    REQUIRE(tree.size() > 100);
    for (const auto& [path, file] : tree) {
        Names seen;
        Names included;
        collect(tree, path, seen, included);
        for (const std::string& name : standard_names(*file)) {
            const auto known = declared_in().find(name);
            const bool is_there =
                known == declared_in().end()
                || std::any_of(known->second.begin(), known->second.end(), [&](const auto& header) {
                       return included.count(header) > 0;
                   });
            INFO(path << " uses std::" << name << " and includes nothing that declares it");
            CHECK(is_there);
        }
    }
}

TEST_CASE("a header may be included twice", "[tidy]") {
    for (const SourceFile& file : source_tree()) {
        if (file.has_extension(".hpp")) {
            INFO(file.path << " has no `#pragma once`");
            CHECK(std::count(file.lines.begin(), file.lines.end(), "#pragma once") == 1);
        }
    }
}

} // namespace reviewd::test::test_headers
