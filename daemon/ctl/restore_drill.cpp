#include "daemon/ctl/restore_drill.hpp"

#include "daemon/app/core.hpp"
#include "daemon/app/load.hpp"
#include "daemon/ctl/backup_files.hpp"
#include "daemon/runtime/clock.hpp"
#include "daemon/store/errors.hpp"
#include "daemon/store/restore.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::ctl {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view drill_prefix = ".drill-";

/// A directory beside the backup, so that customers' data stay where they are guarded.
class DrillDirectory {
public:
    explicit DrillDirectory(const fs::path& beside)
        : path_{(beside / fmt::format("{}XXXXXX", drill_prefix)).string()} {
        is_made_ = ::mkdtemp(path_.data()) != nullptr;
    }
    DrillDirectory(const DrillDirectory&) = delete;
    DrillDirectory& operator=(const DrillDirectory&) = delete;
    ~DrillDirectory() {
        std::error_code ignored;
        if (is_made_) {
            fs::remove_all(path_, ignored);
        }
    }
    [[nodiscard]] bool is_made() const { return is_made_; }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
    bool is_made_ = false;
};

/// Removes the whole databases that drills left which did not come to their end. Whoever is at a
/// drill holds its lock.
void remove_interrupted(const fs::path& directory) {
    std::error_code problem;
    std::vector<fs::path> left;
    for (fs::directory_iterator at{directory, problem}, end; !problem && at != end;
         at.increment(problem)) {
        const std::string name = at->path().filename().string();
        if (name.rfind(drill_prefix, 0) == 0 && fs::is_directory(at->symlink_status())) {
            left.push_back(at->path());
        }
    }
    for (const fs::path& each : left) {
        if (const auto lock = store::InstanceLock::acquire(each)) {
            fs::remove_all(each, problem);
        }
    }
}

Result<fs::path> choose(const fs::path& backup) {
    std::error_code ignored;
    if (!fs::is_directory(backup, ignored)) {
        return backup;
    }
    const Result<std::vector<BackupFile>> backups = list_backups(backup);
    if (!backups) {
        return backups.error();
    }
    if (backups->empty()) {
        return fail(ErrorCode::not_found, fmt::format("there is no backup in {}", backup.string()));
    }
    return backups->front().path;
}

Result<json::value> serve(
    const std::string& state, const store::Restored& restored, const Invocation& invocation
) {
    const config::LoadedConfiguration loaded = app::load(app::Places{
        .config_file = invocation.options.config_file,
        .state_directory = state,
        .control_socket = {},
        .data_directory = invocation.options.data,
        .credentials_directory = {},
    });
    if (!loaded.configuration) {
        return app::as_error(loaded.diagnostics);
    }
    const runtime::SystemClock clock;
    const auto begin = [&](std::optional<TimePoint> seen) {
        return std::max(clock.now(), seen.value_or(TimePoint{}));
    };
    app::Core::Hooks hooks;
    hooks.check_address = [](std::string_view, std::string_view) {
        return std::string{};
    };
    const Result<std::unique_ptr<app::Core>> core =
        app::Core::open(*loaded.configuration, store::OpenMode::existing, std::move(hooks), begin);
    if (!core) {
        return core.error();
    }
    service::Service& service = (*core)->service();
    if (service.outbox().has_claimable(clock.now())) {
        return fail(ErrorCode::bad_data, "the restored database would send at once");
    }
    const store::Health health =
        service.views().status(service::Views::Shares::leave_out, clock.now()).health;
    const auto rows = restored.facts.rows.find("accounts");
    const std::int64_t accounts = health.accounts_active + health.accounts_inactive;
    if (rows == restored.facts.rows.end() || accounts > rows->second) {
        return fail(ErrorCode::bad_data, "the restored database shows accounts it does not have");
    }
    return json::value(json::object{
        {"accounts", accounts},
        {"reviews_open", health.reviews_open},
        {"schema_version", health.schema_version},
    });
}

} // namespace

bool is_fault_of_backup(ErrorCode code) {
    // Read in vain, damaged, or not what the service expects. Elsewhere the drill had no room, no
    // right or no configuration, and says nothing of the backup.
    return code == ErrorCode::bad_data || code == ErrorCode::io_failed
           || code == ErrorCode::conflict || code == ErrorCode::internal;
}

Result<json::value> run_drill(const fs::path& backup, const Invocation& invocation) {
    const Result<fs::path> file = choose(backup);
    if (!file) {
        return file.error();
    }
    const fs::path parent = fs::absolute(*file).parent_path();
    remove_interrupted(parent);
    const DrillDirectory directory{parent};
    if (!directory.is_made()) {
        return fail(
            ErrorCode::cannot_create, fmt::format("no directory can be made in {}", parent.string())
        );
    }
    try {
        Result<store::Restored> restored = fail(ErrorCode::internal, "");
        {
            const Result<store::InstanceLock> lock = store::InstanceLock::acquire(directory.path());
            if (!lock) {
                return lock.error();
            }
            restored = store::restore_database(*lock, *file, runtime::SystemClock{}.now());
        }
        if (!restored) {
            return restored.error();
        }
        Result<json::value> report = serve(directory.path(), *restored, invocation);
        if (report) {
            const auto taken = backup_time(file->filename().string());
            report->as_object()["backup"] = file->string();
            report->as_object()["taken"] =
                taken ? json::value(to_string(*taken)) : json::value(nullptr);
        }
        return report;
    } catch (const store::StorageLost& lost) {
        return fail(ErrorCode::bad_data, lost.what());
    } catch (const Failure& failure) {
        return failure.error();
    }
}

} // namespace reviewd::ctl
