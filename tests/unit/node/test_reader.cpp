#include "tests/support/catch.hpp"
#include "tests/unit/node/yaml.hpp"

using namespace reviewd;
using namespace reviewd::config;
using namespace std::chrono_literals;

namespace {

/// The value of `v` in a one-line file, read by `read`; `shown` is what was reported.
template <class Read>
auto read_value(const std::string& written, std::string& shown, Read read) {
    Parsed parsed{"v: " + written + "\n"};
    INFO(parsed.shown());
    REQUIRE(parsed.root);
    auto value = read(*parsed.root->find("v"), parsed.report);
    shown = parsed.shown();
    return value;
}

std::string number_complaint(const std::string& written) {
    std::string shown;
    const auto value =
        read_value(written, shown, [](const Node& n, Report& r) { return read_number(n, r); });
    CHECK_FALSE(value.has_value());
    return shown;
}

} // namespace

TEST_CASE("a number has one form, and others are told what to write", "[node][reader][T6]") {
    const auto [written, hint] = GENERATE(table<std::string, std::string>({
        {".nan", "must be finite"},
        {"-.inf", "must be finite"},
        {"1e400", "without an exponent"},
        {"1e3", "without an exponent"},
        {"010", "write `10`"},
        {"no", "expected a number, found `no`"},
        {"12:30", "base 60"},
        {"99999999999999999999", "between"},
        {"0x1F", "decimal digits"},
        {"+5", "write `5`"},
        {"1_000", "write it without separators: `1000`"},
        {"1 000", "write it without separators: `1000`"},
        {"1,234,567", "write it without separators: `1234567`"},
        {"1,234.50", "write it without separators: `1234.50`"},
        {"1.234.567", "write it without separators: `1234567`"},
        {"1.234,50", "write the decimal sign as a point: `1234.50`"},
        {"1 000,5", "write the decimal sign as a point: `1000.5`"},
        {"2,5", "write the decimal sign as a point: `2.5`"},
        {"-1,15", "write the decimal sign as a point: `-1.15`"},
        {"0,125", "write the decimal sign as a point: `0.125`"},
        {"12,5000", "write the decimal sign as a point: `12.5000`"},
        {"12,500", "write `12500` if the comma parts thousands, `12.5` if it is the decimal sign"},
        {"1,000", "write `1000` if the comma parts thousands, `1` if it is the decimal sign"},
        {"1234,567", "write the decimal sign as a point: `1234.567`"},
        {"_", "expected a number, found `_`"},
        {"_,", "expected a number, found `_,`"},
        {"20%", "write the number without `%`"},
        {".5", "write `0.5`"},
        {"5.", "expected a number"},
        {"\"5\"", "without quotes"},
        {"[1]", "found a list"},
        {"", "found nothing"},
        {"~", "found `~`, nothing"},
    }));
    const std::string shown = number_complaint(written);
    INFO(written);
    REVIEWD_CHECK_CONTAINS(shown, hint);
    REVIEWD_CHECK_CONTAINS(shown, "test.yaml:1:");
}

