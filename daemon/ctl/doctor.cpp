#include "daemon/ctl/doctor.hpp"

#include "daemon/app/channels.hpp"
#include "daemon/ctl/channel_place.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/service_user.hpp"
#include "daemon/ctl/unknown_words.hpp"
#include "daemon/notify/api/secret.hpp"
#include "daemon/runtime/clock_guard.hpp"
#include "daemon/runtime/outbound/address_guard.hpp"
#include "daemon/runtime/reach.hpp"
#include "daemon/store/sources.hpp"
#include "daemon/store/sqlite_log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

namespace reviewd::ctl {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using State = Finding::State;

constexpr std::chrono::seconds patience{5};
constexpr std::uint64_t mebibyte = 1024UL * 1024UL;
constexpr std::uint64_t least_room = 500 * mebibyte;
/// Where systemd puts what LoadCredential= names, for the unit as it is installed.
constexpr const char* credentials_of_the_unit = "/run/credentials/reviewd.service";
constexpr std::uint64_t copies = 3; ///< the database, a backup, and the copy that becomes one

Finding good(std::string name, std::string found) {
    return Finding{State::good, std::move(name), std::move(found), {}};
}

Finding examine_zones() {
    std::ifstream file{"/usr/share/zoneinfo/tzdata.zi"};
    std::string line;
    std::getline(file, line);
    constexpr std::string_view mark = "# version ";
    if (line.rfind(mark, 0) != 0) {
        return Finding{
            State::warning,
            "time zones",
            "the version of the zone data is not known",
            "apt-get install tzdata"};
    }
    return good("time zones", "zone data " + line.substr(mark.size()));
}

Finding examine_disk(const std::string& directory) {
    struct statvfs about {};
    if (::statvfs(directory.c_str(), &about) != 0) {
        return Finding{
            State::bad,
            "disk",
            fmt::format("the state directory {} is not there", directory),
            "start reviewd once, or name another one by `state_directory`"};
    }
    std::error_code ignored;
    const std::uintmax_t size = fs::file_size(fs::path{directory} / "reviewd.db", ignored);
    return examine_room(
        static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize, ignored ? 0 : size
    );
}

std::optional<unsigned> mode_of(const fs::path& path) {
    struct stat about {};
    return ::stat(path.c_str(), &about) == 0 ? std::optional{about.st_mode & 07777U} : std::nullopt;
}

/// Whoever may write one of these tells the daemon what to do: the files of the configuration and
/// of the rules, and the folders that they are in.
std::vector<fs::path> configuration_paths(const config::Settings& settings) {
    const fs::path main = fs::absolute(settings.file);
    std::vector<fs::path> paths{main, main.parent_path()};
    for (const fs::path& folder :
         {main.parent_path() / "conf.d", fs::absolute(settings.rules.directory)}) {
        std::error_code problem;
        std::vector<fs::path> files;
        for (fs::directory_iterator at{folder, problem}, end; !problem && at != end;
             at.increment(problem)) {
            if (at->path().extension() == ".yaml") {
                files.push_back(at->path());
            }
        }
        std::sort(files.begin(), files.end());
        paths.push_back(folder);
        paths.insert(paths.end(), files.begin(), files.end());
    }
    return paths;
}

Finding examine_modes(const config::Settings& settings) {
    constexpr unsigned for_others = 0007;
    constexpr unsigned written_by_others = 0022;
    // Whoever cannot enter the directory cannot open what is in it.
    const std::string& state = settings.state_directory;
    const std::optional<unsigned> state_mode = mode_of(state);
    if (state_mode && (*state_mode & for_others) != 0) {
        return Finding{
            State::bad,
            "file modes",
            fmt::format("{} is open to everybody (mode {:o})", state, *state_mode),
            fmt::format("chmod o= {}", state)};
    }
    for (const fs::path& path : configuration_paths(settings)) {
        const std::optional<unsigned> mode = mode_of(path);
        if (mode && (*mode & written_by_others) != 0) {
            return Finding{
                State::warning,
                "file modes",
                fmt::format("others may write {} (mode {:o})", path.string(), *mode),
                fmt::format("chmod go-w {}", path.string())};
        }
    }
    return good("file modes", "state and configuration are closed to others");
}

/// The address is no secret, and the daemon would send nothing to it.
Finding explain_refused(const std::string& name, const ChannelPlace& place, std::string_view at) {
    return Finding{
        State::bad,
        name,
        fmt::format("{} is {}, in no public network: nothing is sent there", place.host, at),
        fmt::format(
            "if that is meant: {} in the channel, then `reviewctl reload`",
            runtime::allowing(place.web_host)
        )};
}

Finding examine_place(
    const std::string& name, const config::ChannelSettings& channel, const ChannelPlace& place
) {
    const auto& [host, port, web_host] = place;
    const Result<std::string> reached = runtime::reach(host, port, patience);
    if (!reached) {
        return Finding{
            State::bad,
            name,
            reached.error().message,
            "look at its name, its port and the firewall; `reviewctl notifier test` shows the "
            "dialogue"};
    }
    boost::system::error_code problem;
    const auto address = boost::asio::ip::make_address(*reached, problem);
    if (!web_host.empty() && !problem && app::is_refused(channel, web_host, address)) {
        return explain_refused(name, place, *reached);
    }
    return good(name, fmt::format("{} port {} answers at {}", host, port, *reached));
}

/// An address that stands in a file or a credential and could not be had from there.
Finding explain_address(std::string name, const Error& error) {
    if (error.code == ErrorCode::no_permission) {
        return Finding{State::warning, std::move(name), error.message, "ask as root"};
    }
    if (error.code == ErrorCode::unavailable) {
        return Finding{
            State::warning,
            std::move(name),
            error.message,
            "start the service; a daemon that systemd did not start has no credentials"};
    }
    return Finding{
        State::bad,
        std::move(name),
        error.message,
        "write nothing but the address that the chat service gave into it; owned by root and the "
        "service's group, mode 0640"};
}

/// Nothing for a channel that stays on this machine.
std::optional<Finding> examine_channel(
    const config::ChannelSettings& channel,
    const std::string& state_directory,
    const std::string& credentials_directory
) {
    const std::string name = "channel " + channel.name;
    const Result<std::optional<ChannelPlace>> place =
        find_place(channel, state_directory, credentials_directory);
    if (!place) {
        return explain_address(name, place.error());
    }
    if (!*place) {
        return std::nullopt;
    }
    return examine_place(name, channel, **place);
}

Finding examine_secret_file(
    std::string name, const fs::path& file, const std::string& state_directory
) {
    const std::optional<unsigned> mode = mode_of(file);
    if (!mode) {
        return Finding{
            State::bad,
            std::move(name),
            fmt::format("{} cannot be read", file.string()),
            "create it, owned by root and the service's group, mode 0640"};
    }
    if ((*mode & 0007U) != 0) {
        return Finding{
            State::bad,
            std::move(name),
            fmt::format(
                "{} is open to everybody (mode {:o}), and so not taken", file.string(), *mode
            ),
            fmt::format("chmod o= {}", file.string())};
    }
    if (!may_service_read(state_directory, file)) {
        return Finding{
            State::bad,
            std::move(name),
            fmt::format("the service's user may not read {}", file.string()),
            "give it to the service's group, mode 0640, in a folder that the service may enter; or "
            "load it with LoadCredential= and name it by `…_credential:`"};
    }
    return good(std::move(name), fmt::format("{} is closed to others", file.string()));
}

/// Empty: all the channel's secrets stand in other forms, or it has none.
Findings examine_secrets(
    const config::ChannelSettings& channel,
    const std::string& state_directory,
    const std::string& credentials_directory
) {
    Findings findings;
    const std::string name = fmt::format("secret of {}", channel.name);
    for (const std::string_view key : notify::secret_names) {
        if (const std::string file = setting(channel, fmt::format("{}_file", key)); !file.empty()) {
            findings.push_back(
                examine_secret_file(name, fs::path{state_directory} / file, state_directory)
            );
        }
        if (const std::string credential = setting(channel, fmt::format("{}_credential", key));
            !credential.empty()) {
            findings.push_back(examine_credential(name, credentials_directory, credential));
        }
    }
    return findings;
}

Findings examine_link_secrets(
    const config::LinkSettings& links,
    const std::string& state_directory,
    const std::string& credentials_directory
) {
    Findings findings;
    const std::string name = "secret of links";
    for (const std::string& file : {links.secret_file, links.previous_secret_file}) {
        if (!file.empty()) {
            findings.push_back(examine_secret_file(name, file, state_directory));
        }
    }
    for (const std::string& credential :
         {links.secret_credential, links.previous_secret_credential}) {
        if (!credential.empty()) {
            findings.push_back(examine_credential(name, credentials_directory, credential));
        }
    }
    return findings;
}

Finding examine_public_url(const std::string& address) {
    if (address.empty()) {
        return good("public_url", "none: messages carry no links");
    }
    const auto url = boost::urls::parse_uri(address);
    if (!url || url->scheme() != "https") {
        return Finding{
            State::bad,
            "public_url",
            fmt::format("{} is no https address", address),
            "put a web server with TLS in front of the listener, and name it here"};
    }
    const Result<std::string> resolved = runtime::resolve(std::string{url->host()});
    if (!resolved) {
        return Finding{
            State::bad,
            "public_url",
            resolved.error().message,
            "people could not open the links: mend the name"};
    }
    return good("public_url", fmt::format("{} is {}", std::string{url->host()}, *resolved));
}

Finding examine_source(const json::value& source) {
    const std::string name = "source " + text(source, "name");
    const std::string error = text(source, "last_error");
    const std::string last = moment(source, "last_success");
    const store::SourceState state = store::source_state(error);
    if (state == store::SourceState::held || state == store::SourceState::dropped) {
        constexpr const char* decide =
            "look at the file; `reviewctl import --confirm {0}` lets it in, `--drop` gives it up";
        return Finding{
            State::warning,
            name,
            error,
            state == store::SourceState::held ? fmt::format(decide, text(source, "name"))
                                              : "see that a better file comes in its place"};
    }
    if (state == store::SourceState::failed) {
        return Finding{
            State::bad,
            name,
            error,
            fmt::format("mend the file, then `reviewctl import {}`", text(source, "name"))};
    }
    if (last.empty()) {
        return Finding{
            State::warning,
            name,
            "never read",
            fmt::format("`reviewctl import {}`", text(source, "name"))};
    }
    if (is_true(source, "is_stale")) {
        return Finding{
            State::warning,
            name,
            fmt::format("last read {} UTC, and stale", last),
            "look at whoever writes the file"};
    }
    if (const std::vector<UnknownWords> unknown = unknown_words(source); !unknown.empty()) {
        const std::string more = unknown.size() > 1 ? "; " + unknown.back().what : std::string{};
        return Finding{State::warning, name, unknown.front().what + more, unknown.front().remedy};
    }
    return good(name, fmt::format("last read {} UTC", last));
}

Finding examine_backup(const json::value& status, TimePoint now) {
    constexpr std::chrono::hours day{26};
    if (const std::string problem = text(status, "drill_problem"); !problem.empty()) {
        return Finding{
            State::bad,
            "backup",
            fmt::format("the newest one would not have served: {}", problem),
            "systemctl start reviewd-backup reviewd-drill"};
    }
    const std::string last = text(status, "last_backup");
    if (last.empty()) {
        return Finding{
            State::warning, "backup", "none was made yet", "systemctl start reviewd-backup"};
    }
    const Result<Date> made = parse_date(last.substr(0, 10));
    const bool is_old = !made
                        || now - TimePoint{std::chrono::sys_days{made->time_since_epoch()}}
                               > day + std::chrono::hours{24};
    if (is_old) {
        return Finding{
            State::warning,
            "backup",
            fmt::format("the last one is of {}", last),
            "systemctl status reviewd-backup.timer reviewd-backup.service"};
    }
    return good("backup", fmt::format("the last one is of {}", last));
}

} // namespace

