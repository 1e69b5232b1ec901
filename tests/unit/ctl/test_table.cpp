#include "daemon/ctl/csv_text.hpp"
#include "daemon/ctl/json_text.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/terminal.hpp"
#include "daemon/runtime/file_descriptor.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

#include <unistd.h>

#include <array>
#include <sstream>

using namespace reviewd;
using ctl::Cell;
using ctl::Screen;
using ctl::Style;
using ctl::Table;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

} // namespace

TEST_CASE("columns line up whatever the script", "[ctl][table]") {
    Table table{{{.title = "ACCOUNT"}, {.title = "POINTS", .align = Table::Align::right}}};
    table.add({"Hartley", "73"});
    table.add({"অন্বেষা", "5"});
    table.add({"東京商事", "44"});
    table.add({"شركة النور", "100"});
    table.add({"Bäckerei 🥐", "-2.5"});
    const std::vector<std::string> lines = lines_of(table.render(Screen{}));
    REQUIRE(lines.size() == 6);
    CHECK(lines[1] == "Hartley          73");
    for (const std::string& line : lines) {
        CHECK(display_width(line) == display_width(lines[0]));
    }
}

TEST_CASE("controls and direction overrides never reach the terminal", "[ctl][table][T15]") {
    Table table{{{.title = "NAME"}}};
    table.add({"a\x1b[2Jb\n\u202ec"});
    CHECK(table.render(Screen{}) == "NAME\na\\x1b[2Jb\\n\\u202ec\n");
}

TEST_CASE("on a narrow terminal the widest column that may is cut", "[ctl][table]") {
    Table table{{{.title = "ID"}, {.title = "NAME", .cut = Table::Column::Cut::if_needed}}};
    table.add({"12345678901234567890", "a very long name that does not fit here"});
    const Screen narrow{.is_terminal = true, .columns = 40};
    for (const std::string& line : lines_of(table.render(narrow))) {
        CHECK(display_width(line) <= 40);
    }
    const std::vector<std::string> lines = lines_of(table.render(Screen{.columns = 40}));
    CHECK(lines[1] == "12345678901234567890  a very long name that does not fit here");
}

TEST_CASE("on a narrow terminal what may goes below its row", "[ctl][table]") {
    Table table{
        {{.title = "ID"},
         {.title = "NAME", .cut = Table::Column::Cut::if_needed},
         {.title = "REASON", .cut = Table::Column::Cut::below}}};
    table.add({"1", "Hartley Print", "a complaint that is open since Monday"});
    table.add({"2", "Orbis Dental", ""});
    const Screen narrow{.is_terminal = true, .columns = 40};
    CHECK(
        table.render(narrow)
        == "ID  NAME\n"
           "1   Hartley Print\n"
           "        a complaint that is open since …\n"
           "2   Orbis Dental\n"
    );
    CHECK_FALSE(table.fits(narrow));
    const Screen wide{.is_terminal = true, .columns = 60};
    CHECK(table.fits(wide));
    const std::vector<std::string> lines = lines_of(table.render(wide));
    REQUIRE(lines.size() == 3);
    CHECK(lines[1] == "1   Hartley Print  a complaint that is open since Monday");
}

TEST_CASE(
    "what goes below its row goes from the right, and only as far as needed", "[ctl][table]"
) {
    using Cut = Table::Column::Cut;
    Table table{
        {{.title = "ID"},
         {.title = "STATE", .cut = Cut::below},
         {.title = "REASON", .cut = Cut::below}}};
    Cell usual{"planned"};
    usual.goes_without_saying = true;
    table.add({"1", usual, "a complaint"});
    table.add({"2", "invited", ""});
    CHECK(
        table.render(Screen{.is_terminal = true, .columns = 20})
        == "ID  STATE\n"
           "1   planned\n"
           "        a complaint\n"
           "2   invited\n"
    );
    CHECK(
        table.render(Screen{.is_terminal = true, .columns = 10})
        == "ID\n"
           "1\n"
           "        a…\n"
           "2\n"
           "        i…\n"
    );
}

