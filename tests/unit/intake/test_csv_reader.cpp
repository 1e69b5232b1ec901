#include "daemon/intake/csv_field.hpp"
#include "daemon/intake/csv_reader.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::test::test_csv_reader {

using namespace reviewd::intake;
using namespace std::string_literals;

namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Reading {
    Rows rows;
    std::vector<std::int64_t> lines;
    std::vector<CsvProblem> problems;
    bool has_mixed_line_ends = false;
};

Reading read_all(const std::string& text, const CsvFormat& format = {}, std::size_t expected = 0) {
    MemorySource source{text};
    CsvReader reader{source, format};
    reader.expect_fields(expected);
    Reading reading;
    while (true) {
        const CsvReader::Row row = reader.next().value();
        if (row == CsvReader::Row::end) {
            break;
        }
        if (row == CsvReader::Row::bad) {
            reading.problems.push_back(reader.problem());
            continue;
        }
        reading.rows.emplace_back(reader.fields().begin(), reader.fields().end());
        reading.lines.push_back(reader.line());
    }
    CHECK(reader.offset() == text.size());
    reading.has_mixed_line_ends = reader.has_mixed_line_ends();
    return reading;
}

std::string random_text(std::mt19937& random) {
    static const std::vector<std::string> pieces{
        "a",
        "b",
        " ",
        ",",
        ";",
        "\"",
        "\"\"",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "é",
        "শ",
        "🙂",
        "=",
        "'"};
    std::string text;
    for (auto count = random() % 12; count > 0; --count) {
        text += pieces[random() % pieces.size()];
    }
    return text;
}

} // namespace

TEST_CASE("fields end at delimiters, rows at LF, CR LF or the end", "[intake][csv]") {
    const Reading reading = read_all("a,b,c\n1,,3\r\n\"x\",\"y,z\",\"q\"");
    CHECK(reading.rows == Rows{{"a", "b", "c"}, {"1", "", "3"}, {"x", "y,z", "q"}});
    CHECK(reading.lines == std::vector<std::int64_t>{1, 2, 3});
    CHECK(reading.problems.empty());
    CHECK(reading.has_mixed_line_ends);
}

TEST_CASE("a byte order mark, quoted line ends and doubled quotes are read", "[intake][csv][T9]") {
    const Reading reading =
        read_all("\xEF\xBB\xBFn;t\n1;\"two\r\nlines, \"\"quoted\"\"\"\n2;x\n", {';'});
    CHECK(reading.rows == Rows{{"n", "t"}, {"1", "two\r\nlines, \"quoted\""}, {"2", "x"}});
    CHECK(reading.lines == std::vector<std::int64_t>{1, 2, 4});
    CHECK_FALSE(reading.has_mixed_line_ends);
}

TEST_CASE("empty lines and rows of bare delimiters are passed over", "[intake][csv]") {
    const Reading reading = read_all("a,b\n\n1,2\n,\n\"\",\n\r\n3,4\n", {}, 2);
    CHECK(reading.rows == Rows{{"a", "b"}, {"1", "2"}, {"", ""}, {"3", "4"}});
    CHECK(reading.lines == std::vector<std::int64_t>{1, 3, 5, 7});
}

