#pragma once

#include "daemon/service/context.hpp"
#include "daemon/store/report_rows.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// Coverage summed over one way of grouping.
struct CoverageLine {
    std::string name; ///< an owner's key, a level or a segment; empty: none
    store::CoverageRow sum;
    std::string owner_name; ///< by owner only: what the key's person is called; empty: nobody
};

/// A friendly customer and who looks after them.
struct FriendlyLine {
    store::FriendlyRow row;
    std::string owner;      ///< key; empty: nobody
    std::string owner_name; ///< what that person is called; empty: nobody
};

/// `report`: how well the portfolio is looked after.
struct Report {
    Date from{};
    Date to{};
    Date today{}; ///< of what is counted as it is now: accounts, never reviewed, planned, overdue
    CoverageLine all;
    std::vector<CoverageLine> by_owner;     ///< by key
    std::vector<CoverageLine> by_level;     ///< highest first
    std::vector<CoverageLine> by_segment;   ///< by name
    std::vector<store::RevenueRow> revenue; ///< highest level first; twelve months up to `to`
    std::vector<FriendlyLine> friendly;     ///< whom to ask for value points
};

/// Answers to `satisfaction` from so many on make a friendly customer.
inline constexpr double friendly_satisfaction = 8;

/// @param from,to the period, both included; absent: the last 90 days up to today
/// @errors `usage` when it ends before it begins, or after today
[[nodiscard]] Result<Report> make_report(
    const Context& context, std::optional<Date> from, std::optional<Date> to, TimePoint now
);

} // namespace reviewd::service
