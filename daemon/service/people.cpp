#include "daemon/service/people.hpp"

#include "daemon/service/people_links.hpp"
#include "daemon/store/leaves.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reviewd::service {
namespace {

/// The first of two that is set.
template <class T>
T either(const std::optional<T>& own, const std::optional<T>& common, T last) {
    return own ? *own : common.value_or(std::move(last));
}

/// Why a zone is not the one that was wanted.
struct ZoneTrouble {
    std::string lost;       ///< its name, where there is no such zone
    bool is_unread = false; ///< it cannot be read now, and may be later
};

review::Zone zone_of(const std::string& wanted, const review::Zone& company, ZoneTrouble& trouble) {
    if (wanted.empty()) {
        return company;
    }
    const Result<review::Zone> loaded = review::Zone::load(wanted);
    if (!loaded.has_value()) {
        trouble.is_unread = loaded.error().code == ErrorCode::try_later;
        trouble.lost = trouble.is_unread ? std::string{} : wanted;
        return company;
    }
    return *loaded;
}

std::vector<review::DaysOff> leave_of(
    const config::PersonSettings& own, const config::PersonSettings& common
) {
    std::vector<review::DaysOff> leave;
    for (const std::vector<config::DaySpan>* spans : {&common.leave, &own.leave}) {
        for (const config::DaySpan& span : *spans) {
            leave.push_back({span.first, span.last});
        }
    }
    return leave;
}

review::Calendar calendar_of(
    const config::PersonSettings& own,
    const config::PersonSettings& common,
    std::vector<review::DaysOff> days_off,
    const std::vector<config::DaySpan>& holidays
) {
    for (const config::DaySpan& span : holidays) {
        days_off.push_back({span.first, span.last});
    }
    for (const std::vector<Date>* days : {&common.holidays, &own.holidays}) {
        for (const Date day : *days) {
            days_off.push_back({day, day});
        }
    }
    return review::Calendar{
        own.working_days.empty() ? common.working_days : own.working_days, std::move(days_off)};
}

/// Where a person's holidays come from.
struct Region {
    std::string name; ///< empty: they have none
    std::string lost; ///< what the people table says, where `holidays:` does not know it
};

/// The table's region is a matter of the CRM, so one without holidays gives way to the defaults'.
Region region_of(
    const config::PersonSettings& own, const std::string& imported, const config::Settings& settings
) {
    if (own.region) {
        return {*own.region, {}};
    }
    const std::string common = settings.person_defaults.region.value_or("");
    if (imported.empty() || settings.holidays.empty()) {
        return {common, {}};
    }
    return settings.holidays.count(imported) == 0 ? Region{common, imported} : Region{imported, {}};
}

/// The holidays of a region; none for one that `holidays:` does not know.
const std::vector<config::DaySpan>& holidays_of(
    const std::string& region, const config::Settings& settings
) {
    static const std::vector<config::DaySpan> none;
    const auto found = settings.holidays.find(region);
    return found == settings.holidays.end() ? none : found->second;
}

/// What configuration says of a person, over what was imported, over the defaults.
PersonProfile completed(
    const store::Person& person,
    const config::PersonSettings& own,
    const config::Settings& settings,
    const review::Zone& company,
    const std::vector<review::DaysOff>& given_leave
) {
    const config::PersonSettings& common = settings.person_defaults;
    const auto imported = [](const std::string& text) {
        return text.empty() ? std::optional<std::string>{} : std::optional{text};
    };
    const auto text = [&](const std::optional<std::string>& configured,
                          const std::string& value,
                          const std::optional<std::string>& standard) {
        return configured ? *configured : either(imported(value), standard, std::string{});
    };
    PersonProfile profile;
    profile.id = person.id;
    profile.key = person.key;
    profile.name = person.name.empty() ? person.key : person.name;
    profile.email = text(own.email, person.email, std::nullopt);
    profile.language = text(own.language, person.language, common.language);
    if (profile.language.empty()) {
        profile.language = settings.company.language;
    }
    ZoneTrouble trouble;
    profile.zone = zone_of(text(own.zone, person.zone, common.zone), company, trouble);
    profile.lost_zone = std::move(trouble.lost);
    profile.is_zone_unread = trouble.is_unread;
    profile.leave = leave_of(own, common);
    profile.leave.insert(profile.leave.end(), given_leave.begin(), given_leave.end());
    Region region = region_of(own, person.region, settings);
    const std::vector<config::DaySpan>& holidays = holidays_of(region.name, settings);
    profile.region = std::move(region.name);
    profile.lost_region = std::move(region.lost);
    profile.calendar = calendar_of(own, common, profile.leave, holidays);
    profile.usual_days = calendar_of(own, common, {}, holidays);
    profile.hours = own.hours.value_or(common.hours.value_or(profile.hours));
    profile.capacity.per_day = either(own.capacity_per_day, common.capacity_per_day, 4);
    profile.capacity.per_week = either(own.capacity_per_week, common.capacity_per_week, 12);
    profile.remind_at =
        either(own.remind_at, common.remind_at, std::chrono::minutes{std::chrono::hours{7}});
    profile.channels = own.channels.empty() ? common.channels : own.channels;
    profile.addresses = own.addresses;
    profile.manager_key =
        text(own.manager, person.manager_key, common_link(person.key, common.manager));
    profile.substitute_key =
        own.substitute ? *own.substitute : common_link(person.key, common.substitute);
    const auto quiet = own.quiet_hours ? own.quiet_hours : common.quiet_hours;
    if (quiet && quiet->first != quiet->second) {
        profile.quiet = review::QuietHours{quiet->first, quiet->second};
    }
    profile.is_quiet_on_days_off =
        either(own.is_quiet_on_days_off, common.is_quiet_on_days_off, false);
    profile.wants_invitations = either(own.wants_invitations, common.wants_invitations, false);
    profile.routes = own.routes.empty() ? common.routes : own.routes;
    return profile;
}

} // namespace

