#pragma once

#include "config/loader/configuration.hpp"
#include "daemon/message/templates.hpp"
#include "daemon/notify/api/delivery_traits.hpp"
#include "daemon/service/notice.hpp"
#include "daemon/service/people.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/delivery.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::service {

/// What the service needs beside database and configuration.
struct ServiceOptions {
    /// Of the random numbers that spread retries; the same seed gives the same times.
    std::uint64_t seed = 0;
    /// What is wrong with an address for a channel, or an empty text; the notifiers know. Absent:
    /// every address is fine.
    std::function<std::string(std::string_view channel, std::string_view address)> check_address;
    /// Makes the signed token of a link. Absent: messages carry no links.
    std::function<std::string(const store::LinkGrant& grant)> sign_link;
    /// What the outbox has to know of a channel's kind. Absent: what mail needs.
    std::function<notify::DeliveryTraits(std::string_view channel)> traits{};
    /// Makes the ids of messages and appointments unique among installations: their right side.
    /// Kept in the database from its first start on, so that threads and calendars survive a move.
    std::string host_name = "reviewd.invalid";
};

/// What the parts of the service share. One thread.
struct Context {
    store::Database& database;
    config::Configuration configuration; ///< the one in force, with the rules in force
    ServiceOptions options;
    std::optional<People> people; ///< resolved anew after imports and reloads
    std::shared_ptr<const message::Templates> templates; ///< read anew by a reload
    /// When a backup was restored that nobody has let go on yet: nothing is claimed.
    std::optional<std::string> restored;
    bool are_reviews_changed = false; ///< since the last tick: reminders have to be looked at
    bool are_plans_touched = true;    ///< somebody's plan has to be looked at, perhaps
    Notices notices;                  ///< collected until the next tick gives them away
    /// What the files of rules say, as loaded last; null when they cannot be read.
    std::shared_ptr<const rules::RuleSet> files_rules{};
    std::uint64_t people_revision = 0;                         ///< another one when `people` are
    std::shared_ptr<const config::Settings> people_settings{}; ///< by which `people` were resolved

    [[nodiscard]] const config::Settings& settings() const { return *configuration.settings; }
    [[nodiscard]] const rules::RuleSet& rules() const { return *configuration.rules; }
    /// The company's civil day: "today" for scoring and reports.
    [[nodiscard]] Date company_day(TimePoint now) const { return people->zone().civil_day(now); }
    void resolve_people();
    /// The templates that the settings name; what is wrong with them becomes notices.
    /// @errors `try_later` when they cannot be read now; those in force stay
    [[nodiscard]] Result<std::shared_ptr<const message::Templates>> read_templates(
        const config::Settings& settings
    );
    void note(LogEvent event, std::string message);
};

/// Who does something, from where; kept with every change.
struct Actor {
    std::string who = "reviewd";   ///< a local user, a person's key, "reviewd"
    std::string from = "schedule"; ///< "socket", "link", "schedule", "start"
};

} // namespace reviewd::service
