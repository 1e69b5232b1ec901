#include "daemon/review/zone.hpp"

#include <fmt/format.h>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <algorithm>

namespace reviewd::review {

struct Zone::Data {
    std::string name;
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

Zone::Zone() : data_(std::make_shared<const Data>(Data{"UTC", cctz::utc_time_zone()})) {}

Result<Zone> Zone::load(const std::string& name) {
    Data data{name, cctz::utc_time_zone()};
    if (!is_plain_name(name) || !cctz::load_time_zone(name, &data.zone)) {
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
