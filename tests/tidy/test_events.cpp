// Every warning and error has a stable name, and a row in README.md's table of events, from which
// the manual is made.
#include "tests/support/catch.hpp"
#include "tests/tidy/source_tree.hpp"

#include <regex>
#include <set>

using namespace reviewd::tidy;

namespace {

std::string whole(const SourceFile& file) {
    std::string text;
    for (const std::string& line : file.lines) {
        text += line + "\n";
    }
    return text;
}

std::string readme() {
    for (const SourceFile& file : source_tree()) {
        if (file.path == "README.md") {
            return whole(file);
        }
    }
    return {};
}

} // namespace

TEST_CASE("every warning and error has a row in the table of events", "[tidy][events]") {
    const std::regex logged{R"re(\blog_?\.(warning|error)\(\s*"([a-z]+\.[a-z_]+)")re"};
    const std::regex noted{R"re(Severity::(warning|error),\s*"([a-z]+\.[a-z_]+)")re"};
    const std::string table = readme();
    std::set<std::string> names;
    for (const SourceFile* file : cpp_files()) {
        if (file->is_below("tests")) {
            continue;
        }
        const std::string text = whole(*file);
        for (const std::regex* pattern : {&logged, &noted}) {
            for (std::sregex_iterator match{text.begin(), text.end(), *pattern}, end; match != end;
                 ++match) {
                names.insert((*match)[2].str());
            }
        }
    }
    CHECK(names.size() > 10);
    for (const std::string& name : names) {
        INFO(name);
        CHECK(table.find("`" + name + "`") != std::string::npos);
    }
}
