// Rows that are new are inserted at once, under a generation that readers do not see yet. Rows that
// are known are only remembered in a bit map by row id, and staged when their content differs.
#include "daemon/store/import_session.hpp"

#include "daemon/store/imports.hpp"
#include "daemon/store/internal/content_hash.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/import_rows.hpp"
#include "daemon/store/internal/json_text.hpp"
#include "daemon/store/internal/table_sql.hpp"
#include "daemon/store/internal/unknown_products.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace reviewd::store {
namespace {

/// Rows that retire are looked for and staged in pieces of this size.
constexpr int rows_per_scan = 20'000;

/// New rows that one transaction inserts: some 20 ms with its sync.
constexpr std::size_t rows_per_transaction = 4'000;

const std::string* text_of(const Field& field) {
    return std::get_if<std::string>(&field);
}

struct FieldBinder {
    Statement& statement;
    int index;

    void operator()(std::monostate) const { statement.bind(index, nullptr); }
    void operator()(const std::string& text) const { statement.bind_static(index, text); }
    template <class T>
    void operator()(const T& value) const {
        statement.bind(index, value);
    }
};

void bind_field(Statement& statement, int index, const Field& field) {
    std::visit(FieldBinder{statement, index}, field);
}

} // namespace

struct ImportSession::State {
    State(Database& the_database, ImportRequest the_request)
        : database(the_database),
          request(std::move(the_request)),
          sql(table_sql(request.schema->table)),
          products(database, *request.schema) {
        // A page of the index is changed by many transactions of a large import: it is to reach
        // the file once for all of them. The log stays below its limit of 64 MiB.
        database.implementation().execute(
            "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000"
        );
        for (std::size_t i = sql.built_in_count; i < request.schema->columns.size(); ++i) {
            const std::string_view name = request.schema->columns[i].name;
            std::string& key = custom_keys.emplace_back();
            append_json(key, name);
            key += ':';
            ContentHash hash;
            hash.add(name);
            custom_names.push_back(hash.value());
        }
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (!database.implementation().is_lost) {
            sqlite3_exec(
                database.implementation().handle(),
                "PRAGMA cache_size = -2000; PRAGMA wal_autocheckpoint = 1000",
                nullptr,
                nullptr,
                nullptr
            );
        }
    }

    struct Known {
        std::int64_t id = 0;
        std::int64_t content_hash = 0;
        std::int64_t generation = 0;
        bool is_retired = false;
        bool is_merged = false; ///< an account that lives on in another: its row says nothing
    };
    enum class Fate { added, changed, unchanged, duplicate };

    [[nodiscard]] bool is_dry() const { return request.mode == ImportRequest::Mode::dry_run; }

    void load_people();
    [[nodiscard]] std::int64_t find_reference(const ImportRow& row);
    void append_custom(std::string& json, const ImportRow& row) const;
    [[nodiscard]] std::string make_change_json(const ImportRow& row) const;
    [[nodiscard]] std::int64_t hash_of(const ImportRow& row) const;
    [[nodiscard]] std::optional<Known> find(std::string_view key);
    [[nodiscard]] bool insert(const ImportRow& row, std::string_view key, std::int64_t hash);
    void stage_change(const Known& known, const ImportRow& row, std::int64_t hash);
    void note_product(const ImportRow& row, Fate fate);
    [[nodiscard]] Fate place(const ImportRow& row);
    [[nodiscard]] bool mark_seen(std::int64_t id);
    void sort_by_key(std::span<const ImportRow> rows);
    void place_some(
        std::span<const ImportRow> rows,
        std::span<const std::uint32_t> part,
        std::vector<std::size_t>& duplicates
    );
    [[nodiscard]] Result<std::int64_t> stage_retirements(std::int64_t after);
    [[nodiscard]] Result<bool> stage_some_vanished();
    [[nodiscard]] Result<void> stage_vanished();
    void write_counts();
    void write_problems();

    Database& database;
    ImportRequest request;
    const TableSql& sql;
    ImportId import;
    std::int64_t generation = 0;
    std::int64_t visible_generation = 0;
    std::int64_t visible_rows = 0;
    std::int64_t seen_active = 0;
    /// Those behind this row are still to be looked through for vanished ones; absent: none is.
    std::optional<std::int64_t> look_after = 0;
    std::vector<bool> seen;                               ///< by row id
    std::unordered_set<std::int64_t> dry_keys;            ///< hashes of new keys of a dry run
    std::unordered_map<std::string, std::int64_t> people; ///< accounts: owner's key to id
    UnknownProducts products;
    ImportCounts counts;
    std::vector<ImportProblem> problems;
    std::string json;                       ///< kept for its memory
    std::vector<std::uint32_t> order;       ///< likewise
    std::vector<std::string> custom_keys;   ///< `"name":`, by custom column
    std::vector<std::int64_t> custom_names; ///< digests of the names
    std::optional<Query> find_row;          ///< taken once: they run for every row
    std::optional<Query> insert_row;
    bool is_open = true;
};

