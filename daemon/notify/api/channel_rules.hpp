#pragma once

#include "config/node/reader.hpp"

#include <string>

namespace reviewd::notify {

/// What every channel may have in its map, whatever its kind. They belong to the outbox, not to the
/// plugin.
struct ChannelRules {
    std::string fallback; ///< the channel that takes over what this one gives up; empty: none
    /// What it tells: everything, or only how many reviews wait, without a customer's name.
    enum class Content { full, minimal } content = Content::full;
};

/// Reads `fallback` and `content`; what is wrong is reported.
[[nodiscard]] ChannelRules read_channel_rules(config::MapReader& settings);

} // namespace reviewd::notify
