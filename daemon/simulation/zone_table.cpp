#include "daemon/simulation/zone_table.hpp"

#include "scoring/base/assert.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <tuple>

namespace reviewd::simulation {
namespace {

using std::chrono::seconds;

/// TZ as long as the object lives.
class LocalZone {
public:
    explicit LocalZone(const std::string& zone) {
        ::setenv("TZ", (":" + zone).c_str(), 1);
        ::tzset();
    }
    LocalZone(const LocalZone&) = delete;
    LocalZone& operator=(const LocalZone&) = delete;
    ~LocalZone() {
        ::setenv("TZ", "UTC0", 1);
        ::tzset();
    }

    [[nodiscard]] static seconds offset_at(std::time_t time) {
        std::tm broken_down{};
        ::localtime_r(&time, &broken_down);
        return seconds{broken_down.tm_gmtoff};
    }
};

std::time_t to_time(Date day) {
    return static_cast<std::time_t>(to_day_number(day)) * 86'400;
}

/// The first second of (low, high] with the offset of `high`. @pre one change lies between
std::time_t change_between(std::time_t low, std::time_t high) {
    const seconds before = LocalZone::offset_at(low);
    while (high - low > 1) {
        const std::time_t middle = low + (high - low) / 2;
        (LocalZone::offset_at(middle) == before ? low : high) = middle;
    }
    return high;
}

} // namespace

ZoneTable::ZoneTable(const std::string& zone, Date from, Date to) {
    const LocalZone local{zone};
    constexpr std::time_t step = 86'400;
    std::time_t time = to_time(from) - 2 * step;
    stretches_.push_back({TimePoint::min(), LocalZone::offset_at(time)});
    for (; time < to_time(to) + 2 * step; time += step) {
        const seconds next = LocalZone::offset_at(time + step);
        if (next != stretches_.back().offset) {
            const std::time_t change = change_between(time, time + step);
            stretches_.push_back({TimePoint{seconds{change}}, next});
        }
    }
}

const ZoneTable::Stretch& ZoneTable::at(TimePoint time) const {
    const auto after = std::upper_bound(
        stretches_.begin(),
        stretches_.end(),
        time,
        [](TimePoint wanted, const Stretch& stretch) { return wanted < stretch.from; }
    );
    return *std::prev(after);
}

Date ZoneTable::civil_day(TimePoint time) const {
    const TimePoint local = time + at(time).offset;
    return Date{std::chrono::floor<std::chrono::days>(local.time_since_epoch())};
}

std::chrono::minutes ZoneTable::local_time(TimePoint time) const {
    const TimePoint local = time + at(time).offset;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    return std::chrono::floor<std::chrono::minutes>(local - day);
}

TimePoint ZoneTable::moment(Date day, std::chrono::minutes local) const {
    const TimePoint wall = TimePoint{day.time_since_epoch()} + local;
    for (std::size_t i = 0; i < stretches_.size(); ++i) {
        const TimePoint candidate = wall - stretches_[i].offset;
        const bool is_begun = candidate >= stretches_[i].from;
        const bool is_over = i + 1 < stretches_.size() && candidate >= stretches_[i + 1].from;
        if (is_begun && !is_over) {
            return candidate;
        }
        if (!is_begun) {
            return wall - stretches_[i - 1].offset; // inside the gap before this stretch
        }
    }
    return wall - stretches_.back().offset;
}

const ZoneTable& zone_table(const std::string& zone, Date from, Date to) {
    static std::map<std::tuple<std::string, Date, Date>, std::unique_ptr<ZoneTable>> tables;
    std::unique_ptr<ZoneTable>& table = tables[{zone, from, to}];
    if (!table) {
        table = std::make_unique<ZoneTable>(zone, from, to);
    }
    return *table;
}

} // namespace reviewd::simulation
