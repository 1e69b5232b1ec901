#pragma once

#include "daemon/intake/byte_source.hpp"
#include "daemon/intake/csv_reader.hpp"

namespace reviewd::intake {

/// Where reading goes on behind a row that is too long to be held.
struct LongRow {
    std::uint64_t next_offset = 0;
    std::int64_t next_line = 0;
    CsvProblem problem;
};

/// Passes over the row at `offset`, keeping nothing of it. Goes to the row's own end, because the
/// lines of a text in quotation marks are no rows, whatever they look like; only if the quotation
/// marks prove to be broken does it go back to the line below the one on which that field began.
/// @param line of the row's beginning
/// @errors `io_failed`
[[nodiscard]] Result<LongRow> skip_long_row(
    ByteSource& source, const CsvFormat& format, std::uint64_t offset, std::int64_t line
);

} // namespace reviewd::intake
