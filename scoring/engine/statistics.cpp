// DeLong's variance comes from the placements of each case among those of the other kind; they are
// found with midranks in one sort (Sun and Xu 2014) instead of comparing every pair.
#include "scoring/engine/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace reviewd::engine {
namespace {

constexpr double normal_quantile = 1.959963984540054; // of 97.5 %

/// Ranks from 1; equal values share the mean of theirs. In the order of `values`.
std::vector<double> midranks(const std::vector<std::int64_t>& values) {
    std::vector<std::size_t> order(values.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return values[a] < values[b];
    });
    std::vector<double> ranks(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && values[order[end]] == values[order[begin]]) {
            ++end;
        }
        const double rank = (static_cast<double>(begin + end) + 1) / 2;
        for (std::size_t i = begin; i < end; ++i) {
            ranks[order[i]] = rank;
        }
        begin = end;
    }
    return ranks;
}

double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) {
        sum += value;
    }
    return sum / static_cast<double>(values.size());
}

/// The variance of their mean; 0 for a single value.
double variance_of_mean(const std::vector<double>& values) {
    if (values.size() < 2) {
        return 0;
    }
    const double centre = mean(values);
    double sum = 0;
    for (const double value : values) {
        sum += (value - centre) * (value - centre);
    }
    const auto count = static_cast<double>(values.size());
    return sum / (count - 1) / count;
}

/// For each case the share of the other kind that it outranks.
std::vector<double> placements(
    const std::vector<std::int64_t>& values, const double* ranks, std::size_t others
) {
    const std::vector<double> own = midranks(values);
    std::vector<double> shares(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        shares[i] = (ranks[i] - own[i]) / static_cast<double>(others);
    }
    return shares;
}

} // namespace

Interval wilson_interval(const HitRate& rate) {
    if (rate.count <= 0) {
        return {};
    }
    const auto count = static_cast<double>(rate.count);
    const double share = rate.rate();
    const double square = normal_quantile * normal_quantile;
    const double scale = 1 + square / count;
    const double centre = (share + square / (2 * count)) / scale;
    const double half = normal_quantile / scale
                        * std::sqrt(share * (1 - share) / count + square / (4 * count * count));
    return {
        rate.hits == 0 ? 0 : std::max(0.0, centre - half),
        rate.hits == rate.count ? 1 : std::min(1.0, centre + half)};
}

std::optional<AreaUnderCurve> area_under_curve(std::span<const Outcome> outcomes) {
    std::vector<std::int64_t> hit;
    std::vector<std::int64_t> missed;
    for (const Outcome& outcome : outcomes) {
        (outcome.is_hit ? hit : missed).push_back(outcome.value);
    }
    if (hit.empty() || missed.empty()) {
        return std::nullopt;
    }
    std::vector<std::int64_t> all = hit;
    all.insert(all.end(), missed.begin(), missed.end());
    const std::vector<double> ranks = midranks(all);
    const std::vector<double> of_hit = placements(hit, ranks.data(), missed.size());
    const std::vector<double> of_missed = placements(missed, ranks.data() + hit.size(), hit.size());
    AreaUnderCurve curve;
    curve.area = mean(of_hit);
    const double deviation = std::sqrt(variance_of_mean(of_hit) + variance_of_mean(of_missed));
    curve.interval = {
        std::max(0.0, curve.area - normal_quantile * deviation),
        std::min(1.0, curve.area + normal_quantile * deviation)};
    return curve;
}

} // namespace reviewd::engine
