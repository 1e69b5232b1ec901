#include "daemon/service/routing.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

using config::Route;

bool holds(const std::vector<std::string>& wanted, std::string_view value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool holds_any(const std::vector<std::string>& wanted, const std::vector<std::string>& values) {
    return wanted.empty() || std::any_of(values.begin(), values.end(), [&](const auto& value) {
               return holds(wanted, value);
           });
}

bool is_in_team(
    const std::vector<std::string>& teams, const PersonProfile& person, const People& people
) {
    if (teams.empty()) {
        return true;
    }
    const auto managers = people.managers_of(person.id);
    return std::any_of(managers.begin(), managers.end(), [&](const PersonProfile* manager) {
        return std::find(teams.begin(), teams.end(), manager->key) != teams.end();
    });
}

bool takes(const Route& route, const RouteSubject& subject, const People& people) {
    return holds(route.levels, subject.level) && holds(route.steps, subject.step)
           && holds_any(route.kinds, subject.kinds) && holds(route.people, subject.recipient->key)
           && is_in_team(route.teams, *subject.recipient, people);
}

std::string place_of(const Route& route) {
    if (!route.node) {
        return {};
    }
    const SourcePosition place = route.node->position();
    return fmt::format(" ({}:{})", place.file_name(), place.line);
}

std::string decision_of(const Route& route) {
    std::string text;
    if (!route.channels.empty()) {
        text += fmt::format(": {}", fmt::join(route.channels, ", "));
    }
    if (route.send) {
        text += fmt::format("{} {}", text.empty() ? ":" : ",", name(*route.send));
    }
    return text;
}

/// Follows the branches down; what each says replaces what was said above.
/// @returns whether any branch took the reminder
bool descend(
    const std::vector<Route>& routes,
    std::string_view whose,
    const RouteSubject& subject,
    const People& people,
    Routing& routing
) {
    const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& each) {
        return takes(each, subject, people);
    });
    if (found == routes.end()) {
        return false;
    }
    if (!found->channels.empty()) {
        routing.channels = found->channels;
    }
    routing.send = found->send.value_or(routing.send);
    routing.why.push_back(
        fmt::format("{} `{}`{}{}", whose, found->name, place_of(*found), decision_of(*found))
    );
    descend(found->routes, whose, subject, people, routing);
    return true;
}

/// Whether it holds for any branch, of whatever depth.
bool any_branch(const std::vector<Route>& routes, bool (*holds)(const Route& route)) {
    return std::any_of(routes.begin(), routes.end(), [&](const Route& each) {
        return holds(each) || any_branch(each.routes, holds);
    });
}

/// The same for any tree: everybody's, or a person's own.
bool any_route(const config::Settings& settings, bool (*holds)(const Route& route)) {
    return any_branch(settings.routes, holds) || any_branch(settings.person_defaults.routes, holds)
           || std::any_of(settings.people.begin(), settings.people.end(), [&](const auto& person) {
                  return any_branch(person.second.routes, holds);
              });
}

} // namespace

Routing route(const RouteSubject& subject, const config::Settings& settings, const People& people) {
    const PersonProfile& person = *subject.recipient;
    Routing routing;
    routing.channels = person.channels;
    routing.why.push_back(fmt::format(
        "channels of {}: {}",
        person.key,
        person.channels.empty() ? "none" : fmt::format("{}", fmt::join(person.channels, ", "))
    ));
    const bool is_own =
        descend(person.routes, fmt::format("route of {}", person.key), subject, people, routing);
    if (!is_own && !descend(settings.routes, "route", subject, people, routing)) {
        routing.why.emplace_back("no route takes it: with the morning's digest");
    }
    return routing;
}

bool has_routes_of_kinds(const config::Settings& settings) {
    return any_route(settings, [](const Route& route) { return !route.kinds.empty(); });
}

bool has_routes_at_once(const config::Settings& settings) {
    return any_route(settings, [](const Route& route) {
        return route.send == Route::Send::at_once;
    });
}

std::string_view name(Route::Send send) {
    switch (send) {
    case Route::Send::digest:
        return "digest";
    case Route::Send::at_once:
        return "at once";
    case Route::Send::never:
        break;
    }
    return "never";
}

} // namespace reviewd::service
