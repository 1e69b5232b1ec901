#include "daemon/notify/api/channel_rules.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace reviewd::notify {

ChannelRules read_channel_rules(config::MapReader& settings) {
    constexpr std::array<std::string_view, 2> contents{"full", "minimal"};
    constexpr std::int64_t most_per_minute = 60'000;
    constexpr std::int64_t most_per_person = 1'000'000;
    constexpr std::int64_t most_per_day = 100'000'000;
    config::Report& report = settings.report();
    ChannelRules rules;
    const auto number = [&](std::string_view key, std::int64_t least, std::int64_t most) {
        const config::Node* node = settings.find(key);
        const auto value =
            node == nullptr ? std::nullopt : config::read_integer(*node, report, least, most);
        return value ? std::optional{static_cast<int>(*value)} : std::nullopt;
    };
    if (const config::Node* node = settings.find("fallback")) {
        rules.fallback = config::read_name(*node, report).value_or("");
    }
    if (const config::Node* node = settings.find("content")) {
        const auto index = config::read_word(*node, report, contents);
        rules.content =
            index && *index == 1 ? ChannelRules::Content::minimal : ChannelRules::Content::full;
    }
    rules.per_minute = number("per_minute", 1, most_per_minute).value_or(0);
    rules.per_person_per_day = number("per_person_per_day", 0, most_per_person);
    rules.per_day = number("per_day", 0, most_per_day);
    return rules;
}

} // namespace reviewd::notify
