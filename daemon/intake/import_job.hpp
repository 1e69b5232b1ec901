#pragma once

#include "config/loader/settings.hpp"
#include "daemon/intake/source_file.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/sources.hpp"
#include "scoring/base/id.hpp"
#include "scoring/rules/table.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace reviewd::intake {

/// A table of fewer rows loses a large share with every one, and is not held; accounts are always.
inline constexpr std::int64_t few_rows = 5;

/// One source to read once.
struct ImportJobRequest {
    enum class Mode {
        when_changed, ///< a file that is read as the last one was is only noted: fresh, or held
        always,
        dry_run, ///< compares and counts; writes nothing
    };

    const config::SourceSettings* source = nullptr;   ///< outlives the job
    const rules::TableSchema* schema = nullptr;       ///< of the source's table; outlives the job
    const config::CompanySettings* company = nullptr; ///< outlives the job
    std::string data_directory;
    double hold_share = 0.2;          ///< of the source's active rows that may vanish; 0 … 1
    Date day{};                       ///< the company's civil day
    Mode mode = Mode::when_changed;   ///
    std::unique_ptr<SourceFile> file; ///< already open; absent: the source's own
};

/// How far an import is.
struct ImportJobProgress {
    enum class Phase {
        opening,  ///< also: tidies up behind an earlier import
        checking, ///< compares the file with the last one
        clearing, ///< takes away what was staged of the source and is not accepted, as a held one
        reading,
        retiring, ///< stages what vanished
        applying, ///< what becomes of the file is settled; what that leaves to do is worked off
        done,
    };

    Phase phase = Phase::opening;
    std::uint64_t bytes = 0; ///< read so far, of …
    std::uint64_t total_bytes = 0;
    std::int64_t rows = 0; ///< of the file, bad and filtered ones too
};

/// What became of an import.
struct ImportJobOutcome {
    enum class Kind {
        accepted,
        unchanged, ///< the file and its mapping are those of the last success: nothing is held now
        held,      ///< too many rows would vanish; see Imports::confirm and drop
        dropped,   ///< somebody gave this very file up; nothing of it was read
        failed,    ///< nothing was changed; the source's last error says why
        tried,     ///< a dry run that would be accepted or held, see `reason`
    };

    Kind kind = Kind::failed;
    store::ImportCounts counts;
    std::vector<store::ImportProblem> problems; ///< the first import_problems_kept
    std::vector<std::string> remarks;           ///< what is odd but no error: "line ends are mixed"
    ImportId import;                            ///< held: what to confirm or drop
    bool is_held_still = false;                 ///< held: so was this very file before
    ErrorCode code = ErrorCode::bad_data;       ///< failed: of which kind
    std::string reason;                         ///< failed, held or dropped: why
};

/// Reads one source in bounded pieces, so that the thread that writes is never away for long.
///
/// Refused whole, with nothing changed: a file that is no CSV, that lacks a column of the mapping,
/// or that somebody writes while it is read. Held, with nothing changed: one that lacks more than
/// `hold_share` of the rows that were there, if they were few_rows at least, or accounts. Where
/// rows are known by their content, new rows may be old ones that were edited, and count against
/// those that are gone. A bad row alone is reported and left out. Of two rows with one key the
/// second is left out: silently counted when it says the same, as a bad row that names both lines
/// when it does not. In a table that may do without a key, see needs_key, a row of a file that has
/// none is known by its content.
///
/// Memory: the reader's buffer, one batch of rows, and 16 to 32 bytes per row of the file.
/// @threads the database's writer thread
class ImportJob {
public:
    ImportJob(store::Database& database, ImportJobRequest request);
    ImportJob(const ImportJob&) = delete;
    ImportJob& operator=(const ImportJob&) = delete;
    /// Gives up what is not done; nothing of it becomes visible.
    ~ImportJob();

    enum class Step { more, done };

    /// Does one piece: at most about `rows` rows, or a few megabytes of comparing.
    /// @pre the last call did not say `done`
    [[nodiscard]] Step advance(TimePoint now, std::size_t rows = 4000);

    [[nodiscard]] ImportJobProgress progress() const;
    /// @pre advance said `done`
    [[nodiscard]] const ImportJobOutcome& outcome() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// `crm/accounts.csv:17:23: revenue: …`, as reports print a row that was left out.
[[nodiscard]] std::string describe(const std::string& file, const store::ImportProblem& problem);

} // namespace reviewd::intake
