#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/sources.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"
#include "scoring/rules/table.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

enum class ImportState {
    staging,  ///< rows are coming in
    held,     ///< waits for confirm or drop
    applying, ///< visible; changes and retirements are being worked off
    done,
    dropping, ///< its rows are being taken away
    dropped,
};

struct Import {
    ImportId id;
    SourceId source;
    std::string source_name;
    rules::Table table = rules::Table::accounts;
    ImportState state = ImportState::done;
    std::int64_t generation = 0;
    Date day{};
    TimePoint started{};
    std::optional<TimePoint> finished; ///< accepted, held or given up
    ImportCounts counts;
    std::int64_t visible_rows = 0; ///< active rows of the source when it was staged
    std::string file_hash;         ///< as FileMark has it
};

/// Imports that were begun: the held ones, and the work that is left of the others.
class Imports {
public:
    explicit Imports(Database& database) : database_(database) {}

    [[nodiscard]] std::optional<Import> find(ImportId id);
    /// Those that wait for a person.
    [[nodiscard]] std::vector<Import> held();
    /// The latest ones of all sources, newest first.
    [[nodiscard]] std::vector<Import> latest(int limit);

    /// Makes a held import visible.
    /// @errors `not_found`; `conflict` when it is not held
    [[nodiscard]] Result<void> confirm(ImportId id, TimePoint now);
    /// Gives a held import up, and remembers its file.
    /// @errors as confirm
    [[nodiscard]] Result<void> drop(ImportId id, TimePoint now);
    /// Newer data of the source comes: what was staged of it and is not accepted, held or not, is
    /// to be dropped. @returns whether continue_some has something left of the source
    [[nodiscard]] Result<bool> make_way(SourceId source);
    /// The source's file is still the one of that held import: its rows will have vanished on the
    /// day on which they were missed last.
    [[nodiscard]] Result<void> note_still_held(const Import& held, Date day, TimePoint now);
    /// The hash of the file that a person gave up last, until forget_dropped.
    [[nodiscard]] std::optional<std::string> dropped_file(std::string_view source);
    /// The source has another file now: should that one come back, somebody is asked anew.
    void forget_dropped(std::string_view source);

    /// At start: imports that were being staged by a process that is gone are to be dropped.
    [[nodiscard]] Result<void> resume(TimePoint now);

    /// Does one bounded piece (one transaction of at most 1000 rows) of the work left over: changes
    /// and retirements of accepted imports, rows of dropped ones.
    /// @returns whether more is left
    [[nodiscard]] Result<bool> continue_some();
    /// Calls continue_some until nothing is left.
    [[nodiscard]] Result<void> finish_all();

    /// Accounts that imports made through this connection since the last call brought, changed or
    /// took away, themselves or rows of theirs, and those that another person owns now; also where
    /// that was rolled back again. Complete once continue_some and Portfolio::link_some have done
    /// all. Nothing: all may be others, as at the first call.
    [[nodiscard]] std::optional<std::set<AccountId>> take_changed();

private:
    Database& database_;
};

[[nodiscard]] std::string_view name(ImportState state) noexcept;

/// What the status says of a source whose import is held.
[[nodiscard]] std::string held_words(const ImportCounts& counts, std::int64_t visible_rows);

/// What the status says of a source whose import was dropped: what has to happen.
[[nodiscard]] std::string dropped_words(std::string_view source);

} // namespace reviewd::store
