#pragma once

// daemon/service: the use cases, synchronous and without a clock: `now` is a parameter and tick()
// says when it wants to be called again. One thread, the writer's. Owns no socket, no timer, no
// thread. Includes daemon/{intake,message,notify/api,review,store}, config/loader and scoring/*.

#include "config/loader/settings.hpp"
#include "daemon/message/templates.hpp"
#include "daemon/review/attention.hpp"
#include "daemon/review/calendar.hpp"
#include "daemon/review/planner.hpp"
#include "daemon/review/zone.hpp"
#include "daemon/store/portfolio.hpp"
#include "scoring/base/id.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::service {

/// A person as imported, completed by configuration and its defaults.
struct PersonProfile {
    PersonId id; ///< none: the stand-in for accounts that nobody owns
    std::string key;
    std::string name;
    std::string called; ///< for others to read: the name, with the key where several share it
    std::string email;  ///< may be empty
    std::string language;
    review::Zone zone;
    /// A zone that was wanted and is not in the tz database (any more): `zone` is the company's
    /// instead. Empty: all is well.
    std::string lost_zone;
    /// The zone cannot be read now, for want of descriptors or memory: `zone` is the company's
    /// until people are resolved again.
    bool is_zone_unread = false;
    std::string region; ///< whose holidays are theirs; empty: none
    /// The people table's region, where `holidays:` does not know it: `region` is the defaults'
    /// instead. Empty: all is well.
    std::string lost_region;
    review::Calendar calendar; ///< working days without holidays and leave
    std::vector<review::DaysOff> leave;
    review::Calendar usual_days; ///< working days if they took no leave
    /// Of a working day, in their zone.
    std::pair<std::chrono::minutes, std::chrono::minutes> hours{
        std::chrono::hours{9}, std::chrono::hours{17}};
    review::Capacity capacity;
    std::chrono::minutes remind_at{}; ///< local time of the morning's message
    std::vector<std::string> channels;
    std::map<std::string, std::string> addresses; ///< by channel, where not the e-mail address
    std::string manager_key;                      ///< may be empty
    std::string substitute_key;                   ///< may be empty
    std::optional<review::QuietHours> quiet;
    bool is_quiet_on_days_off = false;
    bool wants_invitations = false;
    std::vector<config::Route> routes; ///< their own

    [[nodiscard]] Date today(TimePoint now) const { return zone.civil_day(now); }
    /// Whether they are on leave; weekends and holidays do not count.
    [[nodiscard]] bool is_away(Date day) const;
    /// Whether the morning of a working day has come there, and the day is not over.
    [[nodiscard]] bool is_reminded_at(TimePoint now) const;
    /// The next moment after `now` at which a working day's morning comes, on or after `day`.
    [[nodiscard]] TimePoint next_morning(TimePoint now, Date day) const;
    /// What a plan is made for: capacity and working days, as a short text to compare.
    [[nodiscard]] std::string habits() const;
    /// When they may be written to.
    [[nodiscard]] review::Attention attention() const;
    /// Where the channel reaches them: its own address, else the e-mail address, else the key.
    [[nodiscard]] std::string address_on(std::string_view channel) const;
};

/// Everybody, resolved once after each import and each reload.
class People {
public:
    People(
        store::Connection& connection, const rules::Schema& schema, const config::Settings& settings
    );

    /// Those whom the people table has, by key; who left is nobody here.
    [[nodiscard]] const std::vector<PersonProfile>& all() const { return people_; }
    /// Null when there is nobody of that id.
    [[nodiscard]] const PersonProfile* find(PersonId id) const;
    [[nodiscard]] const PersonProfile* find(std::string_view key) const;
    /// The owner's profile, or one made of the defaults when nobody owns the account.
    [[nodiscard]] const PersonProfile& owner(PersonId id) const;
    /// The managers above, the nearest first. Ends where nobody is named, or somebody who is not
    /// known or came up before.
    [[nodiscard]] std::vector<const PersonProfile*> managers_of(PersonId id) const;
    /// Who takes what is urgent on `day`: the owner; when away, the substitute; when away too, the
    /// nearest manager who is not. Null when there is nobody.
    [[nodiscard]] const PersonProfile* acting_for(PersonId owner, Date day) const;
    /// The nearest manager above who is there on `day`. Null when there is nobody.
    [[nodiscard]] const PersonProfile* manager_there(PersonId owner, Date day) const;
    /// The company's zone.
    [[nodiscard]] const review::Zone& zone() const { return nobody_.zone; }
    /// Whether somebody's zone could not be read: nothing may be planned until it is.
    [[nodiscard]] bool has_unread_zones() const;
    /// Whether the others are the same people with the same days and zones. @pre both were resolved
    /// by the same settings
    [[nodiscard]] bool are_same(const People& others) const;
    /// What to tell of zones that were wanted and do not exist, a text each; by person.
    [[nodiscard]] std::vector<std::string> lost_zones() const;
    /// What to tell of regions of the people table that have no holidays, a text each; by region.
    [[nodiscard]] std::vector<std::string> lost_regions() const;
    /// The same of languages that templates are missing in; by language.
    [[nodiscard]] std::vector<std::string> lost_languages(const message::Templates& templates
    ) const;

private:
    void add(PersonProfile profile);

    std::vector<PersonProfile> people_;
    std::map<PersonId, std::size_t> by_id_;
    std::map<std::string, std::size_t, std::less<>> by_key_;
    PersonProfile nobody_;
};

} // namespace reviewd::service
