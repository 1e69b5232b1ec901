#include "config/node/syntax_message.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/node/yaml.hpp"

#include <yaml-cpp/exceptions.h>

using namespace reviewd;
using namespace reviewd::config;

TEST_CASE("maps keep the order of the file and find their keys", "[node][parse]") {
    const Parsed parsed{"b: 1\na:\n  - x\n  - { c: d }\n"};
    REQUIRE(parsed.root);
    REQUIRE(parsed.root->entries().size() == 2);
    CHECK(parsed.root->entries()[0].key.text() == "b");
    REQUIRE(parsed.root->find("a") != nullptr);
    const Node& inner = parsed.root->find("a")->elements().at(1);
    CHECK(inner.path() == "a[1]");
    CHECK(inner.find("c")->path() == "a[1].c");
    CHECK(inner.find("c")->text() == "d");
    CHECK(inner.find("c")->is_in_flow());
    CHECK_FALSE(parsed.root->find("b")->is_in_flow());
    CHECK(parsed.root->find("none") == nullptr);
}

TEST_CASE("a duplicate key is refused and both places are named", "[node][parse][T4]") {
    const Parsed parsed{"a: 1\nb: 2\na: 3\n"};
    CHECK_FALSE(parsed.root);
    CHECK(
        parsed.shown()
        == "test.yaml:3:1: error: the key `a` stands here a second time\n"
           "  a: 3\n"
           "  ^ it was first given in line 1, column 1\n"
    );
}

TEST_CASE("every mistake that leaves a tree is reported at once", "[node][parse]") {
    const Parsed parsed{"a: &x 1\na: 2\nb: !tag 3\nc: *x\n<<: {d: 1}\n"};
    CHECK_FALSE(parsed.root);
    REVIEWD_CHECK_CONTAINS(parsed.shown(), "test.yaml:1:4: error: YAML takes a leading `&`");
    REVIEWD_CHECK_CONTAINS(parsed.shown(), "test.yaml:2:1: error: the key `a`");
    REVIEWD_CHECK_CONTAINS(parsed.shown(), "test.yaml:3:4: error: YAML takes a leading `!`");
    REVIEWD_CHECK_CONTAINS(parsed.shown(), "test.yaml:4:4: error: YAML takes a leading `*`");
    REVIEWD_CHECK_CONTAINS(parsed.shown(), "test.yaml:5:1: error: merging with `<<`");
}

TEST_CASE("an empty file is an empty map that nobody wrote", "[node][parse]") {
    for (const char* text : {"", "\n", "# only words\n", "\xEF\xBB\xBF"}) {
        const Parsed parsed{text};
        REQUIRE(parsed.root);
        CHECK(parsed.root->is_map());
        CHECK(parsed.root->entries().empty());
        CHECK(parsed.root->is_empty_document());
    }
    const Parsed written{"{}\n"};
    REQUIRE(written.root);
    CHECK_FALSE(written.root->is_empty_document());
}

TEST_CASE("nothing, a tilde and null are one thing, and stand behind their key", "[node][parse]") {
    const Parsed parsed{"a:\nb: ~\nc: null\nd: nullable\ne: \"\"\n"};
    REQUIRE(parsed.root);
    CHECK(parsed.root->find("a")->is_null());
    CHECK(parsed.root->find("a")->position().line == 1);
    CHECK(parsed.root->find("a")->position().column == 3);
    CHECK(parsed.root->find("b")->is_null());
    CHECK(parsed.root->find("c")->is_null());
    CHECK_FALSE(parsed.root->find("d")->is_null());
    CHECK_FALSE(parsed.root->find("e")->is_null());
}

TEST_CASE(
    "an expression that YAML tears apart gets the hint to write it below >-", "[node][parse]"
) {
    const auto [text, part] = GENERATE(table<std::string, std::string>({
        {"when: !open\n", "`!` for a tag"},
        {"when: !(a && b)\n", "`!` for a tag"},
        {"when: \"a\" in owned\n", "YAML ended the text at the closing `\"`"},
        {"when: a ? b : c\n", "YAML takes ` : ` for the end of a key"},
        {"r: { when: a ? b : c, points: 3 }\n", "YAML reads `? :` and commas as its own"},
        {"when: a == b: c\n", "YAML takes `: ` for the end of a key"},
        {"when: *a > 2\n", "`*` for an alias"},
        {"when: `a`\n", "a value cannot begin with ``"},
    }));
    const Parsed parsed{text};
    CHECK_FALSE(parsed.root);
    INFO(parsed.shown());
    REVIEWD_CHECK_CONTAINS(parsed.shown(), part);
    REVIEWD_CHECK_CONTAINS(parsed.shown(), ">-");
}

TEST_CASE(
    "an alias of nothing is shown alike, whichever yaml-cpp reads the file", "[node][parse]"
) {
    // 0.7 says only the first; 0.8 puts the name behind it.
    const std::string reason = GENERATE(
        std::string{YAML::ErrorMsg::UNKNOWN_ANCHOR},
        std::string{"the referenced anchor is not defined: a"}
    );
    const std::string shown =
        "test.yaml:1:7: error: YAML takes a leading `!` for a tag, `&` for an anchor and `*` for "
        "an alias; none is allowed\n"
        "  when: *a > 2\n"
        "        ^ if this is an expression, write `>-` behind the key and the expression on the "
        "next line, indented\n";
    const SourceText source{"test.yaml", "when: *a > 2\n"};
    CHECK(render(syntax_finding({source, 6}, reason, std::string::npos)) == shown);
    CHECK(Parsed{source.text}.shown() == shown);
}

TEST_CASE("a tab in the indentation is named", "[node][parse]") {
    const Parsed parsed{"a:\n\tb: 1\n"};
    CHECK_FALSE(parsed.root);
    REVIEWD_CHECK_CONTAINS(parsed.shown(), ":2:1: error: a tab stands in the indentation");
    REVIEWD_CHECK_CONTAINS(Parsed{"a: {\n\tb: 1\n\tc: 2 }\n"}.shown(), "expected `,`");
}

TEST_CASE("a bracket that is never closed is shown where it was opened", "[node][parse]") {
    const Parsed parsed{"a: 1\nb: {c: 1,\n"};
    CHECK_FALSE(parsed.root);
    REVIEWD_CHECK_CONTAINS(parsed.shown(), "test.yaml:2:4: error: this bracket is never closed");
}

TEST_CASE("a file is read whole, and a missing one is an error without a line", "[node][parse]") {
    const test::TemporaryDirectory directory;
    const std::string file = directory.write("x.yaml", "a: 1\n").string();
    Report report;
    CHECK(read_yaml_file(file, report) == "a: 1\n");
    CHECK_FALSE(read_yaml_file(file + ".none", report));
    REQUIRE(report.diagnostics().size() == 1);
    CHECK(report.diagnostics()[0].position.line == 0);
    CHECK_FALSE(read_yaml_file(directory.path().string(), report));
}
