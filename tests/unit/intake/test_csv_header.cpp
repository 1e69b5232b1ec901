#include "daemon/intake/csv_header.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace reviewd::test::test_csv_header {

using namespace reviewd::intake;
using namespace std::string_literals;

namespace {

std::string refusal(const std::string& bytes, char delimiter = ',') {
    MemorySource source{bytes};
    CsvReader reader{source, {delimiter}};
    const auto header = read_header("crm/accounts.csv", source, reader, delimiter);
    return header ? "no refusal" : header.error().message;
}

} // namespace

TEST_CASE("the header names the columns, without the blanks around them", "[intake][header]") {
    MemorySource source{"\xEF\xBB\xBFKonto; Umsatz ;\"seit\"\r\nA;1;2\r\n"};
    CsvReader reader{source, {';'}};
    CHECK(
        read_header("x.csv", source, reader, ';').value()
        == std::vector<std::string>{"Konto", "Umsatz", "seit"}
    );
    REQUIRE(reader.next().value() == CsvReader::Row::good);
    CHECK(reader.fields()[0] == "A");
}

TEST_CASE("the line with which Excel names its delimiter is no header", "[intake][header]") {
    MemorySource source{"sep=;\r\nKonto;Umsatz\r\n"};
    CsvReader reader{source, {';'}};
    CHECK(read_header("x.csv", source, reader, ';').value().size() == 2);
    REVIEWD_CHECK_CONTAINS(refusal("sep=;\r\nKonto;Umsatz\r\n"), "delimiter: \";\"");
}

TEST_CASE("a file that is no CSV is refused whole, and says what it is", "[intake][header][T9]") {
    CHECK(refusal("") == "`crm/accounts.csv` is empty; a header row was expected");
    REVIEWD_CHECK_CONTAINS(refusal("\xEF\xBB\xBF"), "no header row");
    REVIEWD_CHECK_CONTAINS(refusal("\n\n"), "no header row");
    REVIEWD_CHECK_CONTAINS(refusal("PK\x03\x04 rest"), "an Excel workbook");
    REVIEWD_CHECK_CONTAINS(refusal("PK\x03\x04 rest"), "CSV UTF-8");
    REVIEWD_CHECK_CONTAINS(refusal("\xFF\xFEn\0a\0"s), "UTF-16");
    REVIEWD_CHECK_CONTAINS(
        refusal("\x7F"
                "ELF\0\0,a,b\n"s),
        "a binary file"
    );
    CHECK(refusal("key,name\n1,A\0B\n2,C\n"s) == "no refusal"); // it costs its row only
    REVIEWD_CHECK_CONTAINS(refusal("<!DOCTYPE html><html>Please log in"), "an HTML document");
    REVIEWD_CHECK_CONTAINS(refusal("a,b\r1,2\r"), "a lone CR");
    REVIEWD_CHECK_CONTAINS(refusal("K\xF6ln,b\n1,2\n"), "line 1: the byte 0xF6 is not UTF-8");
    REVIEWD_CHECK_CONTAINS(refusal("\"a,b\n1,2\n"), "nothing closes it");
}

TEST_CASE("a header written with another delimiter gets a hint", "[intake][header]") {
    CHECK(
        refusal("Konto;Umsatz;seit\n")
        == "`crm/accounts.csv`: its columns seem to be separated by `;`, not by `,`; "
           "write `delimiter: \";\"` in the source"
    );
    REVIEWD_CHECK_CONTAINS(refusal("Konto\tUmsatz\n", ';'), "separated by a tab");
    CHECK(refusal("name\nA\n") == "no refusal");
}

TEST_CASE("a first row that names no column that is read is no header", "[intake][header]") {
    const std::vector<std::string> wanted{"key", "company", "owner"};
    CHECK(
        missing_header("a.csv", wanted, {"hartley", "Hartley Print", "ana"}).value()
        == "the first row of `a.csv` must name the columns, but names none that is read; expected "
           "some of: key, company, owner; found: hartley, Hartley Print, ana; put a header row first, "
           "or say under `columns:` what the file calls them"
    );
    CHECK(!missing_header("a.csv", wanted, {"number", "owner"}).has_value());
    CHECK(!missing_header("a.csv", wanted, {"number", "Compnay"}).has_value()); // a slip
    CHECK(!missing_header("a.csv", {}, {"number"}).has_value());
}

} // namespace reviewd::test::test_csv_header
