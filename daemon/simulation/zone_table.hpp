#pragma once

#include "scoring/base/date.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace reviewd::simulation {

/// The offsets of a zone over some years, as the C library's localtime_r knows them: the model's
/// own opinion on local time, independent of the library that the product asks.
class ZoneTable {
public:
    /// Switches the process's TZ for a moment: no other thread may look at local time meanwhile.
    ZoneTable(const std::string& zone, Date from, Date to);

    [[nodiscard]] Date civil_day(TimePoint at) const;
    [[nodiscard]] std::chrono::minutes local_time(TimePoint at) const;
    /// A time that does not exist is shifted forward by the gap; of one that exists twice, the
    /// first.
    [[nodiscard]] TimePoint moment(Date day, std::chrono::minutes local) const;

private:
    struct Stretch {
        TimePoint from{};
        std::chrono::seconds offset{};
    };

    [[nodiscard]] const Stretch& at(TimePoint time) const;

    std::vector<Stretch> stretches_;
};

/// One table per zone and span, made once per process.
[[nodiscard]] const ZoneTable& zone_table(const std::string& zone, Date from, Date to);

} // namespace reviewd::simulation
