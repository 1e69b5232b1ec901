#include "daemon/ctl/backup_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>

namespace reviewd::ctl {

namespace {

namespace fs = std::filesystem;
using std::chrono::floor;

constexpr std::string_view name_prefix = "reviewd-";
constexpr std::string_view name_suffix = "Z.db";
constexpr std::size_t days_kept = 7;
constexpr std::size_t weeks_kept = 5;
constexpr std::size_t months_kept = 14;

std::optional<int> digits(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{value}
                                                                    : std::nullopt;
}

std::chrono::sys_days day_of(TimePoint moment) {
    return floor<std::chrono::days>(moment);
}

long month_of(TimePoint moment) {
    const std::chrono::year_month_day date{day_of(moment)};
    return static_cast<int>(date.year()) * 12L + static_cast<unsigned>(date.month());
}

/// Monday is the first day; 1970-01-01 was a Thursday.
long week_of(TimePoint moment) {
    return (day_of(moment).time_since_epoch().count() + 3) / 7;
}

} // namespace

std::string backup_name(TimePoint taken) {
    const auto day = day_of(taken);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{floor<std::chrono::seconds>(taken - day)};
    return fmt::format(
        "{}{:04}{:02}{:02}T{:02}{:02}{:02}{}",
        name_prefix,
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        time.hours().count(),
        time.minutes().count(),
        time.seconds().count(),
        name_suffix
    );
}

std::optional<TimePoint> backup_time(std::string_view name) {
    constexpr std::size_t length = 15; // 20261120T120000
    if (name.size() != name_prefix.size() + length + name_suffix.size()
        || name.rfind(name_prefix, 0) != 0
        || name.substr(name.size() - name_suffix.size()) != name_suffix
        || name[name_prefix.size() + 8] != 'T') {
        return std::nullopt;
    }
    const std::string_view text = name.substr(name_prefix.size(), length);
    const auto date = digits(text.substr(0, 8));
    const auto time = digits(text.substr(9, 6));
    if (!date || !time) {
        return std::nullopt;
    }
    const std::chrono::year_month_day day{
        std::chrono::year{*date / 10000},
        std::chrono::month{static_cast<unsigned>(*date / 100 % 100)},
        std::chrono::day{static_cast<unsigned>(*date % 100)}};
    if (!day.ok()) {
        return std::nullopt;
    }
    return TimePoint{std::chrono::sys_days{day}} + std::chrono::hours{*time / 10000}
           + std::chrono::minutes{*time / 100 % 100} + std::chrono::seconds{*time % 100};
}

Result<std::vector<BackupFile>> list_backups(const fs::path& directory) {
    std::error_code problem;
    std::vector<BackupFile> backups;
    for (const fs::directory_entry& entry : fs::directory_iterator{directory, problem}) {
        if (const auto taken = backup_time(entry.path().filename().string())) {
            backups.push_back({entry.path(), *taken});
        }
    }
    if (problem) {
        const bool is_closed = problem == std::errc::permission_denied;
        return fail(
            is_closed ? ErrorCode::no_permission : ErrorCode::not_found,
            fmt::format("{}: {}", directory.string(), problem.message())
        );
    }
    std::sort(backups.begin(), backups.end(), [](const BackupFile& a, const BackupFile& b) {
        return a.taken > b.taken;
    });
    return backups;
}

std::vector<BackupFile> superfluous(const std::vector<BackupFile>& backups) {
    struct Rule {
        std::function<long(TimePoint)> span;
        std::size_t kept;
        std::set<long> seen;
    };
    std::vector<Rule> rules{
        {[](TimePoint moment) {
             return static_cast<long>(day_of(moment).time_since_epoch().count());
         },
         days_kept,
         {}},
        {week_of, weeks_kept, {}},
        {month_of, months_kept, {}}};
    std::vector<BackupFile> extra;
    for (const BackupFile& backup : backups) {
        bool is_kept = false;
        for (Rule& rule : rules) {
            const bool has_room = rule.seen.size() < rule.kept;
            is_kept = (has_room && rule.seen.insert(rule.span(backup.taken)).second) || is_kept;
        }
        if (!is_kept) {
            extra.push_back(backup);
        }
    }
    return extra;
}

} // namespace reviewd::ctl