Finding examine_room(std::uint64_t free_bytes, std::uint64_t database_bytes) {
    const std::uint64_t wanted = std::max(least_room, database_bytes * copies);
    const std::string found = fmt::format(
        "{} MiB free, the database has {} MiB",
        free_bytes / mebibyte,
        (database_bytes + mebibyte - 1) / mebibyte
    );
    if (free_bytes < wanted) {
        return Finding{
            free_bytes < wanted / 4 ? State::bad : State::warning,
            "disk",
            found,
            fmt::format("make room: {} MiB are wise", wanted / mebibyte)};
    }
    return good("disk", found);
}

Finding examine_credential(
    std::string name, const std::string& directory, const std::string& credential
) {
    std::error_code problem;
    if (!fs::is_directory(directory, problem)) {
        return Finding{
            State::warning,
            std::move(name),
            fmt::format("the credential {} cannot be seen: {} is not there", credential, directory),
            "start the service; a daemon that systemd did not start has no credentials"};
    }
    const bool is_there = fs::exists(fs::path{directory} / credential, problem);
    if (problem) {
        return Finding{
            State::warning,
            std::move(name),
            fmt::format("the credential {} cannot be seen: {}", credential, problem.message()),
            "ask as root"};
    }
    if (!is_there) {
        return Finding{
            State::bad,
            std::move(name),
            fmt::format("the service was started without the credential {}", credential),
            fmt::format(
                "`systemctl edit reviewd`: LoadCredential={}:FILE below [Service]; then `systemctl "
                "restart reviewd`",
                credential
            )};
    }
    return good(std::move(name), fmt::format("the service has the credential {}", credential));
}

