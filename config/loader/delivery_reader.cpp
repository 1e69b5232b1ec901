// What decides how messages reach people and other systems: routes, links, events.
#include "config/loader/settings_reader.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace reviewd::config {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> step_words{
    "invite", "ahead", "on-day", "overdue", "escalation", "trigger", "promise"};
constexpr std::array<std::string_view, 3> send_words{"digest", "at_once", "never"};
constexpr std::array<std::string_view, 3> event_words{
    "review.planned", "review.done", "level.changed"};
constexpr int deepest_route = 8;

std::vector<std::string> read_list(MapReader& reader, std::string_view key) {
    const Node* node = reader.find(key);
    return node == nullptr ? std::vector<std::string>{} : read_texts(*node, reader.report());
}

/// Words of a fixed set, each checked at its place.
std::vector<std::string> read_word_list(
    MapReader& reader, std::string_view key, std::span<const std::string_view> words
) {
    std::vector<std::string> taken;
    const Node* node = reader.find(key);
    if (node == nullptr) {
        return taken;
    }
    const std::vector<Node> elements =
        node->is_sequence() ? std::vector<Node>(node->elements().begin(), node->elements().end())
                            : std::vector<Node>{*node};
    for (const Node& element : elements) {
        if (const auto index = read_word(element, reader.report(), words)) {
            taken.emplace_back(words[*index]);
        }
    }
    return taken;
}

std::vector<Route> read_branches(
    const Node& node, const std::string& place, int depth, Report& report
);

Route read_route(const Node& node, const std::string& place, int depth, Report& report) {
    Route route;
    route.node = node;
    MapReader reader{node, report};
    const auto name =
        reader.read("name", [&](const Node& value) { return read_text(value, report); });
    route.name = name.value_or(place);
    if (const Node* whom = reader.find("for")) {
        MapReader subject{*whom, report};
        route.levels = read_list(subject, "level");
        route.steps = read_word_list(subject, "step", step_words);
        route.kinds = read_list(subject, "kind");
        route.people = read_list(subject, "person");
        route.teams = read_list(subject, "team");
    }
    route.channels = read_list(reader, "channels");
    if (const Node* send = reader.find("send")) {
        if (const auto index = read_word(*send, report, send_words)) {
            route.send = static_cast<Route::Send>(*index);
        }
    }
    const Node* routes = reader.find("routes");
    if (routes != nullptr) {
        route.routes = read_branches(*routes, route.name + "/", depth + 1, report);
    } else if (route.channels.empty() && node.is_map() && node.find("send") == nullptr) {
        report.error(
            node,
            fmt::format("route `{}` decides nothing", cut_to_width(route.name, 60)),
            "give it `channels:`, `send:` or narrower `routes:`"
        );
    }
    return route;
}

std::vector<Route> read_branches(
    const Node& node, const std::string& place, int depth, Report& report
) {
    std::vector<Route> routes;
    if (!node.is_sequence()) {
        report.error(
            node,
            fmt::format("expected a list of routes, found {}", described(node)),
            "for instance `- { for: { step: escalation }, channels: [mail] }`"
        );
        return routes;
    }
    if (depth > deepest_route) {
        report.error(node, fmt::format("routes nest at most {} deep", deepest_route));
        return routes;
    }
    for (const Node& element : node.elements()) {
        const std::string number = std::to_string(routes.size() + 1);
        routes.push_back(read_route(element, place + number, depth, report));
    }
    return routes;
}

/// Words of one key of `for:` that the rules do not have.
void check_words(
    const Route& route,
    std::string_view key,
    const std::vector<std::string>& words,
    const std::vector<std::string>& known,
    Report& report
) {
    for (const std::string& word : words) {
        if (std::find(known.begin(), known.end(), word) == known.end()) {
            const Node* whom = route.node->find("for");
            const Node* place = whom == nullptr ? nullptr : whom->find(key);
            report.error(
                place == nullptr ? *route.node : *place,
                fmt::format("there is no {} `{}`", key, cut_to_width(word, 60)),
                did_you_mean(word, known)
            );
        }
    }
}

/// What the rules have that routes may speak of.
struct RouteWords {
    std::vector<std::string> levels;
    std::vector<std::string> kinds{"first", "periodic", "retry", "deferred"};

    explicit RouteWords(const rules::RuleSet& rules) {
        for (const rules::Level& level : rules.levels) {
            levels.push_back(level.name);
        }
        for (const rules::Trigger& trigger : rules.triggers) {
            if (!trigger.kind.empty()) {
                kinds.push_back(trigger.kind);
            }
        }
    }
};