void ImportSession::State::load_people() {
    Query query{
        database,
        "SELECT p.key, p.id FROM people AS p JOIN sources AS s ON s.id = p.source_id"
        " WHERE p.generation <= s.generation AND p.retired IS NULL ORDER BY p.source_id"};
    while (query.step()) {
        people.emplace(query->text(0), query->integer(1));
    }
}

std::int64_t ImportSession::State::find_reference(const ImportRow& row) {
    if (!sql.account) {
        static const std::size_t owner =
            rules::built_in_schema()[rules::Table::accounts].index_of("owner").value();
        const std::string* key = text_of(row.fields[owner]);
        const auto person = key == nullptr ? people.end() : people.find(*key);
        return person == people.end() ? 0 : person->second;
    }
    Query query{
        database,
        "SELECT coalesce(a.merged_into, a.id) FROM accounts AS a JOIN sources AS s"
        " ON s.id = a.source_id WHERE a.key = ?1 AND a.source_id = coalesce(?2, a.source_id)"
        " AND a.generation <= s.generation ORDER BY a.source_id LIMIT 1"};
    query->bind_static(1, *text_of(row.fields[*sql.account]));
    query->bind(2, request.accounts_from);
    return query.step() ? query->integer(0) : 0;
}

void ImportSession::State::append_custom(std::string& out, const ImportRow& row) const {
    bool is_first = true;
    for (std::size_t index = sql.built_in_count; index < row.fields.size(); ++index) {
        if (std::holds_alternative<std::monostate>(row.fields[index])) {
            continue;
        }
        out += is_first ? '{' : ',';
        is_first = false;
        out += custom_keys[index - sql.built_in_count];
        append_json(out, row.fields[index]);
    }
    out += is_first ? "null" : "}";
}

std::string ImportSession::State::make_change_json(const ImportRow& row) const {
    std::string out = "[";
    append_json(out, sql.recorded ? row.fields[*sql.recorded] : Field{});
    for (const TableSql::StoredColumn& column : sql.columns) {
        out += ',';
        append_json(out, row.fields[column.index]);
    }
    out += ',';
    append_custom(out, row);
    out += ']';
    return out;
}

std::int64_t ImportSession::State::hash_of(const ImportRow& row) const {
    ContentHash hash;
    for (std::size_t index = 0; index < row.fields.size(); ++index) {
        if (index >= sql.built_in_count) {
            hash.add(custom_names[index - sql.built_in_count]);
        }
        hash.add(row.fields[index]);
    }
    return hash.value();
}

std::optional<ImportSession::State::Known> ImportSession::State::find(std::string_view key) {
    Query& query = *find_row;
    query->bind_static(1, key);
    query->bind(2, request.source);
    std::optional<Known> known;
    if (query.step()) {
        known = Known{
            query->integer(0),
            query->integer(1),
            query->integer(3),
            !query->is_null(2),
            !query->is_null(4)};
    }
    query->restart();
    return known;
}

bool ImportSession::State::insert(const ImportRow& row, std::string_view key, std::int64_t hash) {
    Query& query = *insert_row;
    int index = 0;
    query->bind(++index, request.source);
    query->bind_static(++index, key);
    query->bind(++index, generation);
    query->bind(++index, hash);
    const Date* recorded = sql.recorded ? std::get_if<Date>(&row.fields[*sql.recorded]) : nullptr;
    query->bind(++index, recorded == nullptr ? request.day : *recorded);
    if (!sql.reference.empty()) {
        const std::int64_t reference = find_reference(row);
        query->bind(++index, reference == 0 ? std::nullopt : std::optional{reference});
    }
    for (const TableSql::StoredColumn& column : sql.columns) {
        bind_field(*query.operator->(), ++index, row.fields[column.index]);
    }
    json.clear();
    append_custom(json, row);
    if (json == "null") {
        query->bind(++index, nullptr);
    } else {
        query->bind_static(++index, json);
    }
    static_cast<void>(query.step());
    const bool is_inserted = sqlite3_changes(database.implementation().handle()) == 1;
    query->restart();
    return is_inserted;
}

