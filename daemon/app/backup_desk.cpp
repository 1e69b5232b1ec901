#include "daemon/app/backup_desk.hpp"

#include "daemon/store/backup.hpp"
#include "daemon/store/errors.hpp"
#include "daemon/store/read_database.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <system_error>

namespace reviewd::app {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

json::value shape(const store::CopyFacts& facts, std::int64_t bytes) {
    json::object rows;
    for (const auto& [table, count] : facts.rows) {
        rows[table] = count;
    }
    return json::object{
        {"bytes", bytes}, {"schema_version", facts.schema_version}, {"rows", std::move(rows)}};
}

/// Removes the file at the end.
struct Scrap {
    fs::path file;
    explicit Scrap(fs::path path) : file{std::move(path)} { remove(); }
    Scrap(const Scrap&) = delete;
    Scrap& operator=(const Scrap&) = delete;
    ~Scrap() { remove(); }
    void remove() const {
        std::error_code ignored;
        fs::remove(file, ignored);
    }
};

Result<void> check_target(int descriptor) {
    struct stat about {};
    if (::fstat(descriptor, &about) != 0) {
        return fail(
            ErrorCode::io_failed,
            fmt::format("the backup: {}", std::generic_category().message(errno))
        );
    }
    if (!S_ISREG(about.st_mode)) {
        return fail(
            ErrorCode::usage,
            "a backup goes to a regular file, and the open one is none: the reader of a pipe or a "
            "device could hold up the daemon; make the backup in a directory, then copy it from "
            "there"
        );
    }
    return {};
}

Result<json::value> copy_to(
    const std::string& state_directory,
    int descriptor,
    const store::CopyProgress& progress,
    const std::function<bool()>& is_wanted
) {
    if (const Result<void> fit = check_target(descriptor); !fit) {
        return fit.error();
    }
    std::error_code problem;
    const fs::path directory = fs::canonical(state_directory, problem);
    if (problem) {
        return fail(
            ErrorCode::io_failed,
            fmt::format("the state directory {}: {}", state_directory, problem.message())
        );
    }
    Result<std::unique_ptr<store::ReadDatabase>> source =
        store::ReadDatabase::open(directory / "reviewd.db");
    if (!source) {
        return source.error();
    }
    const Scrap copy{directory / "backup.new"};
    try {
        const Result<store::CopyFacts> facts = store::copy_database(**source, copy.file, progress);
        if (!facts) {
            return facts.error();
        }
        const Result<std::int64_t> bytes = store::stream_copy(copy.file, descriptor, is_wanted);
        return bytes ? Result<json::value>{shape(*facts, *bytes)} : bytes.error();
    } catch (const store::StorageLost& lost) {
        // Only this reading connection: the writer will see for itself.
        return fail(ErrorCode::io_failed, lost.what());
    }
}

} // namespace

boost::asio::awaitable<Result<json::value>> BackupDesk::make(
    runtime::FileDescriptor target, runtime::ProgressSink progress
) {
    if (is_busy_) {
        co_return fail(ErrorCode::try_later, "another backup is under way");
    }
    is_busy_ = true;
    auto work = [this, descriptor = target.get(), show = std::move(progress)]() {
        const auto is_wanted = [this] {
            return !is_stopping_;
        };
        const auto progress_of = [&](double share) {
            show(json::object{{"share", share}});
            return is_wanted();
        };
        return copy_to(state_directory_, descriptor, progress_of, is_wanted);
    };
    Result<json::value> made = fail(ErrorCode::internal, "the backup did not end");
    try {
        made = co_await runtime::on_store(thread_, std::move(work));
    } catch (const std::exception& error) {
        made = fail(ErrorCode::internal, error.what());
    }
    is_busy_ = false;
    co_return made;
}

} // namespace reviewd::app
