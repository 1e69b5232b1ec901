#pragma once

#include "config/loader/settings.hpp"
#include "daemon/service/people.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reviewd::service {

/// A reminder as routes see it.
struct RouteSubject {
    std::string level;
    std::string_view step;          ///< by review::name
    std::vector<std::string> kinds; ///< of the review, and of what set off triggers for it
    const PersonProfile* recipient = nullptr;
};

/// Where a reminder goes, when, and what decided it.
struct Routing {
    std::vector<std::string> channels;
    config::Route::Send send = config::Route::Send::digest;
    std::vector<std::string> why; ///< one line per decision, for a person
};

/// Decides by the recipient's own routes, else by those of everybody, else by the recipient's
/// channels. Of branches beside each other the first that takes the reminder decides; below it the
/// narrower ones are asked in the same way, and what they leave open stays as it was.
/// @pre subject.recipient
[[nodiscard]] Routing route(
    const RouteSubject& subject, const config::Settings& settings, const People& people
);

/// Whether any branch of any tree asks for the kinds of a reminder.
[[nodiscard]] bool has_routes_of_kinds(const config::Settings& settings);

/// Whether any branch of any tree sends at once: else nobody needs to look between mornings.
[[nodiscard]] bool has_routes_at_once(const config::Settings& settings);

/// "digest", "at once", "never".
[[nodiscard]] std::string_view name(config::Route::Send send);

} // namespace reviewd::service