void ImportSession::State::stage_change(
    const Known& known, const ImportRow& row, std::int64_t hash
) {
    Query{
        database,
        "INSERT INTO import_changes (import_id, row_id, content_hash, fields)"
        " VALUES (?1, ?2, ?3, ?4)"}
        .bind(import, known.id, hash, make_change_json(row))
        .run();
}

bool ImportSession::State::mark_seen(std::int64_t id) {
    const auto index = static_cast<std::size_t>(id);
    if (index >= seen.size()) {
        seen.resize(index + index / 2 + 1024);
    }
    if (seen[index]) {
        return false;
    }
    seen[index] = true;
    return true;
}

/// A trial keeps nothing.
void ImportSession::State::note_product(const ImportRow& row, Fate fate) {
    if (is_dry()) {
        return;
    }
    if (fate == Fate::unchanged) {
        products.note_unchanged(row);
    } else {
        products.note(row);
    }
}

ImportSession::State::Fate ImportSession::State::place(const ImportRow& row) {
    REVIEWD_ASSERT(row.fields.size() == request.schema->columns.size());
    const std::string* key = text_of(row.fields[sql.key]);
    REVIEWD_ASSERT(key != nullptr && !key->empty());
    const std::int64_t hash = hash_of(row);
    const std::optional<Known> known =
        visible_generation == 0 ? std::nullopt : find(*key); // a first load has nothing to find
    if (!known) {
        if (is_dry()) {
            ContentHash key_hash;
            key_hash.add(std::string_view{*key});
            return dry_keys.insert(key_hash.value()).second ? Fate::added : Fate::duplicate;
        }
        if (!insert(row, *key, hash)) {
            return Fate::duplicate;
        }
        note_product(row, Fate::added);
        return Fate::added;
    }
    if (known->generation == generation || !mark_seen(known->id)) {
        return Fate::duplicate;
    }
    if (known->is_merged) {
        return Fate::unchanged;
    }
    seen_active += known->is_retired ? 0 : 1;
    if (known->content_hash == hash && !known->is_retired) {
        note_product(row, Fate::unchanged);
        return Fate::unchanged;
    }
    if (!is_dry()) {
        if (!known->is_retired) {
            products.take_back(known->id);
        }
        stage_change(*known, row, hash);
    }
    note_product(row, Fate::changed);
    return Fate::changed;
}

Result<std::int64_t> ImportSession::State::stage_retirements(std::int64_t after) {
    return write(database, [&]() -> Result<std::int64_t> {
        Query rows{database, sql.list_active};
        rows.bind(request.source, visible_generation, after, rows_per_scan);
        std::int64_t last = 0;
        int staged = 0;
        while (staged < 5 * rows_per_step && rows.step()) {
            last = rows->integer(0);
            const auto index = static_cast<std::size_t>(last);
            if (index < seen.size() && seen[index]) {
                continue;
            }
            Query{
                database,
                "INSERT OR IGNORE INTO import_changes (import_id, row_id) VALUES (?1, ?2)"}
                .bind(import, last)
                .run();
            ++staged;
        }
        return last;
    });
}

Result<bool> ImportSession::State::stage_some_vanished() {
    if (request.load != ImportRequest::Load::full || visible_rows == seen_active) {
        look_after.reset();
    }
    if (!look_after) {
        return false;
    }
    const Result<std::int64_t> last = stage_retirements(*look_after);
    if (last.has_error()) {
        return last.error();
    }
    look_after = *last == 0 ? std::nullopt : std::optional{*last};
    return look_after.has_value();
}

Result<void> ImportSession::State::stage_vanished() {
    while (true) {
        const Result<bool> more = stage_some_vanished();
        if (more.has_error()) {
            return more.error();
        }
        if (!*more) {
            return {};
        }
    }
}

void ImportSession::State::write_counts() {
    Query query{
        database,
        "UPDATE imports SET added = ?2, changed = ?3, unchanged = ?4, vanished = ?5,"
        " duplicate = ?6, bad = ?7, skipped = ?8 WHERE id = ?1"};
    query
        .bind(
            import,
            counts.added,
            counts.changed,
            counts.unchanged,
            counts.vanished,
            counts.duplicate,
            counts.bad,
            counts.skipped
        )
        .run();
    write_problems();
}

void ImportSession::State::write_problems() {
    Query{database, "DELETE FROM import_problems WHERE source_id = ?1"}.bind(request.source).run();
    std::int64_t number = 0;
    for (const ImportProblem& problem : problems) {
        Query{
            database,
            "INSERT INTO import_problems (source_id, number, line, position, reason)"
            " VALUES (?1, ?2, ?3, ?4, ?5)"}
            .bind(request.source, ++number, problem.line, problem.column, problem.reason)
            .run();
    }
}

