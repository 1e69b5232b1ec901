#include "daemon/notify/api/channel_rules.hpp"

#include <array>
#include <string_view>

namespace reviewd::notify {

ChannelRules read_channel_rules(config::MapReader& settings) {
    constexpr std::array<std::string_view, 2> contents{"full", "minimal"};
    config::Report& report = settings.report();
    ChannelRules rules;
    if (const config::Node* node = settings.find("fallback")) {
        rules.fallback = config::read_name(*node, report).value_or("");
    }
    if (const config::Node* node = settings.find("content")) {
        const auto index = config::read_word(*node, report, contents);
        rules.content =
            index && *index == 1 ? ChannelRules::Content::minimal : ChannelRules::Content::full;
    }
    return rules;
}

} // namespace reviewd::notify