TEST_CASE("a lone quote costs its own row only", "[intake][csv][T9]") {
    SECTION("inside a bare field") {
        const Reading reading = read_all("1,5\" pipe,x\n2,b,c\n", {}, 3);
        CHECK(reading.rows == Rows{{"2", "b", "c"}});
        REQUIRE(reading.problems.size() == 1);
        CHECK(reading.problems[0].line == 1);
        CHECK(reading.problems[0].column == 4);
        REVIEWD_CHECK_CONTAINS(reading.problems[0].reason, "quotation mark");
    }
    SECTION("opened and closed by the next row's") {
        const Reading reading = read_all("1,\"open,x\n2,\"b\",c\n3,d,e\n", {}, 3);
        CHECK(reading.rows == Rows{{"2", "b", "c"}, {"3", "d", "e"}});
        REQUIRE(reading.problems.size() == 1);
        REVIEWD_CHECK_CONTAINS(reading.problems[0].reason, "text follows");
    }
    SECTION("opened and never closed") {
        const Reading reading = read_all("1,\"open,x\n2,b,c\n3,d,e\n", {}, 3);
        CHECK(reading.rows == Rows{{"2", "b", "c"}, {"3", "d", "e"}});
        REQUIRE(reading.problems.size() == 1);
        CHECK(reading.problems[0].line == 1);
        CHECK(reading.problems[0].column == 3);
        REVIEWD_CHECK_CONTAINS(reading.problems[0].reason, "nothing closes it");
    }
    SECTION("opened, never closed, and far from the end") {
        std::string text = "1,\"open,x\n";
        for (int i = 0; i < 900'000; ++i) {
            text += "2,b,c\n";
        }
        const Reading reading = read_all(text, {}, 3);
        CHECK(reading.rows.size() == 900'000);
        CHECK(reading.lines.back() == 900'001);
        REQUIRE(reading.problems.size() == 1);
        CHECK(reading.problems[0].line == 1);
    }
}

TEST_CASE("a long row that is broken ends below the line of its mistake", "[intake][csv][T9]") {
    std::string text = "\"two\nlines\",\"open,x\n";
    for (int i = 0; i < 900'000; ++i) {
        text += "2,b,c\n";
    }
    const Reading reading = read_all(text, {}, 3);
    CHECK(reading.rows.size() == 900'000);
    CHECK(reading.lines.front() == 3);
    REQUIRE(reading.problems.size() == 1);
    CHECK(reading.problems[0].line == 2);
}

TEST_CASE("a wrong count, NUL and what is not UTF-8 cost their row only", "[intake][csv][T9]") {
    const Reading reading = read_all("a,b\n1\n2,3,4\n5,\0x\n6,\xE9t\xE9\n7,é\n"s, {}, 2);
    CHECK(reading.rows == Rows{{"a", "b"}, {"7", "é"}});
    REQUIRE(reading.problems.size() == 4);
    CHECK(reading.problems[0].reason == "1 field where the header has 2");
    CHECK(reading.problems[1].reason == "3 fields where the header has 2");
    CHECK(reading.problems[1].line == 3);
    CHECK(reading.problems[1].column == 5);
    REVIEWD_CHECK_CONTAINS(reading.problems[2].reason, "NUL");
    CHECK(reading.problems[2].column == 3);
    REVIEWD_CHECK_CONTAINS(reading.problems[3].reason, "0xE9 is not UTF-8");
}

TEST_CASE("of a bad row, the fields that are beyond doubt can be read", "[intake][csv][T9]") {
    const auto readable = [](const std::string& row) {
        MemorySource source{row};
        CsvReader reader{source};
        reader.expect_fields(3);
        REQUIRE(reader.next().value() == CsvReader::Row::bad);
        std::vector<std::string> fields;
        for (std::size_t i = 0; i < 5; ++i) {
            fields.emplace_back(reader.readable_field(i).value_or("?"));
        }
        return fields;
    };
    using Fields = std::vector<std::string>;
    CHECK(readable("a,b\xE9,c\n") == Fields{"a", "?", "c", "?", "?"});
    CHECK(readable("a\0,b,\"c\"\"d\"\n"s) == Fields{"?", "b", "c\"d", "?", "?"});
    CHECK(readable("a,b,c,d\n") == Fields{"a", "?", "?", "?", "?"});
    CHECK(readable("a,b\n") == Fields{"a", "?", "?", "?", "?"});
    CHECK(readable("a,\"b\nc\"\n") == Fields{"?", "?", "?", "?", "?"});
    CHECK(readable("a,b\",c\n") == Fields{"a", "?", "?", "?", "?"});
    CHECK(readable("\"a\"\"\",b,\"c\n") == Fields{"a\"", "b", "?", "?", "?"});
    CHECK(readable("a,\"b\" c,d\n") == Fields{"a", "?", "?", "?", "?"});
    CHECK(readable("\xE9,\"b\n") == Fields{"?", "?", "?", "?", "?"});
}

TEST_CASE("columns count code points, lines count within quoted text", "[intake][csv]") {
    const Reading reading = read_all("শুভ,\"x\ny\",\0\n"s);
    REQUIRE(reading.problems.size() == 1);
    CHECK(reading.problems[0].line == 2);
    CHECK(reading.problems[0].column == 4);

    MemorySource source{"\"a\nb\",c,\"d\n\n\",e\n"};
    CsvReader reader{source};
    REQUIRE(reader.next().value() == CsvReader::Row::good);
    CHECK(reader.position_of(0).line == 1);
    CHECK(reader.position_of(1).line == 2);
    CHECK(reader.position_of(1).column == 4);
    CHECK(reader.position_of(3).line == 4);
    CHECK(reader.position_of(3).column == 3);
}

TEST_CASE("fields, rows and columns have limits", "[intake][csv][T9]") {
    SECTION("a field of 100 MB") {
        std::string text = "a,b\n1," + std::string(100'000'000, 'x') + "\n2,3\n";
        const Reading reading = read_all(text, {}, 2);
        CHECK(reading.rows == Rows{{"a", "b"}, {"2", "3"}});
        REQUIRE(reading.problems.size() == 1);
        REVIEWD_CHECK_CONTAINS(reading.problems[0].reason, "longer than 4 MiB");
    }
    SECTION("a quoted field of 5 MB does not become rows") {
        std::string text = "a,b\n1,\"";
        while (text.size() < 5'000'000) {
            text += "9,smuggled\n";
        }
        const Reading reading = read_all(text + "\"\n2,3\n", {}, 2);
        CHECK(reading.rows == Rows{{"a", "b"}, {"2", "3"}});
        CHECK(reading.problems.size() == 1);
    }
    SECTION("a field beyond the field limit in a row within its own") {
        const Reading reading = read_all("1," + std::string(2'000'000, 'x') + "\n2,3\n", {}, 2);
        CHECK(reading.rows == Rows{{"2", "3"}});
        REQUIRE(reading.problems.size() == 1);
        CHECK(reading.problems[0].reason == "a field of 1953 KiB; at most 1024 are read");
    }
    SECTION("a million columns") {
        const Reading reading = read_all(std::string(1'000'000, ',') + "x\n2,3\n");
        CHECK(reading.rows == Rows{{"2", "3"}});
        REQUIRE(reading.problems.size() == 1);
        CHECK(reading.problems[0].reason == "1000001 fields; a row may have 4096");
    }
}

TEST_CASE("random tables are read back as they were written", "[intake][csv][T10]") {
    std::mt19937 random{20'261'121};
    for (int round = 0; round < 300; ++round) {
        const char delimiter = ",;\t|"[random() % 4];
        Rows table(1 + random() % 40);
        const std::size_t width = 1 + random() % 6;
        std::string text;
        for (auto& row : table) {
            for (std::size_t i = 0; i < width; ++i) {
                row.push_back(random_text(random));
            }
            // A row of empty fields is a blank one to a reader.
            row[0] = row[0].empty() ? "x" : row[0];
            for (const std::string& field : row) {
                text += (&field == &row.front() ? "" : std::string{delimiter})
                        + csv_field(field, delimiter);
            }
            text += "\r\n";
        }
        CsvFormat format{delimiter};
        format.row_bytes = 2048; // a small buffer: rows meet its edge
        Reading reading = read_all(text, format, width);
        for (auto& row : reading.rows) {
            for (auto& field : row) {
                field = std::string{without_formula_guard(field)};
            }
        }
        REQUIRE(reading.problems.empty());
        REQUIRE(reading.rows == table);
    }
}

TEST_CASE("whatever the bytes are, reading ends and loses none", "[intake][csv][T9]") {
    std::mt19937 random{7};
    static const std::string alphabet = "\"\"\",\n\r\n,ab\0é\xFF;"s;
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (std::size_t size = random() % 200; text.size() < size;) {
            text += alphabet[random() % alphabet.size()];
        }
        CsvFormat format;
        format.row_bytes = 16 + random() % 64;
        format.field_bytes = 8 + random() % 32;
        format.columns = 1 + random() % 5;
        const Reading reading = read_all(text, format, random() % 3);
        for (const auto& row : reading.rows) {
            REQUIRE(row.size() <= format.columns);
        }
        REQUIRE(std::is_sorted(reading.lines.begin(), reading.lines.end()));
    }
}

TEST_CASE("a table larger than every buffer is read the same in any place", "[intake][csv]") {
    std::string text;
    for (int i = 0; i < 200'000; ++i) {
        text += std::to_string(i) + ",\"line\nend "
                + std::string(static_cast<unsigned>(i % 37), 'y') + "\",é\r\n";
    }
    MemorySource source{text};
    CsvReader reader{source};
    for (int i = 0; i < 200'000; ++i) {
        REQUIRE(reader.next().value() == CsvReader::Row::good);
        REQUIRE(reader.fields()[0] == std::to_string(i));
        REQUIRE(reader.fields()[1].size() == 9U + static_cast<unsigned>(i % 37));
        REQUIRE(reader.line() == 1 + 2 * i);
    }
    CHECK(reader.next().value() == CsvReader::Row::end);
}

} // namespace reviewd::test::test_csv_reader