void check_words(const std::vector<Route>& routes, const RouteWords& known, Report& report) {
    for (const Route& route : routes) {
        check_words(route, "level", route.levels, known.levels, report);
        check_words(route, "kind", route.kinds, known.kinds, report);
        check_words(route.routes, known, report);
    }
}

/// Where what the channel gives up goes, and from there; the first place twice is a circle.
void check_fallback(const ChannelSettings& channel, const Settings& settings, Report& report) {
    const auto fallback_of = [](const ChannelSettings& one) {
        const Node* node = one.node.is_map() ? one.node.find("fallback") : nullptr;
        return node != nullptr && node->is_scalar() ? node : nullptr;
    };
    const Node* const first = fallback_of(channel);
    if (first == nullptr) {
        return;
    }
    check_channel(*first, first->text(), settings, report);
    std::vector<std::string> way{channel.name};
    for (const Node* next = first; next != nullptr;) {
        const auto found = std::find_if(
            settings.channels.begin(),
            settings.channels.end(),
            [&](const ChannelSettings& each) { return each.name == next->text(); }
        );
        if (found == settings.channels.end()) {
            return;
        }
        way.push_back(found->name);
        if (found->name == channel.name) {
            if (*std::min_element(way.begin(), way.end()) != channel.name) {
                return; // told at its first channel
            }
            report.error(
                *first,
                fmt::format("fallbacks go in a circle: `{}`", fmt::join(way, "` -> `")),
                "what nobody takes has to end somewhere"
            );
            return;
        }
        if (std::count(way.begin(), way.end(), found->name) > 1) {
            return; // a circle that this one only leads to
        }
        next = fallback_of(*found);
    }
}

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1
           || ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

/// `127.0.0.1:8095` or `[::1]:8095`
std::optional<std::pair<std::string, int>> read_listen(const Node& node, Report& report) {
    const std::optional<std::string> text = read_text(node, report);
    if (!text) {
        return std::nullopt;
    }
    const std::size_t colon = text->rfind(':');
    std::string address = text->substr(0, colon);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
        address = address.substr(1, address.size() - 2);
    }
    const std::string port = colon == std::string::npos ? "" : text->substr(colon + 1);
    const bool is_number =
        !port.empty() && port.size() <= 5
        && std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    const int number = is_number ? std::stoi(port) : 0;
    constexpr int largest_port = 65535;
    if (!is_address(address) || number < 1 || number > largest_port) {
        report.error(
            node,
            fmt::format("expected an address and a port, found {}", described(node)),
            "write for instance `127.0.0.1:8095` or `[::1]:8095`"
        );
        return std::nullopt;
    }
    return std::pair{address, number};
}

bool is_loopback(const std::string& address) {
    return address.rfind("127.", 0) == 0 || address == "::1";
}

void read_secret(
    MapReader& reader,
    const std::string& key,
    const std::string& folder,
    std::pair<std::string*, std::string*> into
) {
    Report& report = reader.report();
    const auto text = [&](const Node& value) {
        return read_text(value, report);
    };
    const Node* file = reader.find(key + "_file");
    const auto credential = reader.read(key + "_credential", text);
    if (file != nullptr && credential) {
        report.error(*file, fmt::format("`{0}_file` and `{0}_credential` are both given", key));
        return;
    }
    if (file != nullptr) {
        const std::string name = read_text(*file, report).value_or("");
        *into.first = fs::path{name}.is_absolute()
                          ? name
                          : (fs::path{folder} / name).lexically_normal().string();
    }
    *into.second = credential.value_or("");
}

/// Whoever speaks to a listener on loopback is on this machine, and in practice the web server:
/// unless it is believed, all visitors would be one client and share its limits.
/// @param address the listener's
std::vector<std::string> read_proxies(MapReader& reader, const std::string& address) {
    const Node* node = reader.find("proxies");
    std::vector<std::string> proxies;
    if (node != nullptr) {
        proxies = read_texts(*node, reader.report());
    }
    for (const std::string& proxy : proxies) {
        if (!is_address(proxy)) {
            reader.report().error(
                *node, fmt::format("`{}` is no numeric address", cut_to_width(proxy, 60))
            );
        }
    }
    const bool is_nobody = node != nullptr && proxies.empty();
    if (is_loopback(address) && !is_nobody
        && std::none_of(proxies.begin(), proxies.end(), &is_loopback)) {
        proxies.insert(proxies.end(), {"127.0.0.1", "::1"});
    }
    return proxies;
}

} // namespace

std::vector<Route> read_routes(const Node& node, Report& report) {
    return read_branches(node, "", 1, report);
}

