#include "daemon/usage/usage.hpp"
#include "tests/support/catch.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

namespace reviewd::test::test_usage {

namespace {

/// A command line with one of each kind.
class Line {
public:
    Line() {
        app_.add_option("--config", config_, "file");
        app_.require_subcommand(0, 1);
        CLI::App* const show = app_.add_subcommand("show", "one thing");
        show->add_option("THING", thing_, "its name")->required();
        show->add_option("PART", part_, "of it");
        show->add_option("--because", because_, "why")->required();
        show->add_option("--limit", limit_, "so many")->check(CLI::Range(1, 100));
        show->add_option("--count", count_, "so many");
        show->add_option("--shell", shell_, "which")->check(CLI::IsMember({"bash", "zsh"}));
        show->add_option("--day", day_, "when")->check([](const std::string& day) {
            return day == "today" ? std::string{} : "`" + day + "` is no day";
        });
        CLI::Option* const dry = show->add_flag("--dry", is_dry_, "only look");
        show->add_flag("--drop", is_dropped_, "give up")->excludes(dry);
        show->fallthrough();
        app_.add_subcommand("list", "all things");
    }

    /// What is said of these words; empty: nothing is wrong with them.
    [[nodiscard]] std::string explain(std::vector<std::string> words) {
        std::reverse(words.begin(), words.end());
        try {
            app_.parse(std::move(words));
        } catch (const CLI::ParseError& error) {
            return usage::explain(app_, error);
        }
        return {};
    }

private:
    CLI::App app_{"for tests", "tool"};
    std::string config_;
    std::string thing_;
    std::string part_;
    std::string because_;
    std::string shell_;
    std::string day_;
    int limit_ = 0;
    int count_ = 0;
    bool is_dry_ = false;
    bool is_dropped_ = false;
};

std::string explain(const std::vector<std::string>& words) {
    return Line{}.explain(words);
}

/// Words behind a command line that is good so far.
std::string explain_behind(std::vector<std::string> more) {
    std::vector<std::string> words{"show", "x", "--because", "y"};
    words.insert(words.end(), more.begin(), more.end());
    return explain(words);
}

} // namespace

TEST_CASE("a good command line has nothing to explain", "[usage]") {
    CHECK(explain_behind({"part", "--limit", "3", "--day", "today", "--dry"}).empty());
}

TEST_CASE("words that are not known are shown, with what they may have been", "[usage]") {
    CHECK(explain({"shwo"}) == "there is no command `shwo`; did you mean `show`?");
    CHECK(explain({"quite-other"}) == "there is no command `quite-other`");
    CHECK(
        explain_behind({"--confg", "z"}) == "there is no option `--confg`; did you mean `--config`?"
    );
    CHECK(
        explain_behind({"part", "more"})
        == "there is no place for `more`; write `tool show THING [PART] --because TEXT`"
    );
    CHECK(
        explain({"list", "x"}) == "there is no place for `x`: tool list takes nothing but options"
    );
    CHECK(explain_behind({"part", "a\x1b[2J"}).find('\x1b') == std::string::npos);
}

TEST_CASE("what is missing is named, with the form of the command", "[usage]") {
    const std::string form = "write `tool show THING [PART] --because TEXT`";
    CHECK(explain({"show"}) == "THING is missing; " + form);
    CHECK(explain({"show", "x"}) == "--because is missing; " + form);
    CHECK(explain_behind({"--day"}) == "--day wants a value behind it; write `--day TEXT`");
    CHECK(explain({"--config"}) == "--config wants a value behind it; write `--config TEXT`");
}

TEST_CASE("values that do not fit are shown with what would", "[usage]") {
    const std::string limit = explain_behind({"--limit", "0"});
    CHECK(limit.rfind("--limit: `0` is no number in the range ", 0) == 0);
    CHECK(limit.find("100") != std::string::npos);
    CHECK(explain_behind({"--count", "many"}) == "--count: `many` is no whole number");
    CHECK(explain_behind({"--shell", "fsh"}) == "--shell: `fsh` is none of bash, zsh");
    CHECK(
        explain_behind({"--dry=perhaps"})
        == "--dry takes no value; write `--dry` without `=perhaps`"
    );
    CHECK(explain_behind({"--day", "monday"}) == "--day: `monday` is no day");
}

TEST_CASE("options that are too many are named", "[usage]") {
    CHECK(
        explain_behind({"--day", "today", "--day", "today"})
        == "--day was given 2 times; once is enough"
    );
    const std::string both = explain_behind({"--dry", "--drop"});
    CHECK(both.find("--dry") != std::string::npos);
    CHECK(both.find("--drop") != std::string::npos);
    CHECK(both.find("exclude each other; leave one of them out") != std::string::npos);
}

} // namespace reviewd::test::test_usage
