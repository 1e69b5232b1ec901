#pragma once

#include "daemon/review/planner.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/stand_ins.hpp"
#include "scoring/base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// Places of an owner in up to seven days: working days without holidays and leave, within the
/// limit of a week. @param end the day behind the last one
[[nodiscard]] int places_in(const PersonProfile& owner, Date first, Date end);

/// One week of an owner.
struct WeekLoad {
    Date week{};      ///< its Monday
    int planned = 0;  ///< open reviews with their day in it; overdue ones count in the first week
    int expected = 0; ///< further ones, if each is held on its day and no level changes
    int capacity = 0; ///< places: working days without holidays and leave, within the week's limit
};

/// A year ahead of one owner.
struct OwnerForecast {
    std::string owner; ///< key; empty: accounts that nobody owns
    std::string name;
    std::vector<WeekLoad> weeks; ///< from the current one on, without gaps
    int reviews = 0;
    int capacity = 0;
    double stretch = 0; ///< of the open ones: see review::stretch_of
};

/// A review beyond its hard maximum, for want of room or for leave.
struct LateDay {
    ReviewId review;
    std::string account; ///< its name
    std::string level;
    Date due{};
    Date latest{};
    int days_late = 0;
    bool is_for_leave = false;       ///< its owner is away on all days that it had
    std::optional<StandIn> stand_in; ///< who has its contact meanwhile
};

/// A plan that cannot be kept, and what would mend it: reviews have no day in time, or so many are
/// overdue that the places left are too few.
struct Overload {
    std::string owner; ///< key; empty: accounts that nobody owns
    std::string name;
    std::vector<LateDay> late; ///< by day; overdue ones are none of them
    double stretch = 0;        ///< see review::stretch_of
    review::Capacity capacity;
    review::Cure cure;
};

/// How much work there is and how much room. Reads only.
class Workload {
public:
    explicit Workload(const Context& context) : context_(context) {}

    /// By key of the owner, those without reviews left out.
    /// @param owner key or name of a person; empty: everybody
    /// @errors `not_found`, `conflict` for the owner
    [[nodiscard]] Result<std::vector<OwnerForecast>> forecast(
        const std::string& owner, TimePoint now
    ) const;
    /// Those whose plan cannot be kept. @errors as forecast
    [[nodiscard]] Result<std::vector<Overload>> overloads(const std::string& owner, TimePoint now)
        const;

private:
    [[nodiscard]] Result<std::vector<const PersonProfile*>> owners(const std::string& owner) const;

    const Context& context_;
};

} // namespace reviewd::service