TEST_CASE("before a name is cut to nothing, what matters less is left out", "[ctl][table]") {
    using Cut = Table::Column::Cut;
    Table table{
        {{.title = "NAME", .cut = Cut::if_needed, .least = 14},
         {.title = "POINTS", .cut = Cut::left_out},
         {.title = "CADENCE", .cut = Cut::left_out},
         {.title = "OWNER", .cut = Cut::if_needed}}};
    table.add({"Hartley Print & Sons", "73", "monthly", "Jonas Weber"});
    const auto row = [&](std::size_t columns) {
        return lines_of(table.render(Screen{.is_terminal = true, .columns = columns}))[1];
    };
    CHECK(row(48) == "Hartley Print & S…  73      monthly  Jonas Weber");
    CHECK(row(38) == "Hartley Print & …  73      Jonas Weber");
    CHECK(row(24) == "Hartley Print…  Jonas W…");
    CHECK(row(20) == "Hartley P…  Jonas W…");
}

TEST_CASE("a column without content is left out", "[ctl][table]") {
    Table table{{{.title = "A"}, {.title = "EMPTY"}, {.title = "B"}}};
    table.add({"1", "", "2"});
    CHECK(table.render(Screen{}) == "A  B\n1  2\n");
}

TEST_CASE("colour appears only where the screen has it", "[ctl][table]") {
    Table table{{{.title = "A"}}};
    table.add({Cell{"late", Style::bad}});
    CHECK(table.render(Screen{}).find('\x1b') == std::string::npos);
    CHECK(
        table.render(Screen{.colour = Colour::on}).find("\x1b[1;31mlate\x1b[0m")
        != std::string::npos
    );
}

TEST_CASE("JSON for people is indented and still JSON", "[ctl]") {
    const auto value = boost::json::parse(R"({"a":[1,{"b":"x\ny"}],"c":{},"d":[]})");
    const std::string text = ctl::pretty(value);
    CHECK(boost::json::parse(text) == value);
    CHECK(
        text
        == "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\\ny\"\n    }\n  ],\n"
           "  \"c\": {},\n  \"d\": []\n}\n"
    );
}

TEST_CASE("a reader that has seen enough is no failure, a full disk is one", "[ctl]") {
    std::ostringstream out;
    std::ostringstream error;
    const ctl::Terminal terminal{Screen{.stream = &out}, Screen{.stream = &error}};
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    runtime::FileDescriptor reading{ends[0]};
    const runtime::FileDescriptor writing{ends[1]};
    CHECK(ctl::finish_output(terminal, writing.get(), 0) == 0);
    CHECK(ctl::finish_output(terminal, writing.get(), 66) == 66);
    out.setstate(std::ios::badbit);
    CHECK(ctl::finish_output(terminal, writing.get(), 66) == 66);
    CHECK(error.str().empty());
    CHECK(ctl::finish_output(terminal, writing.get(), 0) == 74);
    REVIEWD_CHECK_CONTAINS(error.str(), "could not be written");
    error.str({});
    reading = runtime::FileDescriptor{};
    CHECK(ctl::finish_output(terminal, writing.get(), 0) == 0);
    CHECK(error.str().empty());
}

TEST_CASE("rows of an answer become CSV, and no formulas", "[ctl][csv][T10]") {
    const boost::json::value rows = boost::json::parse(
        R"([{"id": 7, "person": "Ann \"A.\" Lee, Ltd.", "reason": "=1+1", "left_out": 1},)"
        R"( {"id": -3, "person": null, "reason": "two\nlines"}, {"id": 1.5, "person": "-1-1", "reason": "'=1"}])"
    );
    constexpr std::array<std::string_view, 3> columns{"id", "person", "reason"};
    CHECK(
        ctl::csv_of(columns, rows.as_array())
        == "id,person,reason\n"
           "7,\"Ann \"\"A.\"\" Lee, Ltd.\",'=1+1\n"
           "-3,,\"two\nlines\"\n"
           "1.5,'-1-1,''=1\n"
    );
    CHECK(ctl::csv_of(columns, {}) == "id,person,reason\n");
}
