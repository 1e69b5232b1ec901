#include "daemon/intake/people_rows.hpp"

#include "daemon/intake/csv_header.hpp"
#include "daemon/intake/csv_reader.hpp"
#include "daemon/intake/row_mapper.hpp"
#include "daemon/intake/source_file.hpp"

#include <functional>
#include <limits>
#include <set>
#include <variant>

namespace reviewd::intake {
namespace {

using TakeRow = std::function<void(const store::ImportRow& row, const std::string& file, int line)>;

std::string text_field(const store::ImportRow& row, std::size_t column) {
    const auto* text = std::get_if<std::string>(&row.fields.at(column));
    return text == nullptr ? std::string{} : *text;
}

/// Calls `take` for each good row of one source, `limit` rows at most.
Result<void> walk(
    const config::Settings& settings,
    const config::SourceSettings& source,
    const rules::TableSchema& schema,
    int limit,
    const TakeRow& take
) {
    const std::string path = source_path(settings.data_directory, source.file);
    Result<std::unique_ptr<SourceFile>> file = SourceFile::open(path, path);
    if (!file) {
        return file.error();
    }
    CsvFormat format;
    format.delimiter = source.delimiter;
    CsvReader reader{**file, format};
    const auto headers = read_header(path, **file, reader, source.delimiter);
    if (!headers) {
        return headers.error();
    }
    Result<RowMapper> mapper = RowMapper::compile(source, schema, settings.company, path, *headers);
    if (!mapper) {
        return mapper.error();
    }
    store::ImportRow into;
    for (int rows = 0; rows < limit; ++rows) {
        const Result<CsvReader::Row> row = reader.next();
        if (!row) {
            return row.error();
        }
        if (*row == CsvReader::Row::end) {
            break;
        }
        const bool is_mapped = *row == CsvReader::Row::good
                               && mapper->map(reader.fields(), FieldReader::Bytes::utf8, into)
                                      == RowMapper::Outcome::mapped;
        if (is_mapped) {
            take(into, path, static_cast<int>(reader.line()));
        }
    }
    return {};
}

} // namespace

Result<std::vector<PersonRow>> read_people_rows(
    const config::Settings& settings, const rules::Schema& schema
) {
    const rules::TableSchema& people = schema[rules::Table::people];
    const std::size_t key = people.index_of("key").value();
    const std::size_t email = people.index_of("email").value();
    const std::size_t manager = people.index_of("manager").value();
    const std::size_t region = people.index_of("region").value();
    const std::size_t language = people.index_of("language").value();
    std::vector<PersonRow> rows;
    for (const config::SourceSettings& source : settings.sources) {
        if (source.table != rules::Table::people) {
            continue;
        }
        const Result<void> read = walk(
            settings,
            source,
            people,
            std::numeric_limits<int>::max(),
            [&](const store::ImportRow& row, const std::string& file, int line) {
                rows.push_back(
                    {text_field(row, key),
                     text_field(row, email),
                     text_field(row, manager),
                     file,
                     line,
                     text_field(row, region),
                     text_field(row, language)}
                );
            }
        );
        if (!read) {
            return read.error();
        }
    }
    return rows;
}

Result<std::vector<std::string>> read_owner_keys(
    const config::Settings& settings, const rules::Schema& schema, int limit
) {
    const rules::TableSchema& accounts = schema[rules::Table::accounts];
    const std::size_t owner = accounts.index_of("owner").value();
    std::set<std::string> keys;
    for (const config::SourceSettings& source : settings.sources) {
        if (source.table != rules::Table::accounts) {
            continue;
        }
        const Result<void> read = walk(
            settings,
            source,
            accounts,
            limit,
            [&](const store::ImportRow& row, const std::string&, int) {
                keys.insert(text_field(row, owner));
            }
        );
        if (!read) {
            return read.error();
        }
    }
    keys.erase("");
    return std::vector<std::string>{keys.begin(), keys.end()};
}

} // namespace reviewd::intake
