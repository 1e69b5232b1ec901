#include "daemon/store/database_mark.hpp"

#include "daemon/store/internal/copy.hpp"
#include "daemon/store/ownership.hpp"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <system_error>

namespace reviewd::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark_text =
    "reviewd had a database in this directory. Where it is missing reviewd does not begin anew,\n"
    "until this file is gone as well.\n";

bool is_there(const fs::path& file) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(file, ignored));
}

fs::path log_of(const fs::path& database) {
    return database.string() + "-wal";
}

Error lost(const fs::path& database, bool has_log) {
    const std::string directory = database.parent_path().string();
    return fail(
        ErrorCode::bad_data,
        fmt::format(
            "the database {} is lost: {}, and {}; nothing was changed. `reviewctl restore FILE` "
            "puts the newest backup in its place. To begin anew instead, which sends reminders "
            "again, move {} out of {}",
            database.string(),
            is_there(database) ? "the file is empty" : "there is no such file",
            has_log ? fmt::format("its log {} has transactions", log_of(database).string())
                    : "there was one",
            has_log ? fmt::format(
                "{}* and {}",
                database.filename().string(),
                database_mark(database).filename().string()
            )
                    : database_mark(database).filename().string(),
            directory
        )
    );
}

} // namespace

bool has_bytes(const fs::path& file) {
    std::error_code problem;
    const std::uintmax_t size = fs::file_size(file, problem);
    return !problem && size > 0;
}

fs::path database_mark(const fs::path& database) {
    return fs::path{database}.replace_extension(".made");
}

Result<void> check_not_lost(const fs::path& database) {
    if (has_bytes(database)) {
        return {};
    }
    const bool has_log = has_bytes(log_of(database));
    if (!has_log && !is_there(database_mark(database))) {
        return {};
    }
    return lost(database, has_log);
}

void mark_as_made(const fs::path& database) {
    const fs::path mark = database_mark(database);
    const int descriptor = ::open(
        mark.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR
    );
    if (descriptor < 0) {
        return; // there already, as a rule
    }
    // Its being there is what counts; the text is for whoever finds it.
    [[maybe_unused]] const ssize_t written =
        ::write(descriptor, mark_text.data(), mark_text.size());
    ::close(descriptor);
    static_cast<void>(give_to_owner_of(mark.parent_path(), mark));
    static_cast<void>(sync_path(mark.parent_path()));
}

} // namespace reviewd::store
