#include "daemon/review/zone.hpp"

#include <fmt/format.h>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <cctz/zone_info_source.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>

namespace reviewd::review {

struct Zone::Data {
    std::string name;
    std::string edition; ///< of its file; empty: UTC, of no file
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

using ZoneFile = std::unique_ptr<cctz::ZoneInfoSource>;
using OpenZoneFile = std::function<ZoneFile(const std::string&)>;

/// The library keeps every zone that it ever read by its name, as long as the process lives. So
/// that an update comes in all the same, a zone is asked for as "Europe/London@edition".
constexpr char edition_mark = '@';

/// How the library opens files of the tz database, wherever that is.
OpenZoneFile& library_opens() {
    static OpenZoneFile open;
    return open;
}

ZoneFile open_without_edition(const std::string& name, const OpenZoneFile& open) {
    library_opens() = open;
    return open(name.substr(0, name.find(edition_mark)));
}

/// Reads zones through `open_without_edition` from now on, and learns how the library opens files.
void hook_into_library() {
    cctz_extension::zone_info_source_factory = open_without_edition;
    cctz::time_zone ignored;
    static_cast<void>(cctz::load_time_zone(std::string{"none"} + edition_mark, &ignored));
}

/// What tells one state of the zone's file from another; empty where there is no such file.
std::string edition_of(const std::string& name) {
    static const bool is_hooked = (hook_into_library(), true);
    const ZoneFile file = is_hooked && library_opens() ? library_opens()(name) : nullptr;
    if (!file) {
        return {};
    }
    constexpr std::uint64_t offset = 14695981039346656037U;
    constexpr std::uint64_t prime = 1099511628211U;
    std::uint64_t hash = offset;
    std::array<char, 1024> piece{};
    while (const std::size_t size = file->Read(piece.data(), piece.size())) {
        for (std::size_t i = 0; i < size; ++i) {
            hash = (hash ^ static_cast<unsigned char>(piece[i])) * prime;
        }
    }
    return fmt::format("{:016x}", hash);
}

bool load_edition(const std::string& name, const std::string& edition, cctz::time_zone* zone) {
    return !edition.empty() && cctz::load_time_zone(name + edition_mark + edition, zone);
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
