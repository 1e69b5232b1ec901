#pragma once

#include "daemon/intake/csv_reader.hpp"
#include "daemon/intake/row_index.hpp"
#include "daemon/intake/row_mapper.hpp"
#include "daemon/store/import_session.hpp"
#include "scoring/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::intake {

/// A piece of a file, read, checked and typed, ready for the database.
struct Chunk {
    std::vector<store::ImportRow> rows; ///< the first `good` of them; the rest is kept memory
    std::size_t good = 0;
    std::int64_t filtered = 0;                  ///< rows that the source's filter leaves out
    std::int64_t lines = 0;                     ///< rows of the file: good, bad and filtered ones
    std::vector<store::ImportProblem> problems; ///< one for each bad row
    std::vector<std::string> unread_keys;       ///< of bad rows whose key could be read
    std::int64_t unknown_rows = 0;              ///< bad ones whose key could not be read either
    std::uint64_t offset = 0;                   ///< bytes of the file that are read by now
    bool is_last = false;
};

/// Turns a file into chunks. It knows nothing of the database, so that the next chunk can be read
/// while the last one is being written.
/// @threads one at a time
class ChunkReader {
public:
    /// @param reader past the header
    ChunkReader(std::unique_ptr<CsvReader> reader, RowMapper mapper);

    /// Reads up to `rows` rows of the file into `chunk`, whose memory is used again.
    /// @return an error for a file that is no CSV from here on; the chunk is then worthless
    [[nodiscard]] Result<void> read(std::size_t rows, Chunk& chunk);

    [[nodiscard]] bool has_mixed_line_ends() const;
    /// Where the file breaks off within its last row, once that was read.
    [[nodiscard]] std::optional<CsvProblem> cut_off() const;

private:
    void take_row(Chunk& chunk);
    void take_rejected_row(Chunk& chunk);
    void take_bad_row(Chunk& chunk, const store::ImportRow& row);
    void take_key(Chunk& chunk, std::optional<std::string> key) const;
    void take_duplicate(Chunk& chunk, const std::string& key, std::uint32_t line);

    std::unique_ptr<CsvReader> reader_;
    RowMapper mapper_;
    ContentKeys content_keys_;
    RowIndex keys_;
};

} // namespace reviewd::intake
