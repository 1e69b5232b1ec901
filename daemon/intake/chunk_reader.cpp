#include "daemon/intake/chunk_reader.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

namespace reviewd::intake {
namespace {

constexpr std::size_t shown_key_columns = 40;

} // namespace

ChunkReader::ChunkReader(std::unique_ptr<CsvReader> reader, RowMapper mapper)
    : reader_(std::move(reader)), mapper_(std::move(mapper)) {}

Result<void> ChunkReader::read(std::size_t rows, Chunk& chunk) {
    chunk.rows.resize(std::max(chunk.rows.size(), rows));
    chunk.good = 0;
    chunk.filtered = 0;
    chunk.lines = 0;
    chunk.problems.clear();
    chunk.unread_keys.clear();
    chunk.unknown_rows = 0;
    chunk.is_last = false;
    for (std::size_t i = 0; i < rows && !chunk.is_last; ++i) {
        const Result<CsvReader::Row> row = reader_->next();
        if (!row) {
            return row.error();
        }
        chunk.is_last = *row == CsvReader::Row::end;
        chunk.lines += chunk.is_last ? 0 : 1;
        if (*row == CsvReader::Row::bad) {
            take_rejected_row(chunk);
        } else if (*row == CsvReader::Row::good) {
            take_row(chunk);
        }
    }
    chunk.offset = reader_->offset();
    return {};
}

void ChunkReader::take_row(Chunk& chunk) {
    store::ImportRow& row = chunk.rows[chunk.good];
    const auto bytes =
        reader_->is_plain() ? FieldReader::Bytes::printable_ascii : FieldReader::Bytes::utf8;
    const RowMapper::Outcome mapped = mapper_.map(reader_->fields(), bytes, row);
    if (mapped == RowMapper::Outcome::filtered) {
        ++chunk.filtered;
        return;
    }
    if (mapped == RowMapper::Outcome::bad) {
        take_bad_row(chunk, row);
        return;
    }
    if (const auto column = mapper_.column_to_key()) {
        content_keys_.fill(row, *column);
    }
    const auto& key = std::get<std::string>(row.fields[mapper_.key_column()]);
    const std::uint32_t digest = digest_of(row);
    const RowIndex::Found found = keys_.find_or_add(hash_of(key));
    if (found.is_new) {
        constexpr std::int64_t last_line = std::numeric_limits<std::uint32_t>::max();
        found.entry->number = static_cast<std::uint32_t>(std::min(reader_->line(), last_line));
        found.entry->digest = digest;
    } else if (found.entry->digest != digest) {
        take_duplicate(chunk, key, found.entry->number);
        return;
    }
    ++chunk.good; // a row that says the same again is counted by the store
}

void ChunkReader::take_rejected_row(Chunk& chunk) {
    const CsvProblem& problem = reader_->problem();
    chunk.problems.push_back({problem.line, problem.column, problem.reason});
    const auto field = mapper_.key_field();
    const auto text = field ? reader_->readable_field(*field) : std::nullopt;
    take_key(chunk, text ? mapper_.read_key(*text) : std::nullopt);
}

/// A row that is known by its content has no key: what it said before it could not be read any more
/// is another row, and that one vanished.
void ChunkReader::take_key(Chunk& chunk, std::optional<std::string> key) const {
    if (key) {
        chunk.unread_keys.push_back(*std::move(key));
    } else if (!mapper_.column_to_key()) {
        ++chunk.unknown_rows;
    }
}

void ChunkReader::take_bad_row(Chunk& chunk, const store::ImportRow& row) {
    const FieldProblem& problem = mapper_.problem();
    CsvProblem position{reader_->line(), 0, {}};
    if (problem.field) {
        position = reader_->position_of(*problem.field);
    }
    chunk.problems.push_back({position.line, position.column, problem.reason});
    std::optional<std::string> key;
    if (mapper_.has_key()) {
        key = std::get<std::string>(row.fields[mapper_.key_column()]);
    }
    take_key(chunk, std::move(key));
}

void ChunkReader::take_duplicate(Chunk& chunk, const std::string& key, std::uint32_t line) {
    chunk.problems.push_back(
        {reader_->line(),
         0,
         fmt::format(
             "the key `{}` stands in line {} already, with other values; the first one counts",
             cut_to_width(escape_controls(key), shown_key_columns),
             line
         )}
    );
}

bool ChunkReader::has_mixed_line_ends() const {
    return reader_->has_mixed_line_ends();
}

std::optional<CsvProblem> ChunkReader::cut_off() const {
    return reader_->is_cut_off() ? std::optional{reader_->problem()} : std::nullopt;
}

} // namespace reviewd::intake
