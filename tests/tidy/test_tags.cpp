// Every attack (T), fault (F) and promise (I) that the product was designed against has a test that
// carries its tag, so that one can be run by its name and none is forgotten.
#include "tests/support/catch.hpp"
#include "tests/tidy/source_tree.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>

using namespace reviewd::tidy;

namespace {

struct Family {
    char letter;
    int count;
};
constexpr Family families[] = {{'T', 44}, {'F', 52}, {'I', 22}};

/// Tags that no test carries, and why none can.
const std::map<std::string, std::string>& exceptions() {
    static const std::map<std::string, std::string> table{};
    return table;
}

/// The tags of these families in the lines of a test: `"[store][F7]"` in C++, `[F8]"""` in Python.
std::set<std::string> tags_in(const SourceFile& file) {
    static const RE2 tag{R"(\[([TFI][0-9]+)\])"};
    std::set<std::string> found;
    for (const std::string& line : file.lines) {
        re2::StringPiece rest{line};
        for (std::string name; RE2::FindAndConsume(&rest, tag, &name);) {
            found.insert(name);
        }
    }
    return found;
}

bool is_suite(const SourceFile& file) {
    const bool is_source = file.has_extension(".cpp") || file.has_extension(".py");
    const bool is_test = file.path.find("/test_") != std::string::npos;
    return is_source && is_test && file.is_below("tests") && !file.is_below("tests/tidy");
}

std::set<std::string> all_tags() {
    std::set<std::string> tags;
    for (const SourceFile& file : source_tree()) {
        if (is_suite(file)) {
            tags.merge(tags_in(file));
        }
    }
    return tags;
}

} // namespace

TEST_CASE("every attack, fault and promise has a test", "[tidy][tags]") {
    const std::set<std::string> tags = all_tags();
    for (const Family& family : families) {
        for (int number = 1; number <= family.count; ++number) {
            const std::string tag = family.letter + std::to_string(number);
            INFO("[" << tag << "]");
            CHECK((tags.contains(tag) || exceptions().contains(tag)));
        }
    }
}

TEST_CASE(
    "no test carries a tag that means nothing, and no exception is needless", "[tidy][tags]"
) {
    const std::set<std::string> tags = all_tags();
    for (const std::string& tag : tags) {
        INFO("[" << tag << "]");
        const auto* const family =
            std::find_if(std::begin(families), std::end(families), [&](const Family& f) {
                return f.letter == tag[0];
            });
        const int number = std::stoi(tag.substr(1));
        CHECK((1 <= number && number <= family->count));
    }
    for (const auto& [tag, reason] : exceptions()) {
        INFO("[" << tag << "]");
        CHECK_FALSE(tags.contains(tag));
        CHECK_FALSE(reason.empty());
    }
}
