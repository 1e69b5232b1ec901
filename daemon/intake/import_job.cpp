// One phase after the other; each call of `advance` does a piece of the present one. Every way to
// fail ends in `give_up`, so that nothing staged stays behind.
#include "daemon/intake/import_job.hpp"

#include "daemon/intake/chunk_reader.hpp"
#include "daemon/intake/csv_header.hpp"
#include "daemon/intake/csv_reader.hpp"
#include "daemon/intake/file_mark.hpp"
#include "daemon/store/import_session.hpp"
#include "daemon/store/imports.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <iterator>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

namespace reviewd::intake {
namespace {

using Phase = ImportJobProgress::Phase;
using Kind = ImportJobOutcome::Kind;
using Mode = ImportJobRequest::Mode;

constexpr std::size_t most_unread_keys = 10'000;

std::string percent(double share) {
    return fmt::format("{:.0f} %", share * 100);
}

/// Whether a file lacks so much of what was there that it may be broken.
bool lacks_too_many(
    rules::Table table, std::int64_t visible, std::int64_t vanished, double hold_share
) {
    const bool is_looked_at = table == rules::Table::accounts || visible >= few_rows;
    return is_looked_at && vanished > 0
           && static_cast<double>(vanished) > hold_share * static_cast<double>(visible);
}

/// @param lost_share by how much the file is shorter, if it says that
std::string describe_added(std::int64_t added, std::string_view lost_share) {
    if (added == 0) {
        return {};
    }
    const std::string left =
        lost_share.empty() ? "" : fmt::format(", which leaves {} less", lost_share);
    return fmt::format(", and {} {} new{}", added, added == 1 ? "is" : "are", left);
}

} // namespace

struct ImportJob::State {
    State(store::Database& writer, ImportJobRequest wanted)
        : database(writer), request(std::move(wanted)) {}

    store::Database& database;
    ImportJobRequest request;
    ImportJobProgress progress;
    ImportJobOutcome outcome;

    std::unique_ptr<SourceFile> file;
    SourceFile::Mark mark;
    SourceId source;
    std::optional<store::Source> known; ///< the source as the last import left it
    std::optional<FileHasher> hasher;
    store::FileMark file_mark;
    std::optional<store::ImportSession> session;
    std::unique_ptr<ChunkReader> chunks;
    Chunk chunk;                          ///< for the database
    Chunk ahead;                          ///< being read
    std::vector<std::string> unread_keys; ///< of bad rows
    std::int64_t unknown_rows = 0;        ///< bad ones whose key could not be read either
    std::int64_t good_rows = 0;
    /// How the file says which row is which.
    enum class RowsKnownBy { key, content } rows_known_by = RowsKnownBy::key;
    std::future<Result<void>> reading; ///< last: its end waits for the thread that uses the others

    [[nodiscard]] bool is_dry() const { return request.mode == Mode::dry_run; }

