#include "daemon/intake/date_pattern.hpp"
#include "daemon/intake/decimal.hpp"
#include "daemon/intake/field_reader.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace reviewd::test::test_field_reader {

using namespace reviewd;
using namespace reviewd::intake;
using namespace std::chrono_literals;
using rules::ColumnType;

namespace {

FieldReader reader_of(ColumnType type, char decimal = '.', double scale = 1) {
    FieldFormat format;
    format.type = type;
    format.decimal = decimal;
    format.scale = scale;
    return FieldReader::make(format).value();
}

/// What the text is read as, or why not.
struct Read {
    store::Field field;
    std::string why;
};

Read read(FieldReader reader, std::string_view text, double rate = 1) {
    Read result;
    if (!reader.read(text, FieldReader::Bytes::utf8, rate, result.field)) {
        result.why = reader.why();
    }
    return result;
}

std::int64_t cents(std::string_view text, char decimal = '.', double scale = 1, double rate = 1) {
    const Read result = read(reader_of(ColumnType::money, decimal, scale), text, rate);
    CAPTURE(text, result.why);
    REQUIRE(std::holds_alternative<Money>(result.field));
    return std::get<Money>(result.field).minor;
}

} // namespace

TEST_CASE("amounts are read exactly, with a point or a comma", "[intake][field]") {
    CHECK(cents("1234.5") == 123450);
    CHECK(cents("-7") == -700);
    CHECK(cents("+0.005") == 1);
    CHECK(cents("0.0049999999999999999999") == 0);
    CHECK(cents("80071992547409.91") == 8007199254740991);
    CHECK(cents("1234,50", ',') == 123450);
    CHECK(cents("1.234,50", ',') == 123450);
    CHECK(cents("12.345.678", ',') == 1234567800);
    CHECK(cents("-1.100,04", ',') == -110004);
    CHECK(cents("1100.04", '.', 1e6) == 110004000000);
    CHECK(cents("0.123456", '.', 1e6) == 12345600);
    CHECK(cents("100", '.', 1, 1.1) == 11000);
    CHECK(cents("3", '.', 0.5) == 150);
}

