// What is left to do of an import is rows: staged changes of an accepted one, staged rows of a
// dropped one. Each step does some and deletes them in the same transaction, so there is no cursor
// that could be wrong after a crash.
#include "daemon/store/imports.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/import_rows.hpp"
#include "daemon/store/internal/table_sql.hpp"
#include "daemon/store/internal/unknown_products.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/core.h>

#include <array>

namespace reviewd::store {
namespace {

constexpr std::array<std::string_view, 6> import_state_names{
    "staging", "held", "applying", "done", "dropping", "dropped"};

constexpr std::string_view import_columns =
    "SELECT i.id, i.source_id, s.name, s.table_name, i.state, i.generation, i.day, i.started_ms,"
    " i.finished_ms, i.visible_rows, i.added, i.changed, i.unchanged, i.vanished, i.duplicate,"
    " i.bad, i.skipped, i.first_row, i.file_hash FROM imports AS i JOIN sources AS s ON s.id = i.source_id ";

std::string dropped_marker(std::string_view source) {
    return fmt::format("import.dropped.{}", source);
}

std::string select_import(std::string_view where) {
    return std::string{import_columns} + std::string{where};
}

ImportState find_state(std::string_view text) {
    for (std::size_t index = 0; index < import_state_names.size(); ++index) {
        if (import_state_names[index] == text) {
            return static_cast<ImportState>(index);
        }
    }
    REVIEWD_ASSERT(false && "a state that the table's CHECK does not allow");
    return ImportState::done;
}

Import read_import(const Query& query) {
    Import import;
    import.id = query->id<ImportId>(0);
    import.source = query->id<SourceId>(1);
    import.source_name = query->text(2);
    import.table = rules::find_table(query->text_view(3)).value_or(rules::Table::accounts);
    import.state = find_state(query->text_view(4));
    import.generation = query->integer(5);
    import.day = query->date(6);
    import.started = query->time(7);
    import.finished = query->optional_time(8);
    import.visible_rows = query->integer(9);
    import.counts = read_counts(query, 10);
    import.file_hash = query->text(18);
    return import;
}

void set_state(Database& database, ImportId id, ImportState state) {
    Query{database, "UPDATE imports SET state = ?2 WHERE id = ?1"}.bind(id, name(state)).run();
}

std::int64_t read_count(
    Database& database, std::string_view sql, ImportId import, std::int64_t last_row
) {
    Query query{database, sql};
    query.bind(import, last_row);
    return query.step() ? query->integer(0) : 0;
}

/// What belongs to no account: products are read with every one, people with none.
void note_changes_of_none(Database& database, rules::Table table) {
    if (table == rules::Table::products) {
        database.implementation().imported.add_all();
    }
}

void note_accounts(Database& database, Query& query) {
    ChangedAccounts& changed = database.implementation().imported;
    while (!changed.are_all() && query.step()) {
        changed.add(query->id<AccountId>(0));
    }
}

/// Whose rows become visible with an import. @pre it is not accepted yet
void note_added(Database& database, const Import& import, std::int64_t first_row) {
    ChangedAccounts& changed = database.implementation().imported;
    const std::optional<Source> source = Sources{database}.find(import.source);
    const bool is_first = !source || source->generation == 0; // of a table that no fact knew
    const bool are_many = import.counts.added > std::int64_t{ChangedAccounts::most_accounts};
    if (is_first || are_many || import.state == ImportState::held) {
        changed.add_all();
    }
    const std::string& sql = table_sql(import.table).accounts_of_added;
    if (import.counts.added == 0 || changed.are_all()) {
        return;
    }
    if (sql.empty()) {
        note_changes_of_none(database, import.table);
        return;
    }
    Query query{database, sql};
    query.bind(first_row, import.source, import.generation);
    note_accounts(database, query);
}

/// Whose rows the next batch of an import changes, before it does.
void note_changed(Database& database, const Import& import, std::int64_t last_row) {
    const std::string& sql = table_sql(import.table).accounts_of_changed;
    if (sql.empty()) {
        note_changes_of_none(database, import.table);
        return;
    }
    Query query{database, sql};
    query.bind(import.id, last_row);
    note_accounts(database, query);
}

/// Applies one batch of changes and retirements. @returns whether there was any
bool apply_some(Database& database, const Import& import) {
    Query last{
        database,
        "SELECT max(row_id) FROM (SELECT row_id FROM import_changes WHERE import_id = ?1"
        " ORDER BY row_id LIMIT ?2)"};
    last.bind(import.id, rows_per_step);
    if (!last.step() || last->is_null(0)) {
        return false;
    }
    const std::int64_t last_row = last->integer(0);
    const TableSql& sql = table_sql(import.table);
    note_changed(database, import, last_row);
    for (const std::string& history : sql.keep_history) {
        Query{database, history}.bind(import.id, last_row, import.day).run();
    }
    const std::int64_t revived = read_count(database, sql.count_revived, import.id, last_row);
    Query{database, sql.change}.bind(import.id, last_row).run();
    const int retired = Query{database, sql.retire}.bind(import.id, last_row, import.day).run();
    Query{database, "UPDATE sources SET active_rows = active_rows + ?2 WHERE id = ?1"}
        .bind(import.source, revived - retired)
        .run();
    Query{database, "DELETE FROM import_changes WHERE import_id = ?1 AND row_id <= ?2"}
        .bind(import.id, last_row)
        .run();
    return true;
}

/// Takes away one batch of a dropped import's rows. @returns whether there was any
bool drop_some(Database& database, const Import& import, std::int64_t first_row) {
    int removed = Query{database, table_sql(import.table).remove}
                      .bind(first_row, import.source, import.generation, rows_per_step)
                      .run();
    if (removed == 0) {
        removed =
            Query{
                database,
                "DELETE FROM import_changes WHERE (import_id, row_id) IN (SELECT import_id, row_id"
                " FROM import_changes WHERE import_id = ?1 ORDER BY row_id LIMIT ?2)"}
                .bind(import.id, rows_per_step)
                .run();
    }
    return removed > 0;
}

Result<Import> require_held(Imports& imports, ImportId id) {
    const std::optional<Import> import = imports.find(id);
    if (!import) {
        return fail(ErrorCode::not_found, fmt::format("there is no import {}", id.value));
    }
    if (import->state != ImportState::held) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "import {} of {} is {}, not held",
                id.value,
                import->source_name,
                name(import->state)
            )
        );
    }
    return *import;
}

} // namespace

