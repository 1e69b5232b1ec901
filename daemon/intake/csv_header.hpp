#pragma once

#include "daemon/intake/byte_source.hpp"
#include "daemon/intake/csv_reader.hpp"

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

/// How a message calls a delimiter: "`;`", "a tab".
[[nodiscard]] std::string described_delimiter(char delimiter);

} // namespace reviewd::intake