TEST_CASE("what is no amount says what one looks like", "[intake][field]") {
    const auto why = [](std::string_view text, char decimal = '.') {
        return read(reader_of(ColumnType::money, decimal), text).why;
    };
    REVIEWD_CHECK_CONTAINS(why("1.100,04"), "decimal: \",\"");
    REVIEWD_CHECK_CONTAINS(why("1,5"), "decimal: \",\"");
    REVIEWD_CHECK_CONTAINS(why("1.100,04 €", ','), "without a unit or a currency sign");
    REVIEWD_CHECK_CONTAINS(why("1e6"), "without an exponent");
    REVIEWD_CHECK_CONTAINS(why("99999999999999999999"), "expected a number");
    CHECK(why("999999999999999") == "the number is too large");
    for (const char* text :
         {"", "-", ".", "1.", ".5", "1..5", "--1", "1 000", "nan", "inf", "0x1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_decimal(text, '.').has_value());
    }
    for (const char* text :
         {"1.2", "1.23", "1.2345", "0.123", "1234.567", ".123", "1.234.56", "1,"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_decimal(text, ',').has_value());
    }
}

TEST_CASE("thousands are not taken for a decimal comma", "[intake][field]") {
    const auto why = [](std::string_view text, ColumnType type, char decimal = '.') {
        return read(reader_of(type, decimal), text).why;
    };
    const std::string thousands =
        "; a comma between thousands cannot be read: let the export write no thousands separator";
    for (const std::string_view text : {"12,500", "-1,000", "1,234.5", "1,234,567"}) {
        CAPTURE(text);
        CHECK(why(text, ColumnType::money) == "expected a number such as 1234.50" + thousands);
        CHECK(why(text, ColumnType::number) == "expected a number such as 1234.50" + thousands);
        CHECK(why(text, ColumnType::integer) == "expected a whole number such as 1234" + thousands);
    }
    CHECK(
        why("1,234.5", ColumnType::money, ',') == "expected a number such as 1234,50" + thousands
    );
    for (const std::string_view text : {"0,125", "1234,567", "1.234,567", "2,5"}) {
        CAPTURE(text);
        REVIEWD_CHECK_CONTAINS(why(text, ColumnType::money), "add `decimal: \",\"`");
        CHECK(why(text, ColumnType::integer) == "expected a whole number such as 1234");
    }
    CHECK(
        why("3 kg", ColumnType::integer)
        == "expected a whole number such as 1234, without a unit or a currency sign"
    );
    CHECK(
        why("1,5 kg", ColumnType::money)
        == "expected a number such as 1234.50, without a unit or a currency sign"
    );
}

TEST_CASE("whole numbers may be written with zeros behind the point only", "[intake][field]") {
    const auto integer = [](std::string_view text, double scale = 1) {
        return read(reader_of(ColumnType::integer, '.', scale), text);
    };
    CHECK(std::get<std::int64_t>(integer("12").field) == 12);
    CHECK(std::get<std::int64_t>(integer("-12.00").field) == -12);
    CHECK(std::get<std::int64_t>(integer("1.5", 1000).field) == 1500);
    CHECK(integer("12.5").why == "expected a whole number");
    CHECK(integer("1.5", 10).why.empty());
    CHECK(integer("1.55", 10).why == "expected a whole number");
    CHECK(integer("0.4").why == "expected a whole number");
    CHECK_FALSE(integer("twelve").why.empty());
}

TEST_CASE("whole numbers that no double counts are refused", "[intake][field]") {
    constexpr std::int64_t largest = 9'000'000'000'000'000;
    const auto integer = [](std::string_view text, double scale = 1) {
        return read(reader_of(ColumnType::integer, '.', scale), text);
    };
    CHECK(std::get<std::int64_t>(integer("9000000000000000").field) == largest);
    CHECK(std::get<std::int64_t>(integer("-9000000000000000").field) == -largest);
    CHECK(std::get<std::int64_t>(integer("9000000000000", 1000).field) == largest);
    for (const char* text :
         {"9000000000000001", "-9000000000000001", "9007199254740993", "123456789012345678"}) {
        CAPTURE(text);
        REVIEWD_CHECK_CONTAINS(integer(text).why, "whole numbers go up to 9000000000000000");
    }
    // However the scale has it counted, and whoever gives it.
    REVIEWD_CHECK_CONTAINS(integer("9000000000001", 1000).why, "too large");
    REVIEWD_CHECK_CONTAINS(integer("9000000000000000", 2.5).why, "too large");
    FieldReader reader = reader_of(ColumnType::integer);
    store::Field field;
    CHECK_FALSE(reader.accept(cel::Value::of(largest + 2), field));
    REVIEWD_CHECK_CONTAINS(reader.why(), "too large");
    CHECK(reader.accept(cel::Value::of(largest), field));
}

TEST_CASE("numbers are doubles, scaled", "[intake][field]") {
    CHECK(std::get<double>(read(reader_of(ColumnType::number), "0.1").field) == 0.1);
    CHECK(std::get<double>(read(reader_of(ColumnType::number, ',', 0.01), "45,5").field) == 0.455);
}

TEST_CASE("days are read in the file's own form", "[intake][field]") {
    const auto pattern = [](std::string_view text) {
        return DatePattern::compile(text).value();
    };
    CHECK(pattern("%Y-%m-%d").parse("2024-02-29") == Date{2024y / 2 / 29});
    CHECK(pattern("%d.%m.%Y").parse("1.3.2026") == Date{2026y / 3 / 1});
    CHECK(pattern("%d.%m.%Y").parse("01.03.2026") == Date{2026y / 3 / 1});
    CHECK(pattern("%Y%m%d").parse("20260301") == Date{2026y / 3 / 1});
    for (const char* text :
         {"2023-02-29",
          "2024-13-01",
          "24-01-01",
          "2024-1-",
          "2024-01-01 ",
          "1899-12-31",
          "2200-01-01",
          "2024-01-001",
          "-024-01-01",
          ""}) {
        CAPTURE(text);
        CHECK_FALSE(pattern("%Y-%m-%d").parse(text));
    }
    CHECK_FALSE(pattern("%Y%m%d").parse("2026111"));
    CHECK(pattern("%d.%m.%Y").described() == "DD.MM.YYYY");
    CHECK(
        pattern("%Y-%m-%d").why_no_date("31.12.2026")
        == "expected a date as YYYY-MM-DD; if the file writes days like this, set `date_format: "
           "\"%d.%m.%Y\"`"
    );
    CHECK(pattern("%Y-%m-%d").why_no_date("2026-02-30") == "no such day between 1900 and 2199");
    REVIEWD_CHECK_CONTAINS(
        pattern("%Y-%m-%d").why_no_date("2026-02-03 00:00"), "without a time of day"
    );
}

TEST_CASE("a date format has year, month and day once each", "[intake][field]") {
    CHECK_FALSE(DatePattern::compile("%Y-%m").has_value());
    CHECK_FALSE(DatePattern::compile("%Y-%m-%d-%d").has_value());
    CHECK_FALSE(DatePattern::compile("%y-%m-%d").has_value());
    CHECK_FALSE(DatePattern::compile("%Y-%m-%d%").has_value());
}

TEST_CASE("yes and no have six words", "[intake][field]") {
    for (const char* text : {"true", "YES", "1", "Yes"}) {
        CHECK(std::get<bool>(read(reader_of(ColumnType::boolean), text).field));
    }
    for (const char* text : {"False", "no", "0"}) {
        CHECK_FALSE(std::get<bool>(read(reader_of(ColumnType::boolean), text).field));
    }
    REVIEWD_CHECK_CONTAINS(read(reader_of(ColumnType::boolean), "ja").why, "aliases");
}

TEST_CASE("texts have no control characters, notes may have lines", "[intake][field][T9]") {
    const FieldReader name = reader_of(ColumnType::text);
    CHECK(
        std::get<std::string>(read(name, "শুভ মার্কেট 🙂").field)
        == "শুভ মার্কেট 🙂"
    );
    CHECK(read(name, "two\nlines").why == "a line break or a tab; only notes may have one");
    REVIEWD_CHECK_CONTAINS(read(name, "bell\x07").why, "control character");
    REVIEWD_CHECK_CONTAINS(read(name, "line\xE2\x80\xA8separator").why, "control character");

    FieldFormat format;
    format.breaks = FieldFormat::Breaks::allowed;
    format.most_bytes = 20;
    const FieldReader note = FieldReader::make(format).value();
    CHECK(read(note, "two\r\nlines\tand").why.empty());
    REVIEWD_CHECK_CONTAINS(read(note, "a\nb\x1B[0m").why, "control character");
    CHECK(read(note, std::string(21, 'x')).why == "a text of 21 bytes; at most 20 are kept");
}

TEST_CASE("what an expression gives must fit the column", "[intake][field]") {
    const auto accept = [](FieldReader reader, const cel::Value& value) {
        Read result;
        result.why = reader.accept(value, result.field) ? "" : reader.why();
        return result;
    };
    const auto number = cel::Value::of(std::int64_t{12});
    CHECK(std::get<Money>(accept(reader_of(ColumnType::money), number).field).minor == 1200);
    CHECK(
        std::get<double>(accept(reader_of(ColumnType::number), cel::Value::of(1.5)).field) == 1.5
    );
    CHECK(
        std::get<Date>(
            accept(reader_of(ColumnType::date), cel::Value::of(cel::Timestamp{86400, 0})).field
        )
        == Date{1970y / 1 / 2}
    );
    CHECK(
        std::get<Date>(
            accept(reader_of(ColumnType::date), cel::Value::of(std::string{"2020-01-31"})).field
        )
        == Date{2020y / 1 / 31}
    );
    CHECK(accept(reader_of(ColumnType::text), cel::Value{}).field == store::Field{});
    CHECK(
        accept(reader_of(ColumnType::text), cel::Value::of(std::string{})).field == store::Field{}
    );
    CHECK_FALSE(accept(reader_of(ColumnType::text), number).why.empty());
    CHECK_FALSE(accept(reader_of(ColumnType::boolean), number).why.empty());
    CHECK(
        accept(reader_of(ColumnType::integer), cel::Value::of(0.5)).why == "expected a whole number"
    );
}

} // namespace reviewd::test::test_field_reader
