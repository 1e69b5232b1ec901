#include "daemon/app/load.hpp"
#include "daemon/ctl/backup_files.hpp"
#include "daemon/ctl/backup_turn.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/private_file.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/restore_drill.hpp"
#include "daemon/runtime/clock.hpp"
#include "daemon/runtime/file_descriptor.hpp"
#include "daemon/store/errors.hpp"
#include "daemon/store/ownership.hpp"
#include "daemon/store/read_database.hpp"
#include "daemon/store/restore.hpp"
#include "scoring/base/counted.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>

namespace reviewd::ctl {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct BackupOptions {
    std::string directory;
    bool prunes = false;
};

struct RestoreOptions {
    std::string file;
    bool is_drill = false;
};

/// The configuration's state directory; `--state` comes first.
Result<std::string> state_directory(const Invocation& invocation) {
    if (!invocation.options.state.empty()) {
        return invocation.options.state;
    }
    const config::LoadedConfiguration loaded = app::load(app::Places{
        .config_file = invocation.options.config_file,
        .state_directory = {},
        .control_socket = {},
        .data_directory = {},
        .credentials_directory = {},
    });
    if (!loaded.configuration) {
        return app::as_error(loaded.diagnostics);
    }
    return loaded.configuration->settings->state_directory;
}

json::object rows_json(const std::map<std::string, std::int64_t>& rows) {
    json::object object;
    for (const auto& [table, count] : rows) {
        object[table] = count;
    }
    return object;
}

Result<json::value> copy_offline(const fs::path& part, const Invocation& invocation) {
    const Result<std::string> directory = state_directory(invocation);
    if (!directory) {
        return directory.error();
    }
    const Result<store::InstanceLock> lock = store::InstanceLock::acquire(*directory);
    if (!lock) {
        return lock.error();
    }
    const Result<std::unique_ptr<store::ReadDatabase>> source =
        store::ReadDatabase::open(lock->database_file());
    if (!source) {
        return source.error();
    }
    try {
        const Result<store::CopyFacts> facts = store::copy_database(**source, part);
        if (!facts) {
            return facts.error();
        }
        std::error_code ignored;
        const TimePoint now = runtime::SystemClock{}.now();
        return json::value(json::object{
            {"bytes", static_cast<std::int64_t>(fs::file_size(part, ignored))},
            {"schema_version", facts->schema_version},
            {"rows", rows_json(facts->rows)},
            {"taken", to_string(now)},
            {"taken_ms", now.time_since_epoch().count()}});
    } catch (const store::StorageLost& lost) {
        return fail(ErrorCode::io_failed, lost.what());
    }
}

Result<json::value> copy_online(const fs::path& part, const Invocation& invocation) {
    const runtime::FileDescriptor file{::open(
        part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR
    )};
    if (file.get() < 0) {
        return cannot_make(part, errno);
    }
    const auto show = [&](const json::value& progress) {
        const json::value& share = member(progress, "share");
        invocation.terminal.progress("copying", share.is_number() ? share.to_number<double>() : 0);
    };
    const int descriptor = file.get();
    Result<json::value> answer =
        ask(invocation, "backup", json::object{}, show, std::span<const int>{&descriptor, 1});
    invocation.terminal.end_progress();
    return answer;
}

Result<void> publish(const fs::path& part, const fs::path& file) {
    const Result<store::CopyFacts> checked = store::check_copy(part);
    if (!checked) {
        return checked.error();
    }
    // A root shell makes backups that the service's own drill has to read.
    const Result<void> given = store::give_to_owner_of(file.parent_path(), part);
    if (!given) {
        return given;
    }
    std::error_code problem;
    fs::rename(part, file, problem);
    const runtime::FileDescriptor directory{
        ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (problem || directory.get() < 0 || ::fsync(directory.get()) != 0) {
        return fail(ErrorCode::io_failed, fmt::format("{} cannot be made durable", file.string()));
    }
    return {};
}

/// One name for one directory, whatever way leads to it.
std::string canonical(const std::string& directory) {
    std::error_code problem;
    const fs::path found = fs::canonical(directory, problem);
    return problem ? directory : found.string();
}

/// The daemon tells monitoring of the last backup: of one that is there, not of one that may be.
void tell_daemon(
    std::int64_t taken_ms, const BackupOptions& options, const Invocation& invocation
) {
    json::object told{{"taken_ms", taken_ms}};
    if (options.prunes) {
        told["directory"] = canonical(options.directory); // the one that drills are about
    }
    const Result<json::value> noted = ask(invocation, "backup.published", told);
    if (!noted) {
        invocation.terminal.note(fmt::format(
            "the backup is good, but the daemon did not note it: {}",
            safe_lines(noted.error().message)
        ));
    }
}

json::array prune(const fs::path& directory) {
    json::array removed;
    const Result<std::vector<BackupFile>> backups = list_backups(directory);
    if (backups) {
        for (const BackupFile& extra : superfluous(*backups)) {
            std::error_code problem;
            if (fs::remove(extra.path, problem)) {
                removed.emplace_back(extra.path.filename().string());
            }
        }
    }
    return removed;
}

/// `--json`: the shape `backup` of reviewctl-json(5)
int back_up(const BackupOptions& options, const Invocation& invocation) {
    const fs::path directory{options.directory};
    std::error_code problem;
    if (!fs::is_directory(directory, problem)) {
        return invocation.failed(fail(
            ErrorCode::not_found,
            fmt::format("there is no directory {}; make it first", safe(options.directory))
        ));
    }
    const Result<BackupTurn> turn = BackupTurn::take(directory);
    if (!turn) {
        return invocation.failed(turn.error());
    }
    // What an interrupted backup left is nobody's: this name is used by whoever has the turn.
    const fs::path part = directory / ".reviewd-backup.part";
    fs::remove(part, problem);
    Result<json::value> made = invocation.options.is_offline ? copy_offline(part, invocation)
                                                             : copy_online(part, invocation);
    if (made) {
        const TimePoint taken{std::chrono::milliseconds{number(*made, "taken_ms")}};
        const fs::path file = directory / backup_name(taken);
        const Result<void> published = publish(part, file);
        if (published) {
            made->as_object()["file"] = file.string();
            if (!invocation.options.is_offline) {
                tell_daemon(number(*made, "taken_ms"), options, invocation);
            }
        } else {
            made = published.error();
        }
    }
    if (!made) {
        fs::remove(part, problem);
        return invocation.failed(made.error());
    }
    made->as_object()["removed"] = options.prunes ? prune(directory) : json::array{};
    if (invocation.options.is_json) {
        invocation.show_json(*made);
        return 0;
    }
    invocation.terminal.line(
        fmt::format("{}, {} bytes, checked", safe(text(*made, "file")), number(*made, "bytes"))
    );
    for (const json::value& removed : list(*made, "removed")) {
        invocation.terminal.line(fmt::format("removed {}", safe(std::string{removed.get_string()}))
        );
    }
    return 0;
}

/// The daemon tells monitoring how the newest backup fared; where none runs there is nobody to
/// tell, and of any other file, or of a drill that came to no backup, there is nothing to say.
void tell_of_drill(
    const Result<json::value>& report, const RestoreOptions& options, const Invocation& invocation
) {
    std::error_code ignored;
    const bool has_tried = report || is_fault_of_backup(report.error().code);
    if (invocation.options.is_offline || !has_tried || !fs::is_directory(options.file, ignored)) {
        return;
    }
    const std::string problem = report ? std::string{} : report.error().message;
    const Result<json::value> noted =
        ask(invocation,
            "drill.ended",
            json::object{{"problem", problem}, {"directory", canonical(options.file)}});
    if (noted && !text(*noted, "backups_are_in").empty()) {
        invocation.terminal.note(fmt::format(
            "`reviewctl status` says nothing of this: the service's backups are in {}",
            safe(text(*noted, "backups_are_in"))
        ));
    }
    if (!noted && noted.error().code != ErrorCode::unavailable) {
        invocation.terminal.note(
            fmt::format("the daemon did not note it: {}", safe_lines(noted.error().message))
        );
    }
}

/// `--json`: the shape `drill`
int drill(const RestoreOptions& options, const Invocation& invocation) {
    const Result<json::value> report = run_drill(options.file, invocation);
    tell_of_drill(report, options, invocation);
    return invocation.answered(report, [&] {
        invocation.terminal.line(fmt::format(
            "{} would serve: {}, {} open",
            safe(text(*report, "backup")),
            counted(number(*report, "accounts"), "account", "accounts"),
            counted(number(*report, "reviews_open"), "review", "reviews")
        ));
    });
}

/// For a directory in the place of a backup.
Error name_one_of(const fs::path& directory) {
    const Result<std::vector<BackupFile>> backups = list_backups(directory);
    const bool has_any = backups.has_value() && !backups->empty();
    return fail(
        ErrorCode::usage,
        fmt::format(
            "{} is a directory; {}",
            safe(directory.string()),
            has_any ? fmt::format(
                "name one of its backups, the newest is {}", safe(backups->front().path.string())
            )
                    : "name a backup that `reviewctl backup` made"
        )
    );
}

/// `--json`: the shape `restored`
int restore(const RestoreOptions& options, const Invocation& invocation) {
    if (options.is_drill) {
        return drill(options, invocation);
    }
    std::error_code problem;
    if (fs::is_directory(options.file, problem)) {
        return invocation.failed(name_one_of(options.file));
    }
    const Result<std::string> directory = state_directory(invocation);
    if (!directory) {
        return invocation.failed(directory.error());
    }
    const Result<store::InstanceLock> lock = store::InstanceLock::acquire(*directory);
    if (!lock) {
        return invocation.failed(lock.error());
    }
    const Result<store::Restored> restored =
        store::restore_database(*lock, options.file, runtime::SystemClock{}.now());
    if (!restored) {
        return invocation.failed(restored.error());
    }
    if (invocation.options.is_json) {
        invocation.show_json(json::object{
            {"state_directory", *directory},
            {"kept", restored->kept.string()},
            {"schema_version", restored->facts.schema_version},
            {"rows", rows_json(restored->facts.rows)}});
        return 0;
    }
    invocation.terminal.line(fmt::format("restored into {}", safe(*directory)));
    if (!restored->kept.empty()) {
        invocation.terminal.note(
            fmt::format("what was there is kept in {}", safe(restored->kept.string()))
        );
    }
    invocation.terminal.note(
        "nothing is sent until you decide: start reviewd, look at `reviewctl outbox list`, then "
        "`reviewctl resume` sends what was due, `reviewctl resume --drop` gives it up"
    );
    return 0;
}

struct ResumeOptions {
    bool drops = false;
    bool is_for_clock = false;
};

int resume(const ResumeOptions& options, const Invocation& invocation) {
    const json::object arguments = options.is_for_clock ? json::object{{"clock", true}}
                                                        : json::object{{"drop", options.drops}};
    const Result<json::value> answer = ask(invocation, "resume", arguments);
    return invocation.answered(answer, [&] {
        const std::int64_t cancelled = number(*answer, "cancelled");
        invocation.terminal.line(
            cancelled == 0
                ? "deliveries go on"
                : fmt::format("deliveries go on; {} given up", counted(cancelled, "was", "were"))
        );
    });
}

} // namespace

void add_backup_commands(CLI::App& app, Invocation& invocation) {
    const auto backup = std::make_shared<BackupOptions>();
    CLI::App* const making =
        app.add_subcommand("backup", "a checked copy of the database, while the daemon works");
    making->add_option("DIR", backup->directory, "where the backup goes")->required();
    making->add_flag(
        "--prune", backup->prunes, "then keep one of each of 7 days, 5 weeks and 14 months"
    );
    making->callback([backup, &invocation] {
        invocation.action = [backup, &invocation] {
            return back_up(*backup, invocation);
        };
    });
    const auto restoring = std::make_shared<RestoreOptions>();
    CLI::App* const restored = app.add_subcommand(
        "restore", "put a backup in the place of the database; nothing is sent until `resume`"
    );
    restored->add_option("FILE", restoring->file, "the backup; with --drill also their directory")
        ->required();
    restored->add_flag(
        "--drill", restoring->is_drill, "only try it, in a directory of its own beside the backup"
    );
    restored->callback([restoring, &invocation] {
        invocation.action = [restoring, &invocation] {
            return restore(*restoring, invocation);
        };
    });
    const auto resuming = std::make_shared<ResumeOptions>();
    CLI::App* const going_on = app.add_subcommand(
        "resume", "let deliveries go that are held since a restore, or for a doubtful clock"
    );
    auto* const drop =
        going_on->add_flag("--drop", resuming->drops, "give up what was due since the backup");
    going_on
        ->add_flag(
            "--clock", resuming->is_for_clock, "the clock is right, although it says otherwise"
        )
        ->excludes(drop);
    going_on->callback([resuming, &invocation] {
        invocation.action = [resuming, &invocation] {
            return resume(*resuming, invocation);
        };
    });
}

} // namespace reviewd::ctl
