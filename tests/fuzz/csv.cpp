// CSV files: header, rows, and the fields that the exports write.
#include "daemon/intake/csv_field.hpp"
#include "daemon/intake/csv_header.hpp"
#include "daemon/intake/csv_reader.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace reviewd;
using namespace reviewd::intake;
using fuzz::require;

struct Table {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::int64_t> bad_lines;
    friend bool operator==(const Table&, const Table&) = default;
};

Table read_table(std::string_view text, const CsvFormat& format) {
    MemorySource source{text};
    CsvReader reader{source, format};
    Table table;
    std::int64_t line = 0;
    while (true) {
        const Result<CsvReader::Row> row = reader.next();
        require(row.has_value(), "memory can be read");
        if (*row == CsvReader::Row::end) {
            require(reader.offset() == text.size(), "all bytes are read");
            return table;
        }
        require(reader.line() > line, "every row begins below the one before");
        line = reader.line();
        if (*row == CsvReader::Row::good) {
            const auto fields = reader.fields();
            require(fields.size() <= format.columns, "columns are bounded");
            table.rows.emplace_back(fields.begin(), fields.end());
            static_cast<void>(reader.position_of(fields.size() - 1));
        } else {
            require(!reader.problem().reason.empty(), "a bad row has a reason");
            require(reader.problem().line >= line, "and its place");
            table.bad_lines.push_back(reader.problem().line);
        }
    }
}

std::string written(const Table& table, char delimiter) {
    std::string text;
    for (const std::vector<std::string>& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += i == 0 ? "" : std::string(1, delimiter);
            text += csv_field(row[i], delimiter);
        }
        text += "\r\n";
    }
    return text;
}

/// As an import reads what an export wrote.
Table unguarded(Table table) {
    for (auto& row : table.rows) {
        for (std::string& field : row) {
            field = std::string{without_formula_guard(field)};
        }
    }
    return table;
}

bool is_blank(const std::vector<std::string>& row) {
    return std::all_of(row.begin(), row.end(), [](const std::string& f) { return f.empty(); });
}

void check_header(std::string_view text, char delimiter) {
    MemorySource source{text};
    CsvFormat format;
    format.delimiter = delimiter;
    CsvReader reader{source, format};
    const auto header = read_header("accounts.csv", source, reader, delimiter);
    if (!header.has_value()) {
        require(!header.error().message.empty(), "what is no CSV is told why");
        return;
    }
    for (auto row = reader.next(); row.has_value() && *row != CsvReader::Row::end;
         row = reader.next()) {
        require(
            *row != CsvReader::Row::good || reader.fields().size() == header->size(),
            "a good row has a field for each column"
        );
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    CsvFormat format;
    format.delimiter = std::string_view{",;\t|"}[input.below(4)];
    if (input.below(2) == 1) {
        format.field_bytes = 8 + input.below(64);
        format.row_bytes = 16 + input.below(128);
        format.columns = 1 + input.below(8);
    }
    check_header(input.rest(), format.delimiter);
    Table table = read_table(input.rest(), format);
    std::erase_if(table.rows, is_blank);
    table.rows.insert(table.rows.begin(), {"header"});
    table.bad_lines.clear();
    CsvFormat wide;
    wide.delimiter = format.delimiter;
    const std::string text = written(table, wide.delimiter);
    require(unguarded(read_table(text, wide)) == table, "a table is read as it was written");
    return 0;
}
