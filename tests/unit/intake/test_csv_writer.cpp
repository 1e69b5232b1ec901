#include "daemon/intake/csv_writer.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace reviewd::test::test_csv_writer {

using namespace reviewd::intake;
using namespace std::string_literals;

namespace {

std::string written(std::string_view field) {
    std::string out;
    append_csv_row(out, {"k", field});
    return out;
}

} // namespace

TEST_CASE("fields are quoted where RFC 4180 asks for it", "[intake][csv]") {
    CHECK(written("plain") == "k,plain\r\n");
    CHECK(written("a,b") == "k,\"a,b\"\r\n");
    CHECK(written("5\" pipe") == "k,\"5\"\" pipe\"\r\n");
    CHECK(written("two\nlines") == "k,\"two\nlines\"\r\n");
    std::string out;
    append_csv_row(out, {""});
    CHECK(out == "\"\"\r\n");
}

TEST_CASE("no spreadsheet takes an exported text for a formula", "[intake][csv][T10]") {
    CHECK(
        written("=HYPERLINK(\"http://x\",\"y\")")
        == "k,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\r\n"
    );
    CHECK(written("+1+1") == "k,'+1+1\r\n");
    CHECK(written("-1+1") == "k,'-1+1\r\n");
    CHECK(written("@SUM(A1)") == "k,'@SUM(A1)\r\n");
    CHECK(written("\tx") == "k,'\tx\r\n");
    CHECK(written("\r=x") == "k,\"'\r=x\"\r\n");
    CHECK(written("\0=x"s) == "k,\"'\0=x\"\r\n"s);
    CHECK(written("-12.50") == "k,-12.50\r\n");
    CHECK(written("-") == "k,'-\r\n");
}

TEST_CASE("reading back strips exactly one apostrophe that stands guard", "[intake][csv][T10]") {
    for (const std::string& text :
         {"=1"s, "'=1"s, "''=1"s, "'quoted'"s, "'"s, ""s, "-5"s, "'-5"s, "-"s, "+49 30"s, "\0x"s}) {
        CAPTURE(text);
        CHECK(without_formula_guard(with_formula_guard(text)) == text);
    }
    CHECK(without_formula_guard("'=1") == "=1");
    CHECK(without_formula_guard("''=1") == "'=1");
    CHECK(without_formula_guard("'tis") == "'tis");
}

} // namespace reviewd::test::test_csv_writer