namespace {

Result<void> clear_unfinished(Database& database, SourceId source) {
    Imports imports{database};
    const Result<bool> any = imports.make_way(source);
    if (any.has_error()) {
        return any.error();
    }
    return *any ? imports.finish_all() : Result<void>{};
}

Result<ImportId> insert_import(
    Database& database, const ImportRequest& request, std::int64_t visible_rows
) {
    const TableSql& sql = table_sql(request.schema->table);
    Query newest{database, sql.newest_id};
    const std::int64_t first_row = newest.step() ? newest->integer(0) + 1 : 1;
    Query{database, "UPDATE sources SET accounts_from = ?2 WHERE id = ?1"}
        .bind(request.source, request.accounts_from)
        .run();
    Query query{
        database,
        "INSERT INTO imports (source_id, generation, state, instance_id, day, started_ms,"
        " visible_rows, first_row, file_hash, file_size, file_modified_ns) VALUES (?1,"
        " (SELECT coalesce(max(generation), 0) + 1 FROM imports WHERE source_id = ?1), 'staging',"
        " ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id"};
    query.bind(
        request.source,
        database.instance_id(),
        request.day,
        request.now,
        visible_rows,
        first_row,
        request.file.hash,
        request.file.size_bytes,
        request.file.modified_ns
    );
    REVIEWD_ASSERT(query.step());
    return query->id<ImportId>(0);
}

} // namespace

Result<ImportSession> ImportSession::begin(Database& database, ImportRequest request) {
    REVIEWD_ASSERT(request.schema != nullptr);
    REVIEWD_ASSERT(!database.is_in_transaction());
    auto state = std::make_unique<State>(database, std::move(request));
    State& session = *state;
    const bool is_dry = session.is_dry();
    if (!is_dry) {
        if (Result<void> clear = clear_unfinished(database, session.request.source);
            clear.has_error()) {
            return clear.error();
        }
    }
    if (const auto source = Sources{database}.find(session.request.source)) {
        session.visible_generation = source->generation;
        session.visible_rows = source->active_rows;
    } else {
        REVIEWD_ASSERT(is_dry);
    }
    if (!is_dry) {
        const Result<ImportId> import = write(database, [&] {
            return insert_import(database, session.request, session.visible_rows);
        });
        if (import.has_error()) {
            return import.error();
        }
        session.import = *import;
        if (session.request.load == ImportRequest::Load::changes
            && session.visible_generation > 0) {
            session.products.begin_with_kept(session.request.source);
        }
        session.generation = Imports{database}.find(*import).value().generation;
    }
    if (session.sql.table == rules::Table::accounts) {
        session.load_people();
    }
    session.find_row.emplace(database, session.sql.find);
    session.insert_row.emplace(database, session.sql.insert);
    return ImportSession{std::move(state)};
}

ImportSession::ImportSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
ImportSession::ImportSession(ImportSession&&) noexcept = default;
ImportSession& ImportSession::operator=(ImportSession&&) noexcept = default;
ImportSession::~ImportSession() = default;