Finding examine_sqlite(std::string_view version) {
    std::array<int, 3> parts{};
    const char* at = version.data();
    const char* const end = version.data() + version.size();
    for (int& part : parts) {
        at = std::from_chars(at, end, part).ptr;
        at += at != end ? 1 : 0;
    }
    const auto& [major, minor, patch] = parts;
    const bool is_mended =
        parts >= std::array{3, 51, 3} || (minor == 50 && patch >= 7) || (minor == 44 && patch >= 6);
    if (major == 3 && is_mended) {
        return good("SQLite", fmt::format("{}, no known bug concerns reviewd", version));
    }
    // Two connections that write or checkpoint at once could damage the file.
    return good(
        "SQLite",
        fmt::format(
            "{}, whose write-ahead log can be damaged by a second writer: reviewd has one only, so "
            "let no other program open the database",
            version
        )
    );
}

Finding examine_clock(const json::value& daemon, ClockSeen seen) {
    const std::string suspicion = text(daemon, "clock_suspect");
    if (!suspicion.empty()) {
        return Finding{
            State::bad,
            "clock",
            suspicion,
            "set the clock right, or tell the daemon with `reviewctl resume --clock`"};
    }
    if (is_true(daemon, "clock_kept")) {
        return good("clock", "synchronised");
    }
    if (seen == ClockSeen::kept) {
        return Finding{
            State::warning,
            "clock",
            "kept by another program than systemd-timesyncd, which the service may not ask after: "
            "a jump of hours would hold everything",
            "the drop-in 30-other-time-service.conf, see reviewd(8)"};
    }
    return Finding{
        State::warning,
        "clock",
        "nothing keeps it right: no time service says that it is synchronised",
        "`timedatectl set-ntp true`, or chrony or ntpd"};
}

