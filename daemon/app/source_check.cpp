#include "daemon/app/source_check.hpp"

#include "config/node/reader.hpp"
#include "daemon/intake/chunk_reader.hpp"
#include "daemon/intake/csv_header.hpp"
#include "daemon/intake/csv_reader.hpp"
#include "daemon/intake/missing_columns.hpp"
#include "daemon/intake/row_expressions.hpp"
#include "daemon/intake/row_mapper.hpp"
#include "daemon/intake/source_file.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::app {

namespace {

using Headers = std::vector<std::string>;

/// What comes later in the file is named by the import.
constexpr int rows_looked_at = 10'000;
/// Of so many rows one may be bad: no file of people's is without.
constexpr std::int64_t few_bad_rows = 10;

class SourceChecker {
public:
    SourceChecker(
        const config::Settings& settings,
        const config::SourceSettings& source,
        const rules::TableSchema& table,
        config::Report& report
    )
        : settings_(settings), source_(source), table_(table), report_(report) {}

    void check() {
        const std::size_t known_before = report_.diagnostics().size();
        const auto opened = open();
        if (!opened) {
            const bool is_missing = opened.error().code == ErrorCode::not_found;
            warn_of_file(
                fmt::format("cannot be read: {}", opened.error().message),
                is_missing ? "relative names start in `data_directory:` or at --data" : ""
            );
            return;
        }
        const Headers& headers = opened->headers;
        if (const auto what =
                intake::missing_header(source_.file, intake::headers_of(source_), headers)) {
            warn_of_file(fmt::format("has no header row: {}", *what), {});
            return;
        }
        for (const config::ColumnMapping& mapping : source_.columns) {
            if (!mapping.is_implied) {
                check_columns(mapping, headers);
            }
        }
        check_needed(headers);
        check_expressions(headers);
        check_currencies(headers, *opened->rows);
        if (report_.diagnostics().size() == known_before) { // else what is wrong was said
            check_rows();
        }
    }

private:
    struct Opened {
        std::unique_ptr<intake::SourceFile> file;
        std::unique_ptr<intake::CsvReader> rows; ///< of the file, behind its header
        Headers headers;
    };

    [[nodiscard]] Result<Opened> open() const {
        const std::string path = intake::source_path(settings_.data_directory, source_.file);
        auto file = intake::SourceFile::open(path, path);
        if (!file) {
            return file.error();
        }
        intake::CsvFormat format;
        format.delimiter = source_.delimiter;
        auto rows = std::make_unique<intake::CsvReader>(**file, format);
        auto headers = intake::read_header(path, **file, *rows, source_.delimiter);
        if (!headers) {
            return headers.error();
        }
        return Opened{*std::move(file), std::move(rows), *std::move(headers)};
    }

    void warn_of_file(std::string_view what, std::string hint) {
        report_.warning(
            config::place_of(source_.node, "file"),
            fmt::format("the source `{}` {}", escape_controls(source_.name), what),
            std::move(hint)
        );
    }

    void check_columns(const config::ColumnMapping& mapping, const Headers& headers) {
        const auto check = [&](const std::optional<std::string>& header, std::string_view key) {
            if (!header || std::find(headers.begin(), headers.end(), *header) != headers.end()) {
                return;
            }
            report_.warning(
                config::place_of(mapping.node, key),
                fmt::format(
                    "{} has no column `{}`, which `{}` is read from",
                    escape_controls(source_.file),
                    escape_controls(*header),
                    table_.columns[mapping.column].name
                ),
                intake::column_hint(*header, headers)
            );
        };
        check(mapping.header, "from");
        check(mapping.currency_header, "currency_from");
    }

    /// What every row needs and nobody thought of.
    void check_needed(const Headers& headers) {
        for (const std::size_t index : intake::missing_columns(source_, table_, headers)) {
            const rules::Column& column = table_.columns[index];
            report_.warning(
                config::place_of(source_.node, "columns"),
                fmt::format(
                    "{} has no column `{}`, which every row needs; say under `columns:` which one "
                    "it is",
                    escape_controls(source_.file),
                    column.name
                ),
                intake::column_hint(column, headers)
            );
        }
    }