std::optional<LinkSettings> read_links(
    const Node& node, const std::string& folder, Report& report
) {
    LinkSettings links;
    links.node = node;
    MapReader reader{node, report};
    if (const Node* listen = reader.require("listen")) {
        if (const auto place = read_listen(*listen, report)) {
            links.address = place->first;
            links.port = place->second;
        }
    }
    read_secret(reader, "secret", folder, {&links.secret_file, &links.secret_credential});
    read_secret(
        reader,
        "previous_secret",
        folder,
        {&links.previous_secret_file, &links.previous_secret_credential}
    );
    if (links.secret_file.empty() && links.secret_credential.empty() && node.is_map()) {
        report.error(
            node,
            "links are signed with a secret",
            "`secret_credential: link-key`, which `LoadCredential=` of the unit brings, or "
            "`secret_file:` with 32 random bytes that the service's user may read"
        );
    }
    if (const Node* days = reader.find("valid_days")) {
        links.valid_days = static_cast<int>(read_integer(*days, report, 1, 30).value_or(30));
    }
    links.proxies = read_proxies(reader, links.address);
    if (links.port != 0 && !is_loopback(links.address) && links.proxies.empty()) {
        report.warning(
            *reader.find("listen"),
            "this listener speaks no TLS and is open to the network",
            "listen on 127.0.0.1 behind a web server of this machine, or name the one of another "
            "under `proxies:`"
        );
    }
    return links.port == 0 ? std::nullopt : std::optional{std::move(links)};
}

std::optional<MonitoringSettings> read_monitoring(const Node& node, Report& report) {
    MapReader reader{node, report};
    const Node* const listen = reader.require("listen");
    const auto place = listen == nullptr ? std::nullopt : read_listen(*listen, report);
    if (!place) {
        return std::nullopt;
    }
    if (!is_loopback(place->first)) {
        report.error(
            *listen,
            "the numbers are shown to this machine only",
            "listen on 127.0.0.1 or [::1], and let the monitoring agent of this machine fetch them"
        );
        return std::nullopt;
    }
    return MonitoringSettings{place->first, place->second, node};
}

EventSettings read_events(const Node& node, Report& report) {
    EventSettings events;
    MapReader reader{node, report};
    if (const Node* channels = reader.require("channels")) {
        events.channels = read_texts(*channels, report);
    }
    events.only = read_word_list(reader, "only", event_words);
    return events;
}

void check_channel(
    const Node& node, const std::string& name, const Settings& settings, Report& report
) {
    std::vector<std::string> names;
    for (const ChannelSettings& channel : settings.channels) {
        names.push_back(channel.name);
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        report.error(
            node,
            fmt::format("there is no channel `{}`", cut_to_width(name, 60)),
            did_you_mean(name, names)
        );
    }
}

void check_channels_of(const Node& map, const Settings& settings, Report& report) {
    const Node* channels = map.is_map() ? map.find("channels") : nullptr;
    if (channels != nullptr && channels->is_sequence()) {
        for (const Node& name : channels->elements()) {
            if (name.is_scalar()) {
                check_channel(name, name.text(), settings, report);
            }
        }
    } else if (channels != nullptr && channels->is_scalar()) {
        check_channel(*channels, channels->text(), settings, report);
    }
}

void check_route_channels(const Node& routes, const Settings& settings, Report& report) {
    if (!routes.is_sequence()) {
        return;
    }
    for (const Node& route : routes.elements()) {
        if (!route.is_map()) {
            continue;
        }
        check_channels_of(route, settings, report);
        if (const Node* below = route.find("routes")) {
            check_route_channels(*below, settings, report);
        }
    }
}

void check_fallbacks(const Settings& settings, Report& report) {
    for (const ChannelSettings& channel : settings.channels) {
        check_fallback(channel, settings, report);
    }
}

void check_event_channels(const Settings& settings, const Node& events, Report& report) {
    const Node* const place = events.is_map() ? events.find("channels") : nullptr;
    for (const ChannelSettings& channel : settings.channels) {
        const auto& wanted = settings.events.channels;
        const bool is_wanted =
            std::find(wanted.begin(), wanted.end(), channel.name) != wanted.end();
        if (is_wanted && !channel.traits.takes_events && place != nullptr) {
            report.error(
                *place,
                fmt::format(
                    "`{}` is of type {}, which takes no events",
                    channel.name,
                    cut_to_width(channel.type, 60)
                ),
                "events are for programs: name a channel that one reads, such as a webhook"
            );
        }
    }
}

void check_route_words(const Settings& settings, const rules::RuleSet& rules, Report& report) {
    const RouteWords known{rules};
    check_words(settings.routes, known, report);
    check_words(settings.person_defaults.routes, known, report);
    for (const auto& [key, person] : settings.people) {
        check_words(person.routes, known, report);
    }
}

} // namespace reviewd::config
