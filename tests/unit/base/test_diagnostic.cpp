#include "scoring/base/diagnostic.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

using namespace reviewd;

namespace {

Diagnostic finding(std::string line, int column, std::string hint = {}) {
    return {
        Severity::error,
        {std::make_shared<const std::string>("rules/scoring.yaml"), 14, column},
        "`country` is text",
        std::move(line),
        std::move(hint)};
}

} // namespace

TEST_CASE("a finding shows its place, its line and a caret with the hint", "[base][diagnostic]") {
    CHECK(
        render(finding("    when: country > 3", 11, "did you mean `county`?"))
        == "rules/scoring.yaml:14:11: error: `country` is text\n"
           "      when: country > 3\n"
           "            ^ did you mean `county`?\n"
    );
}

TEST_CASE("the caret stands right behind wide and escaped characters", "[base][diagnostic]") {
    CHECK(
        render(finding("日本\t: x", 6))
        == "rules/scoring.yaml:14:6: error: `country` is text\n  日本\\t: x\n          ^\n"
    );
}

TEST_CASE("a long line is cut around the caret", "[base][diagnostic]") {
    const std::string line(5000, 'a');
    const std::string shown = render(finding(line, 2500, "here"));
    for (std::size_t begin = 0; begin < shown.size();) {
        const std::size_t end = shown.find('\n', begin);
        CHECK(display_width(shown.substr(begin, end - begin)) < 130);
        begin = end + 1;
    }
    REVIEWD_CHECK_CONTAINS(shown, "^ here");
}

TEST_CASE("a line of a megabyte is cut without delay", "[base][diagnostic]") {
    const std::string text = render(finding(std::string(1'000'000, 'x') + "é", 1'000'001));
    CHECK(text.size() < 400);
    REVIEWD_CHECK_CONTAINS(text, "xxxé\n");
}

TEST_CASE("findings are sorted by place and each is shown once", "[base][diagnostic]") {
    Diagnostic second = finding("x", 1);
    second.position.line = 2;
    const std::string shown = render(Diagnostics{finding("x", 1), second, finding("x", 1)});
    CHECK(shown.find(":2:1:") < shown.find(":14:1:"));
    CHECK(shown.find(":14:1:") == shown.rfind(":14:1:"));
}

TEST_CASE("a finding about a whole file has no caret", "[base][diagnostic]") {
    Diagnostic whole{
        Severity::warning,
        {std::make_shared<const std::string>("a.yaml"), 0, 0},
        "is empty",
        "",
        ""};
    CHECK(render(whole) == "a.yaml: warning: is empty\n");
    CHECK_FALSE(has_errors({whole}));
    whole.severity = Severity::error;
    CHECK(has_errors({whole}));
}

TEST_CASE("colour adds nothing but escape sequences", "[base][diagnostic]") {
    std::string coloured = render(finding("a: b", 4, "hint"), Colour::on);
    while (coloured.find('\x1b') != std::string::npos) {
        const std::size_t begin = coloured.find('\x1b');
        coloured.erase(begin, coloured.find('m', begin) - begin + 1);
    }
    CHECK(coloured == render(finding("a: b", 4, "hint")));
}
