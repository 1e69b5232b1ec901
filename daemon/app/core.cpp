#include "daemon/app/core.hpp"

#include "daemon/runtime/host.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

namespace reviewd::app {

namespace {

namespace fs = std::filesystem;

/// Names of the folders below `parent` that have a database.
std::vector<std::string> folders_with_database(const fs::path& parent) {
    std::vector<std::string> names;
    std::error_code problem;
    const fs::directory_iterator end;
    for (fs::directory_iterator at{parent, problem}; !problem && at != end; at.increment(problem)) {
        std::error_code ignored;
        if (fs::exists(at->path() / "reviewd.db", ignored)) {
            names.push_back(at->path().filename().string());
        }
    }
    return names;
}

/// Why a state directory that is not there is rather a slip than to be made; else empty.
std::string why_not_made(const fs::path& directory) {
    const fs::path absolute = fs::absolute(directory / "").lexically_normal().parent_path();
    const fs::path parent = absolute.parent_path();
    std::error_code ignored;
    if (!fs::is_directory(parent, ignored)) {
        return fmt::format(
            "there is no folder {}; make it if it is meant, or mend `state_directory:` or --state",
            parent.string()
        );
    }
    const std::string hint =
        did_you_mean(absolute.filename().string(), folders_with_database(parent));
    return hint.empty() ? hint
                        : fmt::format(
                            "beside it is a database in a folder called nearly so, {}; "
                            "for a new database make the directory first",
                            hint
                        );
}

Result<void> make_state_directory(const std::string& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        return {};
    }
    if (const std::string why = why_not_made(path); !why.empty()) {
        return fail(
            ErrorCode::cannot_create,
            fmt::format("the state directory {} is not made: {}", path, why)
        );
    }
    fs::create_directory(path, error);
    if (!error) {
        fs::permissions(path, fs::perms::owner_all, error);
    }
    if (error) {
        return fail(
            ErrorCode::cannot_create,
            fmt::format("the state directory {} cannot be made: {}", path, error.message())
        );
    }
    return {};
}

} // namespace

Result<std::unique_ptr<Core>> Core::open(
    const config::Configuration& configuration,
    store::OpenMode mode,
    Hooks hooks,
    const BeginTime& begin
) {
    const std::string& directory = configuration.settings->state_directory;
    if (mode == store::OpenMode::create_if_missing) {
        const Result<void> made = make_state_directory(directory);
        if (!made) {
            return made.error();
        }
    } else if (!fs::is_directory(directory)) {
        return fail(
            ErrorCode::not_found,
            fmt::format(
                "there is no state directory {}; name another one with --state, or start reviewd "
                "once",
                directory
            )
        );
    }
    Result<store::InstanceLock> lock = store::InstanceLock::acquire(directory);
    if (!lock) {
        return lock.error();
    }
    auto core = std::make_unique<Core>(Token{}, std::move(*lock));
    Result<std::unique_ptr<store::Database>> database = store::Database::open(core->lock_, mode);
    if (!database) {
        return database.error();
    }
    core->database_ = std::move(*database);
    try {
        core->service_ = std::make_unique<service::Service>(
            *core->database_,
            configuration,
            service::ServiceOptions{
                .seed = runtime::random_seed(),
                .check_address = std::move(hooks.check_address),
                .sign_link = std::move(hooks.sign_link),
                .traits = std::move(hooks.traits),
                .host_name = runtime::host_name(),
            }
        );
    } catch (const Failure& failure) {
        return failure.error(); // rules that nobody can read
    }
    const Result<void> started = core->service_->start(begin(core->database_->last_seen()));
    if (!started) {
        return started.error();
    }
    return core;
}

} // namespace reviewd::app
