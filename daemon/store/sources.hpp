#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"
#include "scoring/rules/table.hpp"

#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// What a file looked like when it was read; equal marks need no second import.
struct FileMark {
    std::string hash; ///< SHA-256, hexadecimal
    std::int64_t size_bytes = 0;
    std::int64_t modified_ns = 0; ///< since 1970, as the file system says

    friend bool operator==(const FileMark&, const FileMark&) = default;
};

/// What became of an import's rows.
struct ImportCounts {
    std::int64_t added = 0;
    std::int64_t changed = 0; ///< other content, or back after having vanished
    std::int64_t unchanged = 0;
    std::int64_t vanished = 0;  ///< were there, are not in this full load
    std::int64_t duplicate = 0; ///< rows whose key came before in the same import; left out
    std::int64_t bad = 0;       ///< rows with a problem; left out
    std::int64_t skipped = 0;   ///< rows that the source's filter leaves out

    friend bool operator==(const ImportCounts&, const ImportCounts&) = default;
};

/// A row that was left out.
struct ImportProblem {
    std::int64_t line = 0;   ///< from 1
    std::int64_t column = 0; ///< from 1; 0: the row as a whole
    std::string reason;
};

/// Problems kept of one import; ImportCounts::bad counts the rest too.
inline constexpr std::size_t import_problems_kept = 1000;

struct Source {
    SourceId id;
    std::string name;
    rules::Table table = rules::Table::accounts;
    std::int64_t generation = 0; ///< what readers see; 0: never loaded
    std::optional<TimePoint> last_attempt;
    std::optional<TimePoint> last_success;
    std::string last_error;       ///< of the last attempt, see source_state(); empty: it succeeded
    std::optional<FileMark> file; ///< of the last success
    ImportCounts counts;          ///< of the last success that read rows
    std::optional<ImportId> held; ///< an import that waits for confirmation
    std::int64_t active_rows = 0; ///< visible and not vanished
};

/// What the last look at a source came to. Held and dropped: its file was read well, and waits for
/// somebody's decision, or somebody decided against it.
enum class SourceState { good, held, dropped, failed };

/// As Source::last_error says, which begins with `held: ` or `dropped: `.
[[nodiscard]] SourceState source_state(std::string_view last_error) noexcept;

/// Bookkeeping of sources.
class Sources {
public:
    explicit Sources(Connection& connection) : connection_(connection) {}

    [[nodiscard]] std::vector<Source> list();
    [[nodiscard]] std::optional<Source> find(std::string_view name);
    [[nodiscard]] std::optional<Source> find(SourceId id);

    /// Tables that a source has filled at least once.
    [[nodiscard]] std::bitset<rules::table_count> loaded_tables();
    /// When sources were read successfully last, by name; those that never were are not there.
    [[nodiscard]] std::map<std::string, TimePoint> last_successes();

    /// The source of that name, made if it is new.
    /// @errors `conflict` when the name already stands for another table
    [[nodiscard]] Result<SourceId> declare(std::string_view name, rules::Table table);

    /// The file could not be read at all, or is no CSV.
    void record_failure(SourceId source, TimePoint now, std::string_view error);

    /// The file is the one of the last success: fresh, and nothing to import.
    void record_unchanged(SourceId source, TimePoint now, const FileMark& file);

    /// Problems of the last import of the source, in order of their lines, at most
    /// import_problems_kept.
    [[nodiscard]] std::vector<ImportProblem> problems(SourceId source);

private:
    Connection& connection_;
};

} // namespace reviewd::store