    /// The names in `where:` and `expression:` are those of the header.
    void check_expressions(const Headers& headers) {
        intake::RowExpressions expressions{headers};
        const auto check = [&](const std::optional<std::string>& source,
                               const config::Node& place) {
            const auto compiled =
                source ? std::optional{expressions.compile(*source)} : std::nullopt;
            if (compiled && compiled->has_error()) {
                report_.warning(
                    place,
                    fmt::format(
                        "no row of {} can be read: {}",
                        escape_controls(source_.file),
                        compiled->error().message
                    ),
                    {}
                );
            }
        };
        check(source_.where, config::place_of(source_.node, "where"));
        for (const config::ColumnMapping& mapping : source_.columns) {
            check(mapping.expression, config::place_of(mapping.node, "expression"));
        }
    }

    [[nodiscard]] bool has_rate(const std::string& currency) const {
        return currency.empty() || currency == settings_.company.currency
               || settings_.company.rates.count(currency) > 0;
    }

    void check_currencies(const Headers& headers, intake::CsvReader& rows) {
        struct Place {
            const config::ColumnMapping& mapping;
            std::size_t field;
        };
        std::vector<Place> places;
        for (const config::ColumnMapping& mapping : source_.columns) {
            const auto found = std::find(headers.begin(), headers.end(), mapping.currency_header);
            if (mapping.currency_header && found != headers.end()) {
                places.push_back({mapping, static_cast<std::size_t>(found - headers.begin())});
            }
        }
        std::set<std::string> without_rate;
        for (int looked_at = 0; looked_at < rows_looked_at && !places.empty(); ++looked_at) {
            const auto row = rows.next();
            if (!row || *row == intake::CsvReader::Row::end) {
                return;
            }
            if (*row != intake::CsvReader::Row::good) {
                continue;
            }
            for (const Place& place : places) {
                const std::string currency{trim(rows.fields()[place.field])};
                if (!has_rate(currency) && without_rate.insert(currency).second) {
                    warn_of_currency(place.mapping, currency, static_cast<int>(rows.line()));
                }
            }
        }
    }

    void warn_of_currency(
        const config::ColumnMapping& mapping, const std::string& currency, int line
    ) {
        report_.warning(
            config::place_of(mapping.node, "currency_from"),
            fmt::format(
                "line {} of {} is in `{}`, for which there is no rate",
                line,
                escape_controls(source_.file),
                cut_to_width(escape_controls(currency), 30)
            ),
            "rows without a rate are bad rows; write what one unit is worth under `company: rates:`"
        );
    }

    /// What an import would make of the first rows. What cannot be opened was said before.
    void check_rows() {
        auto opened = open();
        if (!opened) {
            return;
        }
        auto mapper = intake::RowMapper::compile(
            source_, table_, settings_.company, source_.file, opened->headers
        );
        intake::Chunk rows;
        if (mapper
            && intake::ChunkReader{std::move(opened->rows), *std::move(mapper)}.read(
                rows_looked_at, rows
            )) {
            warn_of_rows(rows);
        }
    }

    void warn_of_rows(const intake::Chunk& rows) {
        const auto bad = static_cast<std::int64_t>(rows.problems.size());
        const std::string of = fmt::format(
            "{} of {}", counted(rows.lines, "row", "rows"), escape_controls(source_.file)
        );
        if (rows.is_last && rows.filtered > 0 && rows.filtered == rows.lines) {
            report_.warning(
                config::place_of(source_.node, "where"),
                fmt::format("`where:` leaves out all {}", of),
                std::string{intake::filter_hint}
            );
        }
        if (bad > 0 && bad >= rows.lines / few_bad_rows) {
            const store::ImportProblem& first = rows.problems.front();
            warn_of_file(
                fmt::format(
                    "has {} that cannot be read among {}; the first one, line {}: {}",
                    bad,
                    of,
                    first.line,
                    first.reason
                ),
                "such rows are left out; mend the file, or what `columns:` says of it"
            );
        }
    }

    const config::Settings& settings_;
    const config::SourceSettings& source_;
    const rules::TableSchema& table_;
    config::Report& report_;
};

} // namespace

Diagnostics check_sources(const config::Settings& settings, const rules::Schema& schema) {
    config::Report report;
    for (const config::SourceSettings& source : settings.sources) {
        SourceChecker{settings, source, schema[source.table], report}.check();
    }
    return report.diagnostics();
}

} // namespace reviewd::app
