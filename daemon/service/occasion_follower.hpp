#pragma once

#include "daemon/review/calendar.hpp"
#include "daemon/review/occasion.hpp"
#include "daemon/service/sightings.hpp"
#include "daemon/store/occasions.hpp"
#include "scoring/rules/rule_set.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// One account on one day, as its triggers see it.
struct Watched {
    AccountId account;
    std::vector<store::Occasion> live; ///< as kept
    std::vector<Sighting> sightings;   ///< by rows, dates and conditions
    std::optional<Date> last_contact;  ///< interaction or review
    std::optional<rules::Points> points;
    std::optional<store::ScoreMark> mark;
    store::RulesVersionId rules_version; ///< of `points`
};

/// What is to be written.
struct Followed {
    std::vector<store::Occasion> added;
    std::vector<store::Occasion> changed;
    std::optional<store::ScoreMark> mark;
    /// The first later day that may show something else, if nothing but the day changes. last_date:
    /// none does.
    Date next_look = last_date;
    [[nodiscard]] bool is_empty() const { return added.empty() && changed.empty() && !mark; }
};

/// The kept event of that key that is not live any more, if there is one.
using FindOccasion = std::function<
    std::optional<store::Occasion>(const std::string& trigger, const std::string& event)>;

/// Compares what is seen today with what is kept. An event opens once: an answered one stays
/// answered; one that was gone and comes back goes on. One that nobody answered is gone when its
/// cause is; one whose contact took place since is answered. An event that was over four weeks
/// before anybody knew of it is history and opens nothing.
/// @param calendar the owner's
[[nodiscard]] Followed follow(
    const rules::RuleSet& rules,
    const Watched& watched,
    const FindOccasion& find,
    const review::Calendar& calendar,
    Date today
);

/// The trigger of that id, or null.
[[nodiscard]] const rules::Trigger* find_trigger(const rules::RuleSet& rules, std::string_view id);

[[nodiscard]] review::TriggerTimes times_of(const rules::Trigger& trigger);
[[nodiscard]] review::OccasionDays days_of(
    const rules::Trigger& trigger, const store::Occasion& occasion
);

} // namespace reviewd::service
