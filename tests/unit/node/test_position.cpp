#include "tests/support/catch.hpp"
#include "tests/unit/node/yaml.hpp"

using namespace reviewd;
using namespace reviewd::config;

namespace {

/// Line and column of `word` in the scalar `when`, as "line:column".
std::string place_of(const Parsed& parsed, const std::string& word) {
    const Node& when = *parsed.root->find("when");
    const std::size_t at = when.text().find(word);
    REQUIRE(at != std::string::npos);
    const SourcePosition position = when.position_in_text(at);
    return std::to_string(position.line) + ":" + std::to_string(position.column);
}

} // namespace

TEST_CASE("a place inside a scalar is exact in every style", "[node][position]") {
    const auto [text, word, place] = GENERATE(table<std::string, std::string, std::string>({
        {"when: a && budget > 1\n", "budget", "1:12"},
        {"when: a &&\n      budget > 1\n", "budget", "2:7"},
        {"when: 'it''s budget'\n", "budget", "1:14"},
        {"when: \"\\u00e9\\t budget\"\n", "budget", "1:17"},
        {"when: >-\n  a &&\n  budget > 1\n", "budget", "3:3"},
        {"when: >-   # why\n\n  é && budget > 1\n", "budget", "3:8"},
        {"when: |\n  a &&\n    budget > 1\n", "budget", "3:5"},
        {"when: >2-\n    a &&\n  budget\n", "budget", "3:3"},
        {"# é\nwhen: \"日本\" # x\n", "本", "2:9"},
        {"when: >-\r\n  a &&\r\n  budget > 1\r\n", "budget", "3:3"},
    }));
    const Parsed parsed{text};
    INFO(text << parsed.shown());
    REQUIRE(parsed.root);
    CHECK(place_of(parsed, word) == place);
}

TEST_CASE("white space and the end have a place behind the word before them", "[node][position]") {
    const Parsed parsed{"when: >-\n  a ==\n  b\nnext: 1\n"};
    REQUIRE(parsed.root);
    const Node& when = *parsed.root->find("when");
    REQUIRE(when.text() == "a == b");
    CHECK(when.position_in_text(1).column == 4);
    CHECK(when.position_in_text(4).line == 2);
    CHECK(when.position_in_text(4).column == 7);
    CHECK(when.position_in_text(6).line == 3);
    CHECK(when.position_in_text(6).column == 4);
    CHECK(when.position_in_text(900).line == 3);
}

TEST_CASE("the caret stands under the word behind tabs and wide letters", "[node][position]") {
    Report report;
    const auto root = parse_yaml("t.yaml", "when: '日本\tbudget'\n", report);
    REQUIRE(root);
    const Node& when = *root->find("when");
    report.error_in_text(when, when.text().find("budget"), "no");
    CHECK(
        render(report.diagnostics())
        == "t.yaml:1:11: error: no\n"
           "  when: '日本\\tbudget'\n"
           "               ^\n"
    );
}

TEST_CASE("a finding in a long line shows the part around the caret", "[node][position]") {
    const std::string text = "a: [" + std::string(900, 'x') + ", " + std::string(900, 'y') + "]\n";
    Report report;
    const auto root = parse_yaml("t.yaml", text, report);
    REQUIRE(root);
    report.error(root->find("a")->elements().at(1), "no");
    const std::string shown = render(report.diagnostics());
    CHECK(shown.size() < 400);
    REVIEWD_CHECK_CONTAINS(shown, "xxx, yyy");
}

TEST_CASE("findings in an endless line stay small", "[node][position]") {
    const std::string text = "a: [" + std::string(900'000, 'x') + ", y]\n";
    Report report;
    const auto root = parse_yaml("t.yaml", text, report);
    REQUIRE(root);
    report.error(root->find("a")->elements().at(1), "no");
    CHECK(report.diagnostics().at(0).source_line.empty());
    CHECK(report.diagnostics().at(0).position.column == 900'007);
}
