#include "daemon/review/zone.hpp"

#include <fmt/format.h>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <cctz/zone_info_source.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

namespace reviewd::review {

struct Zone::Data {
    std::string name;
    std::string edition; ///< of its file; empty where there is none
    cctz::time_zone zone;
};

namespace {

TimePoint from_cctz(cctz::time_point<cctz::seconds> time) {
    return TimePoint{std::chrono::seconds{time.time_since_epoch().count()}};
}

cctz::civil_second civil(Date day, std::chrono::minutes local) {
    return cctz::civil_second(cctz::civil_day() + to_day_number(day)) + 60 * local.count();
}

cctz::time_zone::absolute_lookup lookup(const cctz::time_zone& zone, TimePoint time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
    return zone.lookup(cctz::time_point<cctz::seconds>(cctz::seconds{seconds.count()}));
}

/// What tells one state of the zone's file from another: an update replaces it.
std::string edition_of(const std::string& name) {
    const char* const directory = std::getenv("TZDIR"); // NOLINT(concurrency-mt-unsafe)
    const std::string path =
        fmt::format("{}/{}", directory == nullptr ? "/usr/share/zoneinfo" : directory, name);
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) {
        return {};
    }
    return fmt::format(
        "{}.{}.{}.{}.{}",
        file.st_dev,
        file.st_ino,
        file.st_size,
        file.st_mtim.tv_sec,
        file.st_mtim.tv_nsec
    );
}

/// The library keeps every zone that it ever read by its name, as long as the process lives. So
/// that an update comes in all the same, a zone is asked for as "Europe/London@edition".
constexpr char edition_mark = '@';

std::unique_ptr<cctz::ZoneInfoSource> open_without_edition(
    const std::string& name,
    const std::function<std::unique_ptr<cctz::ZoneInfoSource>(const std::string&)>& open
) {
    return open(name.substr(0, name.find(edition_mark)));
}

bool load_edition(const std::string& name, const std::string& edition, cctz::time_zone* zone) {
    static const bool is_hooked = [] {
        cctz_extension::zone_info_source_factory = open_without_edition;
        return true;
    }();
    return is_hooked && cctz::load_time_zone(name + edition_mark + edition, zone);
}

/// The database is a folder of files and a name is a path in it: only names that stay inside pass.
bool is_plain_name(const std::string& name) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || c == '_' || c == '-' || c == '+' || c == '/';
    };
    return !name.empty() && name.size() <= 64 && name.front() != '/'
           && std::all_of(name.begin(), name.end(), is_allowed);
}

} // namespace

Zone::Zone() : data_(std::make_shared<const Data>(Data{"UTC", {}, cctz::utc_time_zone()})) {}

Result<Zone> Zone::load(const std::string& name) {
    Data data{name, is_plain_name(name) ? edition_of(name) : "", cctz::utc_time_zone()};
    if (!is_plain_name(name) || !load_edition(name, data.edition, &data.zone)) {
        return fail(
            ErrorCode::bad_data,
            fmt::format("no time zone `{}` (expected an IANA name such as Europe/London)", name)
        );
    }
    return Zone{std::make_shared<const Data>(std::move(data))};
}

const std::string& Zone::name() const {
    return data_->name;
}

bool Zone::is_current() const {
    return data_->edition.empty() || data_->edition == edition_of(data_->name);
}

bool Zone::is_same(const Zone& other) const {
    return data_->name == other.data_->name && data_->edition == other.data_->edition;
}

Date Zone::civil_day(TimePoint time) const {
    const cctz::civil_day day(lookup(data_->zone, time).cs);
    return from_day_number(static_cast<int>(day - cctz::civil_day()));
}

std::chrono::minutes Zone::local_time(TimePoint time) const {
    const cctz::civil_second shown = lookup(data_->zone, time).cs;
    return std::chrono::hours{shown.hour()} + std::chrono::minutes{shown.minute()};
}

TimePoint Zone::moment(Date day, std::chrono::minutes local) const {
    // `pre` uses the offset before the change: in a gap that is later by the gap, in an overlap it
    // is the first of the two.
    return from_cctz(data_->zone.lookup(civil(day, local)).pre);
}

TimePoint Zone::start_of(Date day) const {
    const auto found = data_->zone.lookup(civil(day, std::chrono::minutes{0}));
    const bool is_gap = found.kind == cctz::time_zone::civil_lookup::SKIPPED;
    return from_cctz(is_gap ? found.trans : found.pre);
}

} // namespace reviewd::review