/// Puts the rows into the order of their keys, the earlier of two equal ones first: neighbours
/// share pages of the index, and few pages change in one transaction.
void ImportSession::State::sort_by_key(std::span<const ImportRow> rows) {
    const auto key_of = [&](std::uint32_t index) -> const std::string& {
        return *text_of(rows[index].fields[sql.key]);
    };
    order.resize(rows.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto is_less = [&](std::uint32_t a, std::uint32_t b) {
        return key_of(a) < key_of(b);
    };
    // Within one transaction the order does not matter, and a small file keeps its own.
    if (rows.size() > rows_per_transaction
        && !std::is_sorted(order.begin(), order.end(), is_less)) {
        std::stable_sort(order.begin(), order.end(), is_less);
    }
}

/// One transaction: the rows that `part` numbers.
void ImportSession::State::place_some(
    std::span<const ImportRow> rows,
    std::span<const std::uint32_t> part,
    std::vector<std::size_t>& duplicates
) {
    std::optional<Transaction> transaction;
    if (!is_dry()) {
        transaction.emplace(database);
    }
    for (const std::uint32_t index : part) {
        switch (place(rows[index])) {
        case Fate::added:
            ++counts.added;
            break;
        case Fate::changed:
            ++counts.changed;
            break;
        case Fate::unchanged:
            ++counts.unchanged;
            break;
        case Fate::duplicate:
            ++counts.duplicate;
            duplicates.push_back(index);
            break;
        }
    }
    if (transaction) {
        transaction->commit();
    }
}

Result<std::vector<std::size_t>> ImportSession::add(std::span<const ImportRow> rows) {
    State& state = *state_;
    REVIEWD_ASSERT(state.is_open);
    std::vector<std::size_t> duplicates;
    state.sort_by_key(rows);
    // Not write(): the bit map is changed on the way, so the work cannot simply run twice. Whoever
    // gets an error here gives the whole session up.
    try {
        std::span<const std::uint32_t> left{state.order};
        while (!left.empty()) {
            const std::size_t size = std::min(left.size(), rows_per_transaction);
            state.place_some(rows, left.first(size), duplicates);
            left = left.subspan(size);
        }
    } catch (const Failure& problem) {
        state.is_open = false;
        return problem.error();
    }
    std::sort(duplicates.begin(), duplicates.end());
    return duplicates;
}

void ImportSession::report(ImportProblem problem) {
    ++state_->counts.bad;
    if (state_->problems.size() < import_problems_kept) {
        state_->problems.push_back(std::move(problem));
    }
}

void ImportSession::keep(std::string_view key) {
    State& state = *state_;
    REVIEWD_ASSERT(state.is_open);
    const auto known = state.visible_generation == 0 ? std::nullopt : state.find(key);
    if (known && known->generation != state.generation && !known->is_retired
        && state.mark_seen(known->id)) {
        ++state.seen_active;
        state.products.note_kept(known->id);
    }
}

void ImportSession::keep_all() noexcept {
    state_->request.load = ImportRequest::Load::changes;
    state_->products.give_up(); // rows that are not in the file count as well, and are not known
}

void ImportSession::skip(std::int64_t rows) noexcept {
    state_->counts.skipped += rows;
}

ImportCounts ImportSession::counts() const {
    ImportCounts counts = state_->counts;
    if (state_->request.load == ImportRequest::Load::full) {
        counts.vanished = state_->visible_rows - state_->seen_active;
    }
    return counts;
}

ImportCounts ImportSession::counts_of_nothing_taken() const {
    ImportCounts counts = state_->counts;
    counts.added = 0;
    counts.changed = 0;
    counts.unchanged = 0;
    counts.vanished = 0;
    return counts;
}

std::int64_t ImportSession::visible_rows() const noexcept {
    return state_->visible_rows;
}

ImportId ImportSession::id() const noexcept {
    return state_->import;
}

Result<bool> ImportSession::stage_some_vanished() {
    State& state = *state_;
    REVIEWD_ASSERT(state.is_open && !state.is_dry());
    return state.stage_some_vanished();
}

Result<void> ImportSession::accept(TimePoint now) {
    State& state = *state_;
    REVIEWD_ASSERT(state.is_open && !state.is_dry());
    if (Result<void> staged = state.stage_vanished(); staged.has_error()) {
        return staged;
    }
    state.counts = counts();
    Result<void> accepted = write(state.database, [&]() -> Result<void> {
        state.write_counts();
        state.products.keep(state.request.source, UnknownProducts::Fate::accepted);
        flip(state.database, state.import, now);
        return {};
    });
    state.is_open = accepted.has_error();
    return accepted;
}

Result<void> ImportSession::hold(TimePoint now) {
    State& state = *state_;
    REVIEWD_ASSERT(state.is_open && !state.is_dry());
    if (Result<void> staged = state.stage_vanished(); staged.has_error()) {
        return staged;
    }
    state.counts = counts();
    Result<void> held = write(state.database, [&]() -> Result<void> {
        state.write_counts();
        state.products.keep(state.request.source, UnknownProducts::Fate::held);
        Query{state.database, "UPDATE imports SET state = 'held', finished_ms = ?2 WHERE id = ?1"}
            .bind(state.import, now)
            .run();
        Sources{state.database}.record_failure(
            state.request.source, now, held_words(state.counts, state.visible_rows)
        );
        return {};
    });
    state.is_open = held.has_error();
    return held;
}

Result<void> ImportSession::abandon(TimePoint now, std::string_view error) {
    State& state = *state_;
    REVIEWD_ASSERT(!state.is_dry());
    state.is_open = false;
    state.counts = counts_of_nothing_taken();
    return write(state.database, [&]() -> Result<void> {
        state.write_counts();
        Query{
            state.database, "UPDATE imports SET state = 'dropping', finished_ms = ?2 WHERE id = ?1"}
            .bind(state.import, now)
            .run();
        Sources{state.database}.record_failure(state.request.source, now, error);
        return {};
    });
}

} // namespace reviewd::store
