#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/ctl/run.hpp"

using reviewd::ctl::test::Ran;
using reviewd::ctl::test::run;

TEST_CASE("an expression is evaluated with the variables given", "[ctl][expression]") {
    CHECK(run({"expression", "1 + 1"}).out == "2\n");
    CHECK(run({"expression", "budget > 20000", "--with", "budget=42000"}).out == "true\n");
    CHECK(run({"expression", "\"a\" in owned", "--with", "owned=[\"a\"]"}).out == "true\n");
    CHECK(run({"expression", "name + '!'", "--with", "name=অন্বেষা"}).out == "\"অন্বেষা!\"\n");
    CHECK(run({"expression", "day.getFullYear()", "--with", "day=2026-11-20"}).out == "2026\n");
    CHECK(run({"--json", "expression", "1.5"}).out == "{\"type\":\"double\",\"value\":\"1.5\"}\n");
}

TEST_CASE("a missing value is named, and known() sees it", "[ctl][expression]") {
    const Ran ran = run({"expression", "satisfaction < 5", "--with", "satisfaction=?"});
    CHECK(ran.code == 0);
    CHECK(ran.out == "cannot be judged: satisfaction missing\n");
    CHECK(run({"expression", "known(satisfaction)", "--with", "satisfaction=?"}).out == "false\n");
}

TEST_CASE(
    "what is wrong with an expression shows with a caret on standard error", "[ctl][expression]"
) {
    const Ran ran = run({"expression", "buget > 3", "--with", "budget=5"});
    CHECK(ran.code == 65);
    CHECK(ran.out.empty());
    REVIEWD_CHECK_CONTAINS(ran.error, "expression:1:1: error:");
    REVIEWD_CHECK_CONTAINS(ran.error, "^ did you mean `budget`?");
    CHECK(run({"expression", "1 / 0"}).code == 65);
    const Ran day = run({"expression", "days_until(end) > 3", "--with", "end=2026-12-24"});
    CHECK(day.code == 65);
    REVIEWD_CHECK_CONTAINS(day.error, "^ give it a value, for instance --with today=2026-11-20");
    const Ran name = run({"expression", "1", "--with", "9x=1"});
    CHECK(name.code == 64);
    REVIEWD_CHECK_CONTAINS(name.error, "`9x` is no name");
}

TEST_CASE("cases of a file are counted and failing ones named", "[ctl][expression]") {
    const reviewd::test::TemporaryDirectory directory;
    const std::string good =
        R"({"file":"f","section":"s","name":"sum","expr":"1 + 1","value":{"int":"2"}})";
    const std::string bad =
        R"({"file":"f","section":"s","name":"wrong","expr":"1 + 1","value":{"int":"3"}})";
    const std::string file = directory.write("cases.jsonl", good + "\n\n" + bad + "\nnonsense\n");
    const Ran ran = run({"expression", "--cases", file});
    CHECK(ran.code == 65);
    REVIEWD_CHECK_CONTAINS(ran.out, "f/s/wrong: ");
    REVIEWD_CHECK_CONTAINS(ran.out, "line 4: the case cannot be read: syntax error\n");
    CHECK(ran.out.substr(ran.out.size() - 20) == "\n1 passed, 2 failed\n");
    const Ran fine = run({"expression", "--cases", directory.write("good.jsonl", good)});
    CHECK(fine.code == 0);
    CHECK(fine.out == "1 passed, 0 failed\n");
    CHECK(run({"expression", "--cases", "/nowhere/cases.jsonl"}).code == 66);
}

TEST_CASE("mistakes on the command line are explained", "[ctl]") {
    const Ran nothing = run({});
    CHECK(nothing.code == 64);
    REVIEWD_CHECK_CONTAINS(nothing.error, "expression");
    const Ran command = run({"expresion", "1"});
    CHECK(command.code == 64);
    REVIEWD_CHECK_CONTAINS(command.error, "no command `expresion`; did you mean `expression`?");
    const Ran option = run({"expression", "--jsn", "1"});
    CHECK(option.code == 64);
    REVIEWD_CHECK_CONTAINS(option.error, "no option `--jsn`; did you mean `--json`?");
    const Ran help = run({"--help"});
    CHECK(help.code == 0);
    REVIEWD_CHECK_CONTAINS(help.out, "expression");
    CHECK(run({"expression", "1", "--with", "x"}).code == 64);
    CHECK(run({"expression", "1", "--with", "x=1", "--with", "x=2"}).code == 64);
    CHECK(run({"expression"}).code == 64);
}

TEST_CASE("the functions are listed with an example and its value", "[ctl][expression]") {
    const Ran ran = run({"expression", "--functions"});
    REQUIRE(ran.code == 0);
    REVIEWD_CHECK_CONTAINS(ran.out, "min(20, 2 * 4) is 8");
    REVIEWD_CHECK_CONTAINS(ran.out, "Whether the text begins with the other text.");
    CHECK(ran.out.find(" is \n") == std::string::npos);
    const Ran json = run({"--json", "expression", "--functions"});
    REVIEWD_CHECK_CONTAINS(json.out, R"("name":"months_between")");
    CHECK(run({"expression", "--functions", "1 + 1"}).code == 64);
}
