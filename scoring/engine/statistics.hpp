#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace reviewd::engine {

/// Where the true value lies with 95 % confidence.
struct Interval {
    double low = 0;
    double high = 1;
};

/// How often something happened.
struct HitRate {
    std::int64_t count = 0; ///< cases
    std::int64_t hits = 0;

    [[nodiscard]] double rate() const {
        return count == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(count);
    }
};

/// The interval of a share by Wilson's score method (Wilson 1927), which holds for few cases and
/// for shares near 0 and 1; everything is possible when there are no cases.
[[nodiscard]] Interval wilson_interval(const HitRate& rate);

/// The area under the ROC curve: how likely a case that was hit has the higher value than one that
/// was not; equal values count half. 0.5 is chance.
struct AreaUnderCurve {
    double area = 0.5;
    Interval interval; ///< by DeLong, DeLong and Clarke-Pearson (1988), cut to 0 … 1
};

/// One case: its value, and whether it was hit.
struct Outcome {
    std::int64_t value = 0;
    bool is_hit = false;
};

/// Nothing unless there is at least one of each kind.
[[nodiscard]] std::optional<AreaUnderCurve> area_under_curve(std::span<const Outcome> outcomes);

} // namespace reviewd::engine