TEST_CASE("a whole number's comma parts thousands, or makes a fraction of it", "[node][reader]") {
    const auto [written, hint] = GENERATE(table<std::string, std::string>({
        {"12,500", "write it without separators: `12500`"},
        {"2,5", "a fraction is not possible here"},
        {"2.5", "a fraction is not possible here"},
    }));
    std::string shown;
    const auto value = read_value(written, shown, [](const Node& n, Report& r) {
        return read_integer(n, r, 0, 99'999);
    });
    CHECK_FALSE(value.has_value());
    REVIEWD_CHECK_CONTAINS(shown, hint);
}

TEST_CASE("a length of time is a whole count of a unit, and both are told", "[node][reader]") {
    const auto [written, hint] = GENERATE(table<std::string, std::string>({
        {"1.5 years", "write a whole count of a smaller unit: `18 months`"},
        {"1,5 years", "write a whole count of a smaller unit: `18 months`"},
        {"2.5 weeks", "write a whole count of a smaller unit, such as `18 months` for 1.5 years"},
        {"12 mths", "the units are days (d), working days, weeks (w), months (m) and years (y)"},
    }));
    std::string shown;
    const auto value =
        read_value(written, shown, [](const Node& n, Report& r) { return read_period(n, r); });
    CHECK_FALSE(value.has_value());
    REVIEWD_CHECK_CONTAINS(shown, hint);
}

TEST_CASE("numbers, switches and names are read as written", "[node][reader]") {
    Report report;
    const auto root = parse_yaml(
        "t",
        "n: -12.5\ni: 42\nb: false\nd: 2026-11-20\np: 2 working days\ns: 10 s\nt: 08:30\n"
        "name: a-1_b\nlist: [x, 'y']\none: x\nm: 42000.5\n",
        report
    );
    REQUIRE(root);
    CHECK(read_number(*root->find("n"), report) == -12.5);
    CHECK(read_integer(*root->find("i"), report, 0, 42) == 42);
    CHECK(read_boolean(*root->find("b"), report) == false);
    CHECK(read_date(*root->find("d"), report) == Date{2026y / 11 / 20});
    CHECK(read_period(*root->find("p"), report) == Period{2, Period::Unit::working_days});
    CHECK(read_duration(*root->find("s"), report) == 10s);
    CHECK(read_time_of_day(*root->find("t"), report) == 8h + 30min);
    CHECK(read_name(*root->find("name"), report) == "a-1_b");
    CHECK(read_texts(*root->find("list"), report) == std::vector<std::string>{"x", "y"});
    CHECK(read_texts(*root->find("one"), report) == std::vector<std::string>{"x"});
    CHECK(read_money(*root->find("m"), report) == Money{4'200'050});
    CHECK_FALSE(report.has_errors());
    CHECK_FALSE(read_integer(*root->find("i"), report, 0, 41));
    CHECK(report.has_errors());
}

TEST_CASE("a slip in a unit or a word is answered with what was meant", "[node][reader]") {
    Report report;
    const auto root =
        parse_yaml("t", "p: 6 weks\nq: 14\ns: 5 m\nw: hihg\nb: yes\nt: 9:00\nx: yes\n", report);
    REQUIRE(root);
    constexpr std::array<std::string_view, 2> words{"high", "low"};
    CHECK_FALSE(read_period(*root->find("p"), report));
    CHECK_FALSE(read_period(*root->find("q"), report));
    CHECK_FALSE(read_duration(*root->find("s"), report));
    CHECK_FALSE(read_word(*root->find("w"), report, words));
    CHECK_FALSE(read_boolean(*root->find("b"), report));
    CHECK_FALSE(read_time_of_day(*root->find("t"), report));
    CHECK_FALSE(read_text(*root->find("x"), report));
    const std::string shown = render(report.diagnostics());
    REVIEWD_CHECK_CONTAINS(shown, "did you mean `weeks`?");
    REVIEWD_CHECK_CONTAINS(shown, "write `14 days`");
    REVIEWD_CHECK_CONTAINS(shown, "write `min` for minutes");
    REVIEWD_CHECK_CONTAINS(shown, "did you mean `high`?");
    REVIEWD_CHECK_CONTAINS(shown, "write `true`");
    REVIEWD_CHECK_CONTAINS(shown, "write `09:00`");
    REVIEWD_CHECK_CONTAINS(shown, "write \"yes\"");
}

TEST_CASE("a map tells the keys that nobody asked for", "[node][reader]") {
    Parsed parsed{"host: x\nprot: 25\n"};
    REQUIRE(parsed.root);
    {
        MapReader reader{*parsed.root, parsed.report};
        CHECK(reader.require("host") != nullptr);
        CHECK(reader.find("port") == nullptr);
        CHECK(reader.require("from") == nullptr);
    }
    const std::string shown = parsed.shown();
    REVIEWD_CHECK_CONTAINS(
        shown, "test.yaml:2:1: error: unknown key `prot` at the top of the file"
    );
    REVIEWD_CHECK_CONTAINS(shown, "did you mean `port`?");
    REVIEWD_CHECK_CONTAINS(shown, "the key `from` is missing");
}

TEST_CASE("a list where keys are wanted is one error and no more", "[node][reader]") {
    Parsed parsed{"a: [1]\n"};
    MapReader reader{*parsed.root->find("a"), parsed.report};
    CHECK(reader.find("x") == nullptr);
    CHECK(reader.require("y") == nullptr);
    reader.finish();
    CHECK(parsed.report.diagnostics().size() == 1);
}
