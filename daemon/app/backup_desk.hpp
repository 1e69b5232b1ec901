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

    /// Gives up what is under way.
    ~BackupDesk() { is_stopping_ = true; }
    BackupDesk(const BackupDesk&) = delete;
    BackupDesk& operator=(const BackupDesk&) = delete;

    /// Makes a checked copy in the state directory, then writes it to `target` and syncs that: the
    /// target may lie where the daemon itself cannot write. One at a time.
    /// @returns `{"bytes", "schema_version", "rows": {table: count}}`
    /// @errors those of store::copy_database and stream_copy; `try_later` when one is under way
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