void flip(Database& database, ImportId import, TimePoint now) {
    require_transaction(database);
    {
        static const std::string sql = select_import("WHERE i.id = ?1");
        Query query{database, sql};
        query.bind(import);
        REVIEWD_ASSERT(query.step());
        note_added(database, read_import(query), query->integer(17));
    }
    Query{
        database,
        "UPDATE sources SET generation = i.generation, active_rows = active_rows + i.added,"
        " last_attempt_ms = ?2, last_success_ms = ?2, last_error = '', last_import = i.id,"
        " file_hash = i.file_hash, file_size = i.file_size, file_modified_ns = i.file_modified_ns"
        " FROM imports AS i WHERE i.id = ?1 AND sources.id = i.source_id"}
        .bind(import, now)
        .run();
    Query{
        database,
        "UPDATE imports SET finished_ms = ?2, state = iif(EXISTS (SELECT 1 FROM import_changes"
        " WHERE import_id = ?1), 'applying', 'done') WHERE id = ?1"}
        .bind(import, now)
        .run();
}

std::optional<Import> Imports::find(ImportId id) {
    static const std::string sql = select_import("WHERE i.id = ?1");
    Query query{database_, sql};
    query.bind(id);
    return query.step() ? std::optional{read_import(query)} : std::nullopt;
}

std::vector<Import> Imports::held() {
    static const std::string sql = select_import(fmt::format(
        "WHERE i.id IN (SELECT id FROM imports INDEXED BY imports_unfinished"
        " WHERE {} AND state = 'held') ORDER BY i.id",
        is_unfinished
    ));
    std::vector<Import> imports;
    Query query{database_, sql};
    while (query.step()) {
        imports.push_back(read_import(query));
    }
    return imports;
}

std::vector<Import> Imports::latest(int limit) {
    static const std::string sql = select_import("ORDER BY i.id DESC LIMIT ?1");
    std::vector<Import> imports;
    Query query{database_, sql};
    query.bind(limit);
    while (query.step()) {
        imports.push_back(read_import(query));
    }
    return imports;
}

Result<void> Imports::confirm(ImportId id, TimePoint now) {
    return write(database_, [&]() -> Result<void> {
        const Result<Import> import = require_held(*this, id);
        if (import.has_error()) {
            return import.error();
        }
        accept_held_products(database_, import->source);
        flip(database_, id, now);
        return {};
    });
}

