#pragma once

#include "daemon/review/planner.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace reviewd::test {

/// What a plan reached, tier by tier; smaller is better.
struct PlanValue {
    std::map<int, std::int64_t, std::greater<>> late_weight; ///< by tier, the highest first
    std::int64_t distance = 0;
    int changes = 0;
    friend bool operator==(const PlanValue&, const PlanValue&) = default;
    friend auto operator<=>(const PlanValue&, const PlanValue&) = default;
};

/// @pre placements are beside the request's items
[[nodiscard]] PlanValue value_of(
    const review::PlanRequest& request, const std::vector<review::Placement>& placements
);

/// The best value by trying every plan. For a handful of items.
[[nodiscard]] PlanValue best_by_trying(const review::PlanRequest& request);

/// The best value by a general solver for integer programs (GLPK), objective by objective.
[[nodiscard]] PlanValue best_by_solver(const review::PlanRequest& request);

/// Small numbers that repeat everywhere.
struct Random {
    std::uint64_t state;
    int below(int bound) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<int>((state >> 33) % static_cast<std::uint64_t>(bound));
    }
};

struct InstanceSize {
    int items = 7;  ///< at most
    int days = 12;  ///< over which windows begin
    int length = 8; ///< of each half of a window, at most
};

/// A random owner: leave, appointments, frozen days, overload in about half of the cases.
[[nodiscard]] review::PlanRequest random_request(Random& random, const InstanceSize& size);

} // namespace reviewd::test