bool PersonProfile::is_away(Date day) const {
    return std::any_of(leave.begin(), leave.end(), [&](const review::DaysOff& off) {
        return off.first <= day && day <= off.last;
    });
}

bool PersonProfile::is_reminded_at(TimePoint now) const {
    return calendar.is_working(today(now)) && now >= zone.moment(today(now), remind_at);
}

TimePoint PersonProfile::next_morning(TimePoint now, Date day) const {
    Date morning = calendar.next_working(std::max(day, today(now)));
    if (zone.moment(morning, remind_at) <= now) {
        morning = calendar.next_working(morning + std::chrono::days{1});
    }
    return zone.moment(morning, remind_at);
}

std::string PersonProfile::habits() const {
    return fmt::format(
        "{}/{} {:016x}", capacity.per_day, capacity.per_week, calendar.fingerprint()
    );
}

review::Attention PersonProfile::attention() const {
    using DaysOff = review::Attention::DaysOff;
    return {
        zone, calendar, remind_at, quiet, is_quiet_on_days_off ? DaysOff::quiet : DaysOff::open};
}

std::string PersonProfile::address_on(std::string_view channel) const {
    const auto own = addresses.find(std::string{channel});
    if (own != addresses.end()) {
        return own->second;
    }
    return email.empty() ? key : email;
}

People::People(
    store::Connection& connection, const rules::Schema& schema, const config::Settings& settings
) {
    ZoneTrouble trouble;
    const review::Zone company = zone_of(settings.company.zone, review::Zone{}, trouble);
    store::Person nobody;
    nobody.name = "nobody";
    nobody_ = completed(nobody, {}, settings, company, {});
    nobody_.zone = company;
    nobody_.lost_zone = std::move(trouble.lost);
    nobody_.is_zone_unread = trouble.is_unread;
    nobody_.channels.clear();
    nobody_.called = nobody_.name;
    std::map<std::string, std::vector<review::DaysOff>> leave;
    for (const store::Leave& one : store::Leaves{connection}.in_force()) {
        leave[one.person].push_back({one.first, one.last});
    }
    store::Portfolio portfolio{connection, schema};
    for (const store::Person& person : portfolio.people()) {
        const auto own = settings.people.find(person.key);
        add(completed(
            person,
            own == settings.people.end() ? config::PersonSettings{} : own->second,
            settings,
            company,
            leave[person.key]
        ));
    }
    std::sort(people_.begin(), people_.end(), [](const auto& a, const auto& b) {
        return a.key < b.key;
    });
    std::map<std::string, int> of_name;
    for (const PersonProfile& person : people_) {
        ++of_name[person.name];
    }
    for (PersonProfile& person : people_) {
        const bool is_shared = of_name.at(person.name) > 1;
        person.called = is_shared ? fmt::format("{} ({})", person.name, person.key) : person.name;
    }
    for (std::size_t i = 0; i < people_.size(); ++i) {
        by_id_[people_[i].id] = i;
        by_key_[people_[i].key] = i;
    }
}

void People::add(PersonProfile profile) {
    people_.push_back(std::move(profile));
}

const PersonProfile* People::find(PersonId id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &people_[found->second];
}

const PersonProfile* People::find(std::string_view key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &people_[found->second];
}