Result<void> Imports::drop(ImportId id, TimePoint now) {
    return write(database_, [&]() -> Result<void> {
        const Result<Import> import = require_held(*this, id);
        if (import.has_error()) {
            return import.error();
        }
        set_state(database_, id, ImportState::dropping);
        Markers{database_}.set(dropped_marker(import->source_name), import->file_hash);
        Sources{database_}.record_failure(import->source, now, dropped_words(import->source_name));
        return {};
    });
}

Result<bool> Imports::make_way(SourceId source) {
    static const std::string drop_sql = fmt::format(
        "UPDATE imports INDEXED BY imports_unfinished SET state = 'dropping'"
        " WHERE source_id = ?1 AND state IN ('staging', 'held') AND {}",
        is_unfinished
    );
    static const std::string left_sql = fmt::format(
        "SELECT 1 FROM imports INDEXED BY imports_unfinished WHERE source_id = ?1"
        " AND state IN ('applying', 'dropping') AND {}",
        is_unfinished
    );
    return write(database_, [&]() -> Result<bool> {
        Query{database_, drop_sql}.bind(source).run();
        Query left{database_, left_sql};
        left.bind(source);
        return left.step();
    });
}

Result<void> Imports::note_still_held(const Import& held, Date day, TimePoint now) {
    return write(database_, [&]() -> Result<void> {
        Query{database_, "UPDATE imports SET day = ?2 WHERE id = ?1"}.bind(held.id, day).run();
        const std::string words = held_words(held.counts, held.visible_rows);
        Sources{database_}.record_failure(held.source, now, words);
        forget_dropped(held.source_name);
        return {};
    });
}

std::optional<std::string> Imports::dropped_file(std::string_view source) {
    return Markers{database_}.find(dropped_marker(source));
}

void Imports::forget_dropped(std::string_view source) {
    Markers{database_}.erase(dropped_marker(source));
}

Result<void> Imports::resume(TimePoint now) {
    return write(database_, [&]() -> Result<void> {
        static const std::string note_sql = fmt::format(
            "UPDATE sources SET last_attempt_ms = ?1, last_error = 'the import was interrupted'"
            " WHERE id IN (SELECT source_id FROM imports WHERE {} AND state = 'staging')",
            is_unfinished
        );
        static const std::string drop_sql = fmt::format(
            "UPDATE imports SET state = 'dropping', finished_ms = ?1"
            " WHERE {} AND state = 'staging'",
            is_unfinished
        );
        Query{database_, note_sql}.bind(now).run();
        Query{database_, drop_sql}.bind(now).run();
        return {};
    });
}

Result<bool> Imports::continue_some() {
    return write(database_, [&]() -> Result<bool> {
        static const std::string sql = select_import(fmt::format(
            "WHERE i.id = (SELECT min(id) FROM imports INDEXED BY imports_unfinished"
            " WHERE {} AND state IN ('applying', 'dropping'))",
            is_unfinished
        ));
        Query query{database_, sql};
        if (!query.step()) {
            return false;
        }
        const Import import = read_import(query);
        const std::int64_t first_row = query->integer(17);
        query.reset();
        if (import.state == ImportState::applying) {
            if (!apply_some(database_, import)) {
                set_state(database_, import.id, ImportState::done);
            }
        } else if (!drop_some(database_, import, first_row)) {
            set_state(database_, import.id, ImportState::dropped);
        }
        return true;
    });
}

Result<void> Imports::finish_all() {
    while (true) {
        const Result<bool> more = continue_some();
        if (more.has_error()) {
            return more.error();
        }
        if (!*more) {
            return {};
        }
    }
}

std::optional<std::set<AccountId>> Imports::take_changed() {
    return database_.implementation().imported.take();
}

std::string held_words(const ImportCounts& counts, std::int64_t visible_rows) {
    return fmt::format(
        "held: {} of {} rows would become inactive{}",
        counts.vanished,
        visible_rows,
        counts.added == 0 ? "" : fmt::format(", {} would be new", counts.added)
    );
}

std::string dropped_words(std::string_view source) {
    return fmt::format(
        "dropped: this file is passed over; it is read again when it changes, or by `reviewctl "
        "import {}`",
        source
    );
}

std::string_view name(ImportState state) noexcept {
    return import_state_names[static_cast<std::size_t>(state)];
}

} // namespace reviewd::store
