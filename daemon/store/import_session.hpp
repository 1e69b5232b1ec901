#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/field.hpp"
#include "daemon/store/sources.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"
#include "scoring/rules/table.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace reviewd::store {

struct ImportRequest {
    enum class Load { full, changes };
    enum class Mode {
        real,
        dry_run, ///< compares and counts; writes nothing at all
    };

    SourceId source; ///< of Sources::declare; ignored in a dry run of a source not yet known
    const rules::TableSchema* schema = nullptr; ///< outlives the session
    Load load = Load::full;
    Mode mode = Mode::real;
    Date day{}; ///< the company's civil day: `recorded` of new rows, `retired` of vanished ones
    TimePoint now{};
    FileMark file;
    /// The accounts source whose keys the account column holds; absent: any.
    std::optional<SourceId> accounts_from;
};

/// One import of one source. Nothing that readers see changes before `accept`.
///
/// begin; add … add; report … report; then look at `counts()` and `visible_rows()`, and
/// - `accept` it: the new generation becomes visible in one short transaction, and changes and
///   retirements follow through Imports::continue_some (in bounded transactions, resumed after a
///   crash); or
/// - `hold` it: it stays as it is, also over a restart, until Imports::confirm or Imports::drop; or
/// - `abandon` it, or destroy the session: its rows go away through Imports::continue_some.
/// One session at a time; a begun import that a crash interrupted is dropped by Imports::resume.
class ImportSession {
public:
    /// Makes the import. A held import of the same source is dropped: newer data replaces it. Work
    /// left over from earlier imports of the source is finished first, which may take long: who may
    /// not be away for that calls Imports::make_way and continue_some before. Outside a
    /// Transaction.
    /// @errors `try_later` when the disk is full
    [[nodiscard]] static Result<ImportSession> begin(Database& database, ImportRequest request);

    ImportSession(ImportSession&&) noexcept;
    ImportSession& operator=(ImportSession&&) noexcept;
    ImportSession(const ImportSession&) = delete;
    ImportSession& operator=(const ImportSession&) = delete;
    ~ImportSession();

    /// Stages rows in transactions of some 4000. More at once are put into the order of their keys
    /// first, which halves the time of a large file that is in another order: 50,000 rows are some
    /// 30 MiB and a quarter of a second.
    /// @pre every field fits its column, required ones are there, keys are not empty
    /// @returns indices (within `rows`) of those whose key came before in this import; left out
    /// @errors `try_later` when the disk is full: then the session can only be abandoned
    [[nodiscard]] Result<std::vector<std::size_t>> add(std::span<const ImportRow> rows);

    /// Counts and keeps a row that was left out for a reason. Written by accept, hold and abandon.
    void report(ImportProblem problem);
    /// The row of that key is there but could not be read: what is known of it stays as it is, and
    /// does not vanish. Call it behind the last `add`: a row that came already is not touched.
    void keep(std::string_view key);
    /// There are rows whose key could not be read: any row of the source may be one of them, so
    /// that none vanishes in this import.
    void keep_all() noexcept;
    /// Counts rows that the source's filter left out.
    void skip(std::int64_t rows) noexcept;

    /// So far. `vanished` counts rows that were visible and have not come up yet (0 for
    /// Load::changes).
    [[nodiscard]] ImportCounts counts() const;
    /// What is counted of an import that is given up: rows that were left out. Nothing was taken,
    /// and what the file was not read for is not known to have vanished.
    [[nodiscard]] ImportCounts counts_of_nothing_taken() const;

    /// Active rows of the source that readers see now; what a share of vanished rows refers to.
    [[nodiscard]] std::int64_t visible_rows() const noexcept;

    [[nodiscard]] ImportId id() const noexcept;

    /// Stages one bounded piece of what vanished: a look at 20,000 rows at most. Behind the last
    /// `add` and `keep`. What is left of it, accept and hold do at once. Not for a dry run.
    /// @returns whether more is left
    [[nodiscard]] Result<bool> stage_some_vanished();
    /// Makes the import visible. Not for a dry run.
    [[nodiscard]] Result<void> accept(TimePoint now);
    /// Keeps it for a person to decide.
    [[nodiscard]] Result<void> hold(TimePoint now);
    /// Gives it up: `error` becomes the source's last error.
    [[nodiscard]] Result<void> abandon(TimePoint now, std::string_view error);

private:
    struct State;
    explicit ImportSession(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

} // namespace reviewd::store
