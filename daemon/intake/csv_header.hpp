#pragma once

#include "daemon/intake/byte_source.hpp"
#include "daemon/intake/csv_reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::intake {

/// Reads the names of the file's columns, blanks around them removed, and tells `reader` to expect
/// as many fields in every row. Passes over the line `sep=;` with which Excel names the delimiter.
/// @param reader at the beginning of `source`
/// @param file how messages call the source
/// @errors `bad_data` for what is no CSV file: empty, binary, a workbook, UTF-16, another delimiter
[[nodiscard]] Result<std::vector<std::string>> read_header(
    const std::string& file, ByteSource& source, CsvReader& reader, char delimiter
);

/// What to say of a file whose first row names none of the columns that are read from it, nor one
/// nearly so: most likely it has no header row. Nothing when it names one.
/// @param file how the message calls the file
/// @param wanted names of the columns that are read, the most telling first
/// @param found the fields of the first row
[[nodiscard]] std::optional<std::string> missing_header(
    const std::string& file,
    const std::vector<std::string>& wanted,
    const std::vector<std::string>& found
);

/// Names of columns for a message, cut when they are long or many.
[[nodiscard]] std::string listed_headers(const std::vector<std::string>& headers);

/// How a message calls a delimiter: "`;`", "a tab".
[[nodiscard]] std::string described_delimiter(char delimiter);

} // namespace reviewd::intake
