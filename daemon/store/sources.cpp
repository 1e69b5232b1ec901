#include "daemon/store/sources.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/import_rows.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/core.h>

namespace reviewd::store {
namespace {

/// @param 0 of the unfinished imports
constexpr std::string_view source_columns =
    "SELECT s.id, s.name, s.table_name, s.generation, s.active_rows, s.last_attempt_ms,"
    " s.last_success_ms, s.last_error, s.file_hash, s.file_size, s.file_modified_ns,"
    " i.id, i.added, i.changed, i.unchanged, i.vanished, i.duplicate, i.bad, i.skipped, h.id"
    " FROM sources AS s LEFT JOIN imports AS i ON i.id = s.last_import"
    " LEFT JOIN imports AS h ON h.source_id = s.id AND h.state = 'held' AND h.{} ";

Source read_source(const Query& query) {
    Source source;
    source.id = query->id<SourceId>(0);
    source.name = query->text(1);
    source.table = rules::find_table(query->text_view(2)).value_or(rules::Table::accounts);
    source.generation = query->integer(3);
    source.active_rows = query->integer(4);
    source.last_attempt = query->optional_time(5);
    source.last_success = query->optional_time(6);
    source.last_error = query->text(7);
    if (!query->is_null(8)) {
        source.file = FileMark{query->text(8), query->integer(9), query->integer(10)};
    }
    if (!query->is_null(11)) {
        source.counts = read_counts(query, 12);
    }
    if (!query->is_null(19)) {
        source.held = query->id<ImportId>(19);
    }
    return source;
}

std::string select_source(std::string_view where) {
    return fmt::format(source_columns, is_unfinished) + std::string{where};
}

} // namespace

ImportCounts read_counts(const Query& query, int first) {
    ImportCounts counts;
    counts.added = query->integer(first);
    counts.changed = query->integer(first + 1);
    counts.unchanged = query->integer(first + 2);
    counts.vanished = query->integer(first + 3);
    counts.duplicate = query->integer(first + 4);
    counts.bad = query->integer(first + 5);
    counts.skipped = query->integer(first + 6);
    return counts;
}

std::vector<Source> Sources::list() {
    static const std::string sql = select_source("ORDER BY s.id");
    std::vector<Source> sources;
    Query query{connection_, sql};
    while (query.step()) {
        sources.push_back(read_source(query));
    }
    return sources;
}

std::optional<Source> Sources::find(std::string_view name) {
    static const std::string sql = select_source("WHERE s.name = ?1");
    Query query{connection_, sql};
    query.bind(name);
    return query.step() ? std::optional{read_source(query)} : std::nullopt;
}

std::optional<Source> Sources::find(SourceId id) {
    static const std::string sql = select_source("WHERE s.id = ?1");
    Query query{connection_, sql};
    query.bind(id);
    return query.step() ? std::optional{read_source(query)} : std::nullopt;
}

std::map<std::string, TimePoint> Sources::last_successes() {
    std::map<std::string, TimePoint> successes;
    Query query{
        connection_, "SELECT name, last_success_ms FROM sources WHERE last_success_ms IS NOT NULL"};
    while (query.step()) {
        successes.emplace(query->text(0), query->time(1));
    }
    return successes;
}

std::bitset<rules::table_count> Sources::loaded_tables() {
    std::bitset<rules::table_count> loaded;
    Query query{connection_, "SELECT table_name FROM sources WHERE generation > 0"};
    while (query.step()) {
        if (const auto table = rules::find_table(query->text_view(0))) {
            loaded.set(static_cast<std::size_t>(*table));
        }
    }
    return loaded;
}

Result<SourceId> Sources::declare(std::string_view name, rules::Table table) {
    if (const std::optional<Source> known = find(name)) {
        if (known->table != table) {
            return fail(
                ErrorCode::conflict,
                fmt::format(
                    "source {} has filled the table {} so far and cannot fill {}; give it another "
                    "name",
                    name,
                    rules::name(known->table),
                    rules::name(table)
                )
            );
        }
        return known->id;
    }
    require_transaction(connection_);
    Query query{connection_, "INSERT INTO sources (name, table_name) VALUES (?1, ?2) RETURNING id"};
    query.bind(name, rules::name(table));
    REVIEWD_ASSERT(query.step());
    return query->id<SourceId>(0);
}

void Sources::record_failure(SourceId source, TimePoint now, std::string_view error) {
    require_transaction(connection_);
    Query{connection_, "UPDATE sources SET last_attempt_ms = ?2, last_error = ?3 WHERE id = ?1"}
        .bind(source, now, error)
        .run();
}

void Sources::record_unchanged(SourceId source, TimePoint now, const FileMark& file) {
    require_transaction(connection_);
    Query{
        connection_,
        "UPDATE sources SET last_attempt_ms = ?2, last_success_ms = ?2, last_error = '',"
        " file_hash = ?3, file_size = ?4, file_modified_ns = ?5 WHERE id = ?1"}
        .bind(source, now, file.hash, file.size_bytes, file.modified_ns)
        .run();
}

SourceState source_state(std::string_view last_error) noexcept {
    if (last_error.empty()) {
        return SourceState::good;
    }
    if (last_error.rfind("held: ", 0) == 0) {
        return SourceState::held;
    }
    return last_error.rfind("dropped: ", 0) == 0 ? SourceState::dropped : SourceState::failed;
}

std::vector<ImportProblem> Sources::problems(SourceId source) {
    std::vector<ImportProblem> problems;
    Query query{
        connection_,
        "SELECT line, position, reason FROM import_problems WHERE source_id = ?1 ORDER BY number"};
    query.bind(source);
    while (query.step()) {
        problems.push_back({query->integer(0), query->integer(1), query->text(2)});
    }
    return problems;
}

} // namespace reviewd::store
