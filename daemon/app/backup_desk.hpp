#pragma once

#include "daemon/runtime/control_server.hpp"
#include "daemon/runtime/file_descriptor.hpp"
#include "daemon/runtime/store_thread.hpp"
#include "scoring/base/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <atomic>
#include <string>

namespace reviewd::app {

/// Makes backups of the running database on a thread of its own, over a connection that can only
/// read, so that neither the loop nor the writer waits for it.
class BackupDesk {
public:
    explicit BackupDesk(std::string state_directory)
        : state_directory_{std::move(state_directory)} {}

    ~BackupDesk() { give_up(); }
    BackupDesk(const BackupDesk&) = delete;
    BackupDesk& operator=(const BackupDesk&) = delete;

    /// Ends what is under way at its next block, and refuses all others: the daemon ends.
    void give_up() { is_stopping_ = true; }

    /// Makes a checked copy in the state directory, then writes it to `target` and syncs that: the
    /// target may lie where the daemon itself cannot write. One at a time.
    /// @returns `{"bytes", "schema_version", "rows": {table: count}}`
    /// @errors those of store::copy_database and stream_copy; `usage` when the target is no regular
    /// file, whose reader could hold up the daemon; `try_later` when one is under way or given up
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::value>> make(
        runtime::FileDescriptor target, runtime::ProgressSink progress
    );

private:
    std::string state_directory_;
    std::atomic<bool> is_stopping_ = false;
    bool is_busy_ = false;
    runtime::StoreThread thread_;
};

} // namespace reviewd::app