const PersonProfile& People::owner(PersonId id) const {
    const PersonProfile* found = find(id);
    return found == nullptr ? nobody_ : *found;
}

namespace {

/// Where settings stay, a profile follows from what was imported, leave and the tz database.
bool is_same(const PersonProfile& a, const PersonProfile& b) {
    return a.id == b.id && a.key == b.key && a.name == b.name && a.email == b.email
           && a.language == b.language && a.zone.is_same(b.zone) && a.lost_zone == b.lost_zone
           && a.is_zone_unread == b.is_zone_unread && a.leave == b.leave
           && a.calendar.fingerprint() == b.calendar.fingerprint()
           && a.manager_key == b.manager_key;
}

bool is_there(const PersonProfile* person, Date day) {
    return person != nullptr && !person->is_away(day);
}

} // namespace

const PersonProfile* People::acting_for(PersonId owner, Date day) const {
    const PersonProfile* person = find(owner);
    if (person == nullptr || is_there(person, day)) {
        return person;
    }
    const PersonProfile* substitute = find(person->substitute_key);
    return is_there(substitute, day) ? substitute : manager_there(owner, day);
}

const PersonProfile* People::manager_there(PersonId owner, Date day) const {
    const std::vector<const PersonProfile*> managers = managers_of(owner);
    const auto found = std::find_if(managers.begin(), managers.end(), [&](const auto* manager) {
        return is_there(manager, day);
    });
    return found == managers.end() ? nullptr : *found;
}

bool People::has_unread_zones() const {
    return nobody_.is_zone_unread
           || std::any_of(people_.begin(), people_.end(), [](const PersonProfile& person) {
                  return person.is_zone_unread;
              });
}

bool People::are_same(const People& others) const {
    return is_same(nobody_, others.nobody_)
           && std::equal(
               people_.begin(),
               people_.end(),
               others.people_.begin(),
               others.people_.end(),
               &is_same
           );
}

std::vector<std::string> People::lost_zones() const {
    std::vector<std::string> lost;
    if (!nobody_.lost_zone.empty()) {
        lost.push_back(fmt::format(
            "the company's zone `{}` is not in this system's tz database: UTC is used",
            escape_controls(nobody_.lost_zone)
        ));
    }
    for (const PersonProfile& person : people_) {
        if (!person.lost_zone.empty()) {
            lost.push_back(fmt::format(
                "the zone `{}` of `{}` is not in this system's tz database: the company's, `{}`, "
                "is used",
                escape_controls(person.lost_zone),
                escape_controls(person.key),
                person.zone.name()
            ));
        }
    }
    return lost;
}

std::vector<std::string> People::lost_regions() const {
    std::map<std::string, std::vector<const PersonProfile*>> by_region;
    for (const PersonProfile& person : people_) {
        if (!person.lost_region.empty()) {
            by_region[person.lost_region].push_back(&person);
        }
    }
    std::vector<std::string> lost;
    for (const auto& [region, people] : by_region) {
        const std::string others =
            people.size() == 1 ? "" : fmt::format(" and {} more", people.size() - 1);
        const std::string& used = people.front()->region;
        lost.push_back(fmt::format(
            "`holidays:` has no region `{}`, which the people table gives `{}`{}: {}",
            escape_controls(region),
            escape_controls(people.front()->key),
            others,
            used.empty() ? "they have no holidays"
                         : fmt::format("the holidays of `{}` are theirs", escape_controls(used))
        ));
    }
    return lost;
}

std::vector<std::string> People::lost_languages(const message::Templates& templates) const {
    std::map<std::string, std::vector<const PersonProfile*>> by_language;
    for (const PersonProfile& person : people_) {
        by_language[person.language].push_back(&person);
    }
    std::vector<std::string> lost;
    for (const auto& [language, people] : by_language) {
        const std::string trouble = message::trouble_with_language(language, templates);
        if (!trouble.empty()) {
            lost.push_back(fmt::format(
                "`{}`{} reads `{}`: {}",
                escape_controls(people.front()->key),
                people.size() == 1 ? "" : fmt::format(" (and {} more)", people.size() - 1),
                escape_controls(language),
                trouble
            ));
        }
    }
    return lost;
}

std::vector<const PersonProfile*> People::managers_of(PersonId id) const {
    std::vector<const PersonProfile*> managers;
    std::set<PersonId> seen{id};
    const PersonProfile* person = find(id);
    while (person != nullptr && !person->manager_key.empty()) {
        person = find(person->manager_key);
        if (person == nullptr || !seen.insert(person->id).second) {
            break;
        }
        managers.push_back(person);
    }
    return managers;
}

} // namespace reviewd::service
