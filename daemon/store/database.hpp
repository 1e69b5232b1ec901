#pragma once

#include "daemon/store/connection.hpp"
#include "daemon/store/instance_lock.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::store {

enum class OpenMode {
    create_if_missing, ///< an empty or missing file becomes a database, if there was none before
    existing,          ///< an empty or missing file is an error
};

/// The one connection of the process that writes and checkpoints. All its users share one thread.
class Database : public Connection {
public:
    /// Opens, sets every pragma and limit and reads it back, brings the schema up to date (each
    /// step one transaction), and writes this process's random instance id.
    /// @param lock must outlive the database
    /// @errors `not_found`: OpenMode::existing and no file. `bad_data`: not ours, damaged, lost, or
    /// made by a newer version (nothing was changed). `io_failed`, `try_later`: could not be read or
    /// written
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(
        const InstanceLock& lock, OpenMode mode = OpenMode::create_if_missing
    );

    /// Opens `file` on a simulated disk: a VFS of that name, which the caller registered with
    /// SQLite and nobody else can reach, so there is no lock. A missing file is made.
    /// @errors as open
    [[nodiscard]] static Result<std::unique_ptr<Database>> open_simulated(
        const std::string& file, const std::string& vfs
    );

    /// For daemon/store itself.
    explicit Database(std::unique_ptr<Implementation> implementation);
    ~Database() override;

    /// Random id of this opening; leases of deliveries carry it, and every transaction checks it.
    [[nodiscard]] const std::string& instance_id() const noexcept;

    /// Whether this opening made the database: there was none.
    [[nodiscard]] bool is_new() const noexcept;

    /// Version of the schema: the number of the last schema file applied.
    [[nodiscard]] int schema_version() const noexcept;

    /// Rows written through this connection so far, those of transactions rolled back included: the
    /// same number means that nothing was changed.
    [[nodiscard]] std::int64_t changes() const;
    /// The same of the outbox's deliveries alone.
    [[nodiscard]] std::int64_t delivery_changes() const noexcept;

    /// The latest moment ever given to `remember_seen`, or nothing on a new database. `--now`
    /// before its day is to be refused.
    [[nodiscard]] std::optional<TimePoint> last_seen();
    /// Remembers `now`, if it is later than what is remembered. Inside a Transaction.
    void remember_seen(TimePoint now);

    /// Names of pragmas and limits that do not have the value they must have; empty when all is
    /// well. `open` has checked it; a test and `doctor` call it again.
    [[nodiscard]] std::string check_settings();

    /// What SQLite's own check of the whole file says: "ok", or the first findings. Slow.
    [[nodiscard]] std::string check_integrity();
};

/// The schema version this binary makes and understands.
[[nodiscard]] int newest_schema_version() noexcept;

} // namespace reviewd::store
