#include "daemon/intake/csv_field.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace reviewd::test::test_csv_field {

using namespace reviewd::intake;
using namespace std::string_literals;

TEST_CASE("fields are quoted where RFC 4180 asks for it", "[intake][csv]") {
    CHECK(csv_field("plain") == "plain");
    CHECK(csv_field("a,b") == "\"a,b\"");
    CHECK(csv_field("5\" pipe") == "\"5\"\" pipe\"");
    CHECK(csv_field("two\nlines") == "\"two\nlines\"");
    CHECK(csv_field("").empty());
    CHECK(csv_field("a,b", ';') == "a,b");
    CHECK(csv_field("a;b", ';') == "\"a;b\"");
}

TEST_CASE("no spreadsheet takes an exported text for a formula", "[intake][csv][T10]") {
    CHECK(
        csv_field("=HYPERLINK(\"http://x\",\"y\")") == "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""
    );
    CHECK(csv_field("+1+1") == "'+1+1");
    CHECK(csv_field("-1+1") == "'-1+1");
    CHECK(csv_field("@SUM(A1)") == "'@SUM(A1)");
    CHECK(csv_field("\tx") == "'\tx");
    CHECK(csv_field("\r=x") == "\"'\r=x\"");
    CHECK(csv_field("\0=x"s) == "\"'\0=x\""s);
    CHECK(csv_field("-12.50") == "-12.50");
    CHECK(csv_field("-") == "'-");
    CHECK(csv_field("-1-1") == "'-1-1");
}

TEST_CASE("reading back strips exactly one apostrophe that stands guard", "[intake][csv][T10]") {
    for (const std::string& text :
         {"=1"s, "'=1"s, "''=1"s, "'quoted'"s, "'"s, ""s, "-5"s, "'-5"s, "-"s, "+49 30"s}) {
        CAPTURE(text);
        CHECK(without_formula_guard(csv_field(text)) == text);
    }
    CHECK(without_formula_guard("'=1") == "=1");
    CHECK(without_formula_guard("''=1") == "'=1");
    CHECK(without_formula_guard("'tis") == "'tis");
}

} // namespace reviewd::test::test_csv_field