Findings examine_host(const config::Settings& settings) {
    Findings findings{
        examine_zones(),
        examine_disk(settings.state_directory),
        examine_modes(settings),
        examine_sqlite(store::sqlite_version()),
        examine_public_url(settings.public_url)};
    if (settings.links) {
        const Findings secrets = examine_link_secrets(
            *settings.links, settings.state_directory, credentials_of_the_unit
        );
        findings.insert(findings.end(), secrets.begin(), secrets.end());
    }
    for (const config::ChannelSettings& channel : settings.channels) {
        if (auto reached =
                examine_channel(channel, settings.state_directory, credentials_of_the_unit)) {
            findings.push_back(std::move(*reached));
        }
        const Findings secrets =
            examine_secrets(channel, settings.state_directory, credentials_of_the_unit);
        findings.insert(findings.end(), secrets.begin(), secrets.end());
    }
    return findings;
}

namespace {

Finding examine_paused(const json::value& paused) {
    const std::string channel = text(paused, "channel");
    const std::string name = "channel " + channel;
    if (is_true(paused, "limit")) {
        return Finding{
            State::warning,
            name,
            limit_words(paused),
            "if that is too few, raise its `per_day:`, then `reviewctl reload`"};
    }
    return Finding{
        State::bad,
        name,
        fmt::format("paused: {}", text(paused, "reason")),
        fmt::format("mend it, then `reviewctl notifier resume {}`", channel)};
}

/// What the daemon goes without where people's zones and regions mean nothing to it.
std::optional<Finding> examine_lost(
    const json::array& lost, const std::string& name, const std::string& remedy
) {
    if (lost.empty() || !lost.front().is_string()) {
        return std::nullopt;
    }
    std::string found{std::string_view{lost.front().get_string()}};
    if (lost.size() > 1) {
        found += fmt::format(" (and {} more in `reviewctl status`)", lost.size() - 1);
    }
    return Finding{State::warning, name, found, remedy};
}

} // namespace

