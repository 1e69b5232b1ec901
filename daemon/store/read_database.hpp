#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/result.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace reviewd::store {

/// A connection that can only read. It sees the last commit at the time of each call, or, while a
/// Snapshot lives, the one at its beginning. Open it only while the same process holds the lock.
class ReadDatabase : public Connection {
public:
    /// @errors `not_found`, `bad_data`, `io_failed` as Database::open; another schema version than
    /// this binary's is `bad_data`
    [[nodiscard]] static Result<std::unique_ptr<ReadDatabase>> open(
        const std::filesystem::path& file
    );

    /// For daemon/store itself.
    explicit ReadDatabase(std::unique_ptr<Implementation> implementation);
    ~ReadDatabase() override;

    /// Says whether it is over.
    using Limit = std::function<bool()>;
    /// For what keeps the write-ahead log from starting again: a statement, or a Snapshot with all
    /// that is read in it. `begin` is called as one begins, and the limit that it gives is asked
    /// now and then: true ends the statement with a StorageBusy. An empty function takes it away.
    /// (The store reads no clock: the caller's limit does.)
    void limit_reads(std::function<Limit()> begin);
};

/// While it lives, everything read through the connection is of one commit. Keep it short: it
/// holds back checkpoints. On the writer it must not be inside a Transaction.
class Snapshot {
public:
    explicit Snapshot(Connection& connection);
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot();

private:
    Connection& connection_;
};

} // namespace reviewd::store