    void advance(TimePoint now, std::size_t rows);
    Result<void> open(TimePoint now);
    Result<void> look_up();
    Result<void> check(TimePoint now);
    Result<void> leave_as_it_is(TimePoint now);
    [[nodiscard]] std::optional<store::Import> held_before() const;
    Result<bool> pass_over_dropped(TimePoint now);
    Result<bool> pass_over_held(TimePoint now);
    Result<void> prepare(TimePoint now);
    Result<void> clear(TimePoint now);
    Result<void> begin(TimePoint now);
    Result<void> read(TimePoint now, std::size_t rows);
    void read_ahead(std::size_t rows);
    Result<void> stage();
    void keep(std::vector<std::string> keys);
    void keep_unread();
    void keep_unknown();
    Result<void> finish(TimePoint now);
    Result<void> check_end();
    Result<void> retire(TimePoint now);
    Result<void> decide(TimePoint now);
    [[nodiscard]] std::int64_t new_rows(const store::ImportCounts& counts) const;
    [[nodiscard]] std::int64_t lost_rows(const store::ImportCounts& counts) const;
    [[nodiscard]] bool is_too_much(const store::ImportCounts& counts, std::int64_t visible) const;
    [[nodiscard]] std::string why_held(const store::ImportCounts& counts, std::int64_t visible)
        const;
    Result<void> apply();
    void give_up(TimePoint now, const Error& error);
    void end(Kind kind);
};

void ImportJob::State::advance(TimePoint now, std::size_t rows) {
    Result<void> done;
    switch (progress.phase) {
    case Phase::opening:
        done = open(now);
        break;
    case Phase::checking:
        done = check(now);
        break;
    case Phase::clearing:
        done = clear(now);
        break;
    case Phase::reading:
        done = read(now, std::max<std::size_t>(rows, 1));
        break;
    case Phase::retiring:
        done = retire(now);
        break;
    case Phase::applying:
        done = apply();
        break;
    case Phase::done:
        REVIEWD_ASSERT(progress.phase != Phase::done);
        break;
    }
    if (!done) {
        give_up(now, done.error());
    }
}

Result<void> ImportJob::State::open(TimePoint /*now*/) {
    if (!is_dry()) {
        // Only one import of a source at a time: what an earlier one left comes first.
        const Result<bool> more = store::Imports{database}.continue_some();
        if (!more) {
            return more.error();
        }
        if (*more) {
            return {};
        }
    }
    if (const Result<void> found = look_up(); !found) {
        return found;
    }
    const std::string& name = request.source->file;
    Result<std::unique_ptr<SourceFile>> opened =
        request.file ? Result<std::unique_ptr<SourceFile>>{std::move(request.file)}
                     : SourceFile::open(source_path(request.data_directory, name), name);
    if (!opened) {
        return opened.error();
    }
    file = *std::move(opened);
    const Result<SourceFile::Mark> now_marked = file->mark();
    if (!now_marked) {
        return now_marked.error();
    }
    mark = *now_marked;
    progress.total_bytes = mark.size_bytes;
    hasher.emplace(*file, *request.source, *request.schema, *request.company);
    progress.phase = Phase::checking;
    return {};
}

Result<void> ImportJob::State::look_up() {
    if (!is_dry()) {
        const auto declare = [this] {
            return store::Sources{database}.declare(request.source->name, request.source->table);
        };
        const Result<SourceId> declared = store::write(database, declare);
        if (!declared) {
            return declared.error();
        }
    }
    known = store::Sources{database}.find(request.source->name);
    source = known ? known->id : SourceId{};
    return {};
}

Result<void> ImportJob::State::check(TimePoint now) {
    const Result<bool> more = hasher->step();
    if (!more) {
        return more.error();
    }
    progress.bytes = hasher->offset();
    if (*more) {
        return {};
    }
    file_mark = {hasher->finish(), static_cast<std::int64_t>(mark.size_bytes), mark.modified_ns};
    const bool is_same = known && known->file && known->file->hash == file_mark.hash;
    if (is_same && request.mode == Mode::when_changed) {
        return leave_as_it_is(now);
    }
    const Result<bool> is_dropped = pass_over_dropped(now);
    if (!is_dropped) {
        return is_dropped.error();
    }
    return *is_dropped ? Result<void>{} : prepare(now);
}

/// The file is the accepted one. What another one brought, and waits for somebody, is in no file
/// any more.
Result<void> ImportJob::State::leave_as_it_is(TimePoint now) {
    const auto record = [&]() -> Result<bool> {
        store::Imports imports{database};
        store::Sources{database}.record_unchanged(source, now, file_mark);
        imports.forget_dropped(request.source->name);
        return imports.make_way(source);
    };
    const Result<bool> left = store::write(database, record);
    if (!left) {
        return left.error();
    }
    if (!*left) {
        end(Kind::unchanged);
        return {};
    }
    outcome.kind = Kind::unchanged;
    progress.phase = Phase::applying;
    return {};
}

/// The import of this very file, read as it is read now, that is held already.
std::optional<store::Import> ImportJob::State::held_before() const {
    const bool is_any = !is_dry() && known && known->held;
    std::optional<store::Import> held =
        is_any ? store::Imports{database}.find(*known->held) : std::nullopt;
    return held && held->file_hash == file_mark.hash ? held : std::nullopt;
}

/// Staged again it would wait under another number for the same answer; who asks for that gets it.
/// The share that may vanish can be another one since. @returns whether the job has ended
Result<bool> ImportJob::State::pass_over_held(TimePoint now) {
    const std::optional<store::Import> held = held_before();
    outcome.is_held_still = held.has_value();
    if (!held || request.mode == Mode::always) {
        return false;
    }
    if (!is_too_much(held->counts, held->visible_rows)) {
        return false;
    }
    const Result<void> noted = store::Imports{database}.note_still_held(*held, request.day, now);
    if (!noted) {
        return noted.error();
    }
    outcome.import = held->id;
    outcome.counts = held->counts;
    outcome.reason = why_held(held->counts, held->visible_rows);
    end(Kind::held);
    return true;
}

/// A file that somebody gave up is not held again at every look; whoever asks for the import gets
/// it. @returns whether it is that file, and the job has ended
Result<bool> ImportJob::State::pass_over_dropped(TimePoint now) {
    const std::string& name = request.source->name;
    const auto dropped = is_dry() ? std::nullopt : store::Imports{database}.dropped_file(name);
    if (!dropped) {
        return false;
    }
    const bool is_it = *dropped == file_mark.hash && !held_before();
    if (is_it && request.mode == Mode::always) {
        return false;
    }
    const auto record = [&]() -> Result<void> {
        if (is_it) {
            store::Sources{database}.record_failure(source, now, store::dropped_words(name));
        } else {
            store::Imports{database}.forget_dropped(name);
        }
        return {};
    };
    const Result<void> recorded = store::write(database, record);
    if (!recorded) {
        return recorded.error();
    }
    if (is_it) {
        outcome.reason = store::dropped_words(name);
        end(Kind::dropped);
    }
    return is_it;
}

Result<void> ImportJob::State::prepare(TimePoint now) {
    const config::SourceSettings& settings = *request.source;
    CsvFormat format;
    format.delimiter = settings.delimiter;
    auto reader = std::make_unique<CsvReader>(*file, format);
    const auto headers = read_header(file->name(), *file, *reader, settings.delimiter);
    if (!headers) {
        return headers.error();
    }
    Result<RowMapper> compiled =
        RowMapper::compile(settings, *request.schema, *request.company, file->name(), *headers);
    if (!compiled) {
        return compiled.error();
    }
    progress.bytes = reader->offset();
    rows_known_by = compiled->column_to_key() ? RowsKnownBy::content : RowsKnownBy::key;
    chunks = std::make_unique<ChunkReader>(std::move(reader), *std::move(compiled));
    if (is_dry()) {
        return begin(now);
    }
    const Result<bool> is_held = pass_over_held(now);
    if (!is_held) {
        return is_held.error();
    }
    if (*is_held) {
        return {};
    }
    // Only now: a file without the right header replaces nothing.
    const Result<bool> left = store::Imports{database}.make_way(source);
    if (!left) {
        return left.error();
    }
    if (!*left) {
        return begin(now);
    }
    progress.phase = Phase::clearing;
    return {};
}

/// An import that was held may be as large as the source itself.
Result<void> ImportJob::State::clear(TimePoint now) {
    const Result<bool> more = store::Imports{database}.continue_some();
    if (!more) {
        return more.error();
    }
    return *more ? Result<void>{} : begin(now);
}

Result<void> ImportJob::State::begin(TimePoint now) {
    const config::SourceSettings& settings = *request.source;
    store::ImportRequest wanted;
    wanted.source = source;
    wanted.schema = request.schema;
    wanted.load = settings.load == config::SourceSettings::Load::full
                      ? store::ImportRequest::Load::full
                      : store::ImportRequest::Load::changes;
    wanted.mode = is_dry() ? store::ImportRequest::Mode::dry_run : store::ImportRequest::Mode::real;
    wanted.day = request.day;
    wanted.now = now;
    wanted.file = file_mark;
    if (settings.accounts_from) {
        const auto accounts = store::Sources{database}.find(*settings.accounts_from);
        wanted.accounts_from = accounts ? std::optional{accounts->id} : std::nullopt;
    }
    Result<store::ImportSession> begun = store::ImportSession::begin(database, std::move(wanted));
    if (!begun) {
        return begun.error();
    }
    session.emplace(*std::move(begun));
    progress.phase = Phase::reading;
    return {};
}

void ImportJob::State::read_ahead(std::size_t rows) {
    const auto read_chunk = [this, rows] {
        return chunks->read(rows, ahead);
    };
    try {
        reading = std::async(std::launch::async, read_chunk);
    } catch (const std::system_error&) {
        reading = std::async(std::launch::deferred, read_chunk); // no thread to be had: later, here
    }
}

/// Hands one chunk to the database while another thread reads the next: a large file then takes
/// hardly longer than its inserts.
Result<void> ImportJob::State::read(TimePoint now, std::size_t rows) {
    if (!reading.valid()) {
        read_ahead(rows);
    }
    if (const Result<void> done = reading.get(); !done) {
        return done;
    }
    std::swap(chunk, ahead);
    if (!chunk.is_last) {
        read_ahead(rows);
    }
    if (const Result<void> staged = stage(); !staged) {
        return staged;
    }
    return chunk.is_last ? finish(now) : Result<void>{};
}

Result<void> ImportJob::State::stage() {
    progress.rows += chunk.lines;
    progress.bytes = chunk.offset;
    for (store::ImportProblem& problem : chunk.problems) {
        if (outcome.problems.size() < store::import_problems_kept) {
            outcome.problems.push_back(problem);
        }
        session->report(std::move(problem));
    }
    session->skip(chunk.filtered);
    good_rows += static_cast<std::int64_t>(chunk.good);
    unknown_rows += chunk.unknown_rows;
    if (chunk.good > 0) {
        const auto added =
            session->add(std::span<const store::ImportRow>{chunk.rows.data(), chunk.good});
        if (!added) {
            return added.error();
        }
    }
    keep(std::move(chunk.unread_keys));
    return {};
}

/// A row that cannot be read is no row that vanished. A good row of the same key counts more, so
/// the store hears of these last.
void ImportJob::State::keep(std::vector<std::string> keys) {
    std::move(keys.begin(), keys.end(), std::back_inserter(unread_keys));
    if (unread_keys.size() >= most_unread_keys) {
        keep_unread();
    }
}

void ImportJob::State::keep_unread() {
    for (const std::string& key : unread_keys) {
        session->keep(key);
    }
    unread_keys.clear();
}

/// Each of these rows may be any of those that seem to have vanished.
void ImportJob::State::keep_unknown() {
    const std::int64_t missing = unknown_rows == 0 ? 0 : session->counts().vanished;
    if (missing == 0) {
        return;
    }
    session->keep_all();
    outcome.remarks.push_back(fmt::format(
        "{} of the rows that were there before {} not found, and {} {} no key that can be read; so "
        "nothing counts as vanished until {} mended, or left out by `where:`",
        missing,
        missing == 1 ? "is" : "are",
        unknown_rows,
        unknown_rows == 1 ? "row has" : "rows have",
        unknown_rows == 1 ? "that row is" : "those rows are"
    ));
}

Result<void> ImportJob::State::finish(TimePoint now) {
    if (const Result<void> whole = check_end(); !whole) {
        return whole;
    }
    if (chunks->has_mixed_line_ends()) {
        outcome.remarks.emplace_back("some lines end with LF, others with CR LF; both are read");
    }
    keep_unread();
    keep_unknown();
    outcome.counts = session->counts();
    if (good_rows == 0 && outcome.counts.bad > 0) {
        const store::ImportProblem& first = outcome.problems.front();
        return fail(
            ErrorCode::bad_data,
            fmt::format(
                "{}: {}",
                outcome.counts.bad == 1
                    ? "its only row cannot be read"
                    : fmt::format(
                        "none of the {} rows can be read; the first one", outcome.counts.bad
                    ),
                describe(file->name(), first)
            )
        );
    }
    if (good_rows == 0 && outcome.counts.skipped > 0) {
        outcome.remarks.push_back(fmt::format(
            "`where:` leaves out all {}; {}",
            counted(outcome.counts.skipped, "row", "rows"),
            filter_hint
        ));
    }
    progress.phase = Phase::retiring;
    return is_dry() ? decide(now) : Result<void>{};
}

/// Much may have vanished: somebody exported half of it.
Result<void> ImportJob::State::retire(TimePoint now) {
    const Result<bool> more = session->stage_some_vanished();
    if (!more) {
        return more.error();
    }
    return *more ? Result<void>{} : decide(now);
}

Result<void> ImportJob::State::check_end() {
    const Result<SourceFile::Mark> after = file->mark();
    if (!after) {
        return after.error();
    }
    if (*after != mark || chunk.offset != mark.size_bytes) {
        return fail(
            ErrorCode::try_later,
            fmt::format(
                "`{}` was changed while it was read, so nothing of it was taken; write the file "
                "under another name and rename it when it is complete",
                file->name()
            )
        );
    }
    if (const std::optional<CsvProblem> cut = chunks->cut_off()) {
        return fail(
            ErrorCode::bad_data,
            fmt::format(
                "{}:{}:{}: the file breaks off here ({}, and no line end), so nothing of it was "
                "taken; write the file under another name and rename it when it is complete",
                file->name(),
                cut->line,
                cut->column,
                cut->reason
            )
        );
    }
    return {};
}

/// A row without a key that was edited is one that is gone and one that is new, or was once.
std::int64_t ImportJob::State::new_rows(const store::ImportCounts& counts) const {
    return counts.added + (rows_known_by == RowsKnownBy::content ? counts.changed : 0);
}

std::int64_t ImportJob::State::lost_rows(const store::ImportCounts& counts) const {
    return rows_known_by == RowsKnownBy::key
               ? counts.vanished
               : std::max<std::int64_t>(counts.vanished - new_rows(counts), 0);
}

bool ImportJob::State::is_too_much(const store::ImportCounts& counts, std::int64_t visible) const {
    return lacks_too_many(request.source->table, visible, lost_rows(counts), request.hold_share);
}

std::string ImportJob::State::why_held(const store::ImportCounts& counts, std::int64_t visible)
    const {
    const std::int64_t lost = lost_rows(counts);
    const std::string share = percent(static_cast<double>(lost) / static_cast<double>(visible));
    return fmt::format(
        "{} of {} {}{} {} not in `{}` any more{}; more than {} waits for somebody to confirm it",
        counts.vanished,
        visible,
        rules::name(request.source->table),
        lost == counts.vanished ? fmt::format(" ({})", share) : "",
        counts.vanished == 1 ? "is" : "are",
        file->name(),
        describe_added(new_rows(counts), lost == counts.vanished ? "" : share),
        percent(request.hold_share)
    );
}

Result<void> ImportJob::State::decide(TimePoint now) {
    const std::int64_t visible = session->visible_rows();
    const bool is_held = is_too_much(outcome.counts, visible);
    if (is_held) {
        outcome.reason = why_held(outcome.counts, visible);
    }
    if (is_dry()) {
        session.reset();
        end(Kind::tried);
        return {};
    }
    outcome.import = session->id();
    const Result<void> decided = is_held ? session->hold(now) : session->accept(now);
    if (!decided) {
        return decided;
    }
    session.reset();
    if (is_held) {
        end(Kind::held);
    } else {
        outcome.kind = Kind::accepted;
        progress.phase = Phase::applying;
    }
    return {};
}

Result<void> ImportJob::State::apply() {
    const Result<bool> more = store::Imports{database}.continue_some();
    if (!more) {
        return more.error();
    }
    if (!*more) {
        end(outcome.kind);
    }
    return {};
}

void ImportJob::State::give_up(TimePoint now, const Error& error) {
    if (progress.phase == Phase::applying) {
        // The rest is done later, see Imports::continue_some.
        outcome.remarks.push_back(error.message);
        end(outcome.kind);
        return;
    }
    outcome.code = error.code;
    outcome.reason = error.message;
    if (session) {
        outcome.counts = session->counts_of_nothing_taken();
    }
    if (!is_dry() && session) {
        static_cast<void>(session->abandon(now, error.message));
    } else if (!is_dry() && source) {
        const auto record = [&]() -> Result<void> {
            store::Sources{database}.record_failure(source, now, error.message);
            return {};
        };
        static_cast<void>(store::write(database, record));
    }
    session.reset();
    end(Kind::failed);
}

void ImportJob::State::end(Kind kind) {
    outcome.kind = kind;
    progress.phase = Phase::done;
    reading = {}; // waits for the thread that reads
    chunks.reset();
    file.reset();
    chunk = {};
    ahead = {};
}

ImportJob::ImportJob(store::Database& database, ImportJobRequest request)
    : state_(std::make_unique<State>(database, std::move(request))) {
    REVIEWD_ASSERT(state_->request.source != nullptr && state_->request.schema != nullptr);
    REVIEWD_ASSERT(state_->request.company != nullptr);
}

ImportJob::~ImportJob() = default;

ImportJob::Step ImportJob::advance(TimePoint now, std::size_t rows) {
    state_->advance(now, rows);
    return state_->progress.phase == Phase::done ? Step::done : Step::more;
}

ImportJobProgress ImportJob::progress() const {
    return state_->progress;
}

const ImportJobOutcome& ImportJob::outcome() const {
    REVIEWD_ASSERT(state_->progress.phase == Phase::done);
    return state_->outcome;
}

std::string describe(const std::string& file, const store::ImportProblem& problem) {
    const std::string name = escape_controls(file);
    return problem.column == 0
               ? fmt::format("{}:{}: {}", name, problem.line, problem.reason)
               : fmt::format("{}:{}:{}: {}", name, problem.line, problem.column, problem.reason);
}

} // namespace reviewd::intake