Findings examine_daemon(const json::value& status, TimePoint now) {
    const json::value& daemon = member(status, "daemon");
    const ClockSeen seen = runtime::is_clock_synchronised() ? ClockSeen::kept : ClockSeen::unkept;
    Findings findings{examine_clock(daemon, seen)};
    for (const json::value& source : list(status, "sources")) {
        findings.push_back(examine_source(source));
    }
    findings.push_back(examine_backup(status, now));
    if (!text(status, "restored").empty()) {
        findings.push_back(Finding{
            State::bad,
            "hold",
            fmt::format("a backup was restored at {}: nothing is sent", text(status, "restored")),
            "`reviewctl outbox list`, then `reviewctl resume` or `reviewctl resume --drop`"});
    }
    for (const json::value& channel : list(status, "paused")) {
        findings.push_back(examine_paused(channel));
    }
    for (const auto& lost :
         {examine_lost(
              list(status, "lost_zones"),
              "people's zones",
              "correct the name where it is given, or install the package tzdata as it is now"
          ),
          examine_lost(
              list(status, "lost_regions"),
              "people's holidays",
              "name the region in `holidays:`, or say with `aliases:` of its column which one it is"
          ),
          examine_lost(
              list(status, "lost_languages"),
              "people's languages",
              "write the templates below `template_directory:`, or name another language"
          ),
          examine_lost(
              list(status, "lost_parents"),
              "parents of accounts",
              "correct the column `parent` where the accounts come from"
          ),
          examine_lost(
              list(status, "lost_links"),
              "managers and substitutes",
              "correct the name in the people table or below `people:`; `reviewctl check` says where"
          ),
          examine_lost(
              list(status, "lost_channels"),
              "lost channels",
              "name the channel in `channels:` as it was, or see `reviewctl outbox list` and cancel "
              "what waits there"
          )}) {
        if (lost) {
            findings.push_back(*lost);
        }
    }
    if (const ReloadTrouble reload = reload_trouble(daemon); !reload.found.empty()) {
        findings.push_back(Finding{State::bad, "configuration", reload.found, reload.remedy});
    }
    return findings;
}

} // namespace reviewd::ctl
