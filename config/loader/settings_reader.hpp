#pragma once

#include "config/loader/configuration.hpp"
#include "config/loader/rules_reader.hpp"

#include <optional>
#include <string>

namespace reviewd::config {

/// What the main file says beside Settings: where the managers' files are.
struct MainFile {
    Settings settings;
    rules::Schema schema;                   ///< the built-in tables and the custom columns
    std::optional<std::string> agenda_file; ///< absent: the one beside the main file, if there
    EndMarker marker = EndMarker::advised;
};

/// Reads the merged tree of built-in settings, main file and drop-ins.
/// @param file the main file's name; relative names start in its folder
[[nodiscard]] MainFile read_main_file(
    const Node& root, const std::string& file, const LoadOptions& options, Report& report
);

/// `hold_share:` of the settings and of a source: more than 0, at most 1.
[[nodiscard]] std::optional<double> read_hold_share(const Node& node, Report& report);

/// The sections with many keys, in source_reader.cpp.
void read_tables(const Node& node, rules::Schema& schema, Report& report);
[[nodiscard]] std::vector<SourceSettings> read_sources(
    const Node& node, const rules::Schema& schema, Report& report
);

/// `people:` with its `defaults:`, in people_reader.cpp.
/// @param folder where relative names of calendar files start
void read_people(const Node& node, const std::string& folder, Settings& settings, Report& report);
/// `holidays:` and what names its regions, in holidays_reader.cpp.
void read_holidays(const Node& node, const std::string& folder, Settings& settings, Report& report);
void check_region_names(const Node& people, const Settings& settings, Report& report);
/// The days of one calendar file or of a list of them; relative names start in `folder`.
[[nodiscard]] std::vector<DaySpan> read_calendar_files(
    const Node& node, const std::string& folder, Report& report
);
void check_channel_names(const Node& people, const Settings& settings, Report& report);

/// `routes:`, `links:` and `events:`, in delivery_reader.cpp.
[[nodiscard]] std::vector<Route> read_routes(const Node& node, Report& report);
[[nodiscard]] std::optional<LinkSettings> read_links(
    const Node& node, const std::string& folder, Report& report
);
/// `monitoring:`; loopback only.
[[nodiscard]] std::optional<MonitoringSettings> read_monitoring(const Node& node, Report& report);
[[nodiscard]] EventSettings read_events(const Node& node, Report& report);
/// Names of channels that nobody configured: one name, those of a map's `channels:`, and those of a
/// tree of routes.
void check_channel(
    const Node& node, const std::string& name, const Settings& settings, Report& report
);
void check_channels_of(const Node& map, const Settings& settings, Report& report);
void check_route_channels(const Node& routes, const Settings& settings, Report& report);
/// Fallbacks that are no channels, or go in a circle.
void check_fallbacks(const Settings& settings, Report& report);
/// Channels of `events:` that are made for people.
void check_event_channels(const Settings& settings, const Node& events, Report& report);
/// Levels and kinds that the rules do not have.
void check_route_words(const Settings& settings, const rules::RuleSet& rules, Report& report);

/// The name of a time zone that this system knows.
[[nodiscard]] std::optional<std::string> read_zone(const Node& node, Report& report);
[[nodiscard]] std::optional<std::string> read_language(const Node& node, Report& report);

/// Reports every key that would hold a secret.
void refuse_secrets(const Node& root, Report& report);

} // namespace reviewd::config
