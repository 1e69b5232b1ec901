#pragma once

#include "config/node/reader.hpp"

#include <optional>
#include <string>

namespace reviewd::notify {

/// What every channel may have in its map, whatever its kind. They belong to the outbox, not to the
/// plugin.
struct ChannelRules {
    std::string fallback; ///< the channel that takes over what this one gives up; empty: none
    /// What it tells: everything, or only how many reviews wait, without a customer's name.
    enum class Content { full, minimal } content = Content::full;
    int per_minute = 0; ///< messages at most; 0: as many as its kind takes
    /// Messages within any 24 hours, 0: no limit; absent: default_per_person_per_day and
    /// default_per_day, or no limit for a kind that bothers nobody.
    std::optional<int> per_person_per_day{};
    std::optional<int> per_day{};
};

inline constexpr int default_per_person_per_day = 50;
inline constexpr int default_per_day = 10'000;

/// Reads `fallback`, `content`, `per_minute`, `per_person_per_day` and `per_day`; what is wrong is
/// reported.
[[nodiscard]] ChannelRules read_channel_rules(config::MapReader& settings);

} // namespace reviewd::notify
