// The planted bugs of tests/sim/mutants are pieces of sources that change: each must still be
// there, once, so that the measure of the simulator does not wear away unnoticed.
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <set>
#include <string>

namespace reviewd::test::test_mutants {

namespace {

namespace json = boost::json;

/// As many as reliability asks for.
constexpr std::size_t least_mutants = 12;

std::string text_of(const json::value& mutant, const char* member) {
    return std::string{mutant.as_object().at(member).as_string()};
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("each mutant of the simulator fits its source", "[tidy][mutants]") {
    const json::value mutants =
        json::parse(test::read_file(test::source_path("tests/sim/mutants/mutants.json")));
    CHECK(mutants.as_array().size() >= least_mutants);
    std::set<std::string> names;
    for (const json::value& mutant : mutants.as_array()) {
        const std::string name = text_of(mutant, "name");
        CAPTURE(name, text_of(mutant, "file"));
        CHECK(names.insert(name).second);
        CHECK(text_of(mutant, "from") != text_of(mutant, "to"));
        const std::string source = test::read_file(test::source_path(text_of(mutant, "file")));
        CHECK(count_of(source, text_of(mutant, "from")) == 1);
    }
}

} // namespace reviewd::test::test_mutants
