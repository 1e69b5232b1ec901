#include "daemon/ctl/terminal.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace reviewd::test::test_terminal {

using ctl::progress_line;
using ctl::Screen;
using ctl::Terminal;

TEST_CASE("a bar shows the share in columns and whole percent", "[ctl][progress]") {
    const std::string empty(30, ' ');
    const std::string full(30, '=');
    CHECK(progress_line("people, 0 rows", 0, 100) == "[" + empty + "]   0 % people, 0 rows");
    CHECK(
        progress_line("accounts, 5000 rows", 0.5, 100)
        == "[" + full.substr(15) + empty.substr(15) + "]  50 % accounts, 5000 rows"
    );
    CHECK(progress_line("done", 1, 100) == "[" + full + "] 100 % done");
}

TEST_CASE("only what is complete shows 100 percent and a full bar", "[ctl][progress]") {
    const std::string line = progress_line("accounts", 0.9999, 100);
    CHECK(line == "[" + std::string(29, '=') + " ]  99 % accounts");
}

TEST_CASE("a share outside of 0 to 1, or none at all, draws the nearest bar", "[ctl][progress]") {
    CHECK(progress_line("x", 1.7, 100) == progress_line("x", 1, 100));
    CHECK(progress_line("x", -0.2, 100) == progress_line("x", 0, 100));
    CHECK(
        progress_line("x", std::numeric_limits<double>::quiet_NaN(), 100)
        == progress_line("x", 0, 100)
    );
}

TEST_CASE("a bar never reaches the last column, whatever it is about", "[ctl][progress][T15]") {
    const std::string what = "東京商事 and a name that goes on and on\n\x1b[2J, 1000000 rows";
    for (std::size_t columns = 40; columns <= 120; ++columns) {
        const std::string line = progress_line(what, 0.333, columns);
        INFO(columns);
        CHECK(display_width(line) < columns);
        CHECK(line.find('\n') == std::string::npos);
        CHECK(line.find('\x1b') == std::string::npos);
    }
    REVIEWD_CHECK_CONTAINS(progress_line(what, 0.333, 60), "東京商事 and");
}

TEST_CASE("progress is drawn over itself on a terminal, and wiped at its end", "[ctl][progress]") {
    std::ostringstream out;
    std::ostringstream error;
    const Terminal terminal{
        Screen{.stream = &out}, Screen{.stream = &error, .is_terminal = true, .columns = 60}};
    terminal.progress("people, 1 rows", 0.1);
    terminal.progress("people, 9 rows", 0.9);
    terminal.end_progress();
    const std::string clear = "\r\x1b[K";
    CHECK(
        error.str()
        == clear + progress_line("people, 1 rows", 0.1, 60) + clear
               + progress_line("people, 9 rows", 0.9, 60) + clear
    );
    CHECK(out.str().empty());
}

TEST_CASE("progress is not drawn where standard error is no terminal", "[ctl][progress]") {
    std::ostringstream out;
    std::ostringstream error;
    const Terminal terminal{Screen{.stream = &out, .is_terminal = true}, Screen{.stream = &error}};
    terminal.progress("people, 1 rows", 0.5);
    terminal.end_progress();
    CHECK(error.str().empty());
    CHECK(out.str().empty());
}

TEST_CASE("a word that is wider than its row does not hold up the words behind it", "[ctl]") {
    const auto rows = [](const std::string& text) {
        return ctl::wrapped(text, 8);
    };
    CHECK(rows("a-long-word b c d") == std::vector<std::string>{"a-long-word", "  b c d"});
    CHECK(rows("one two a-long-word") == std::vector<std::string>{"one two", "  a-long-word"});
    CHECK(rows("").size() == 1);
}

} // namespace reviewd::test::test_terminal
