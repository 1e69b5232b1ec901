#include "daemon/service/leave_desk.hpp"

#include "daemon/service/agreement.hpp"
#include "daemon/service/occasion_follower.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/standing_in.hpp"
#include "daemon/service/zone_changes.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

constexpr std::chrono::days longest_leave{731};
constexpr int reviews_looked_at = 5000;

Details details_of(const store::Leave& leave) {
    return {
        {"leave", std::to_string(leave.id)},
        {"person", leave.person},
        {"from", to_string(leave.first)},
        {"until", to_string(leave.last)},
        {"because", leave.because}};
}

void audit(
    Context& context,
    const store::Leave& leave,
    const Actor& actor,
    std::string_view what,
    TimePoint now
) {
    store::Audit{context.database}.record(
        {0, now, actor.who, actor.from, std::string{what}, to_json(details_of(leave))}
    );
}

Result<void> check(const LeaveDesk::Wanted& wanted, Date today) {
    if (wanted.last < wanted.first) {
        return fail(
            ErrorCode::usage,
            fmt::format(
                "the leave ends on {}, before it begins on {}",
                to_string(wanted.last),
                to_string(wanted.first)
            )
        );
    }
    if (wanted.last < today) {
        return fail(ErrorCode::usage, fmt::format("{} is over already", to_string(wanted.last)));
    }
    if (wanted.last - wanted.first > longest_leave) {
        return fail(
            ErrorCode::usage,
            "a leave is at most two years; give the accounts to another owner instead"
        );
    }
    return {};
}

/// The same days twice are a command that was typed again, not a second leave.
/// @param known of the person, in force
Result<void> check_new(
    const store::Person& person,
    const std::vector<store::Leave>& known,
    const LeaveDesk::Wanted& wanted
) {
    const auto same = std::find_if(known.begin(), known.end(), [&](const store::Leave& leave) {
        return leave.first == wanted.first && leave.last == wanted.last;
    });
    if (same == known.end()) {
        return {};
    }
    return fail(
        ErrorCode::conflict,
        fmt::format(
            "{} is away on these days already, by leave {}; `reviewctl leave remove {}` takes it "
            "back",
            escape_controls(person.name.empty() ? person.key : person.name),
            same->id,
            same->id
        )
    );
}

bool lies_in(const store::Leave& leave, Date day) {
    return leave.first <= day && day <= leave.last;
}

/// Whether something urgent that happened wants its contact by a day of the leave.
bool wants_contact(
    const Context& context,
    const store::Review& review,
    const PersonProfile& owner,
    const store::Leave& leave
) {
    if (review.reasons.empty() || review.reasons == "[]") {
        return false;
    }
    const auto live = store::Occasions{context.database}.live(review.account);
    return std::any_of(live.begin(), live.end(), [&](const store::Occasion& occasion) {
        const rules::Trigger* const trigger = find_trigger(context.rules(), occasion.trigger);
        return trigger != nullptr && !trigger->when_away.empty()
               && occasion.state == store::OccasionState::open
               && lies_in(leave, own_contact(owner, *trigger, occasion).latest);
    });
}

/// What the files of `leave:` say of one person alone.
std::vector<config::DaySpan> own_filed(const config::Settings& settings, const std::string& key) {
    const auto own = settings.people.find(key);
    return own == settings.people.end() ? std::vector<config::DaySpan>{} : own->second.leave;
}

/// What they say of a person, and of everybody, by day.
std::vector<config::DaySpan> filed_leave(const config::Settings& settings, const std::string& key) {
    std::vector<config::DaySpan> leave = own_filed(settings, key);
    const std::vector<config::DaySpan>& common = settings.person_defaults.leave;
    leave.insert(leave.end(), common.begin(), common.end());
    std::sort(leave.begin(), leave.end());
    leave.erase(std::unique(leave.begin(), leave.end()), leave.end());
    return leave;
}

/// Adds those that are not over by `today`; of those that begin too late only how many they are.
void add_filed(
    LeaveDesk::FiledYear& year,
    const std::vector<config::DaySpan>& spans,
    const LeaveDesk::Filed& whose,
    Date today
) {
    for (const config::DaySpan& span : spans) {
        if (span.first > year.until) {
            ++year.later;
        } else if (span.last >= today) {
            year.leave.push_back({whose.person, whose.name, span.first, span.last});
        }
    }
}

std::vector<LeaveDesk::Overlap> overlaps_of(const Context& context, const store::Leave& leave) {
    std::vector<LeaveDesk::Overlap> overlaps;
    const auto is_common = [&](Date first, Date last) {
        return first <= leave.last && leave.first <= last;
    };
    for (const store::Leave& other : store::Leaves{context.database}.in_force(leave.person)) {
        if (other.id != leave.id && is_common(other.first, other.last)) {
            overlaps.push_back({other.id, other.first, other.last});
        }
    }
    for (const config::DaySpan& span : filed_leave(context.settings(), leave.person)) {
        if (is_common(span.first, span.last)) {
            overlaps.push_back({std::nullopt, span.first, span.last});
        }
    }
    return overlaps;
}

/// Whether something urgent would find nobody who takes the person's place on that day of a leave.
bool is_alone(const Context& context, const PersonProfile& person, Date day) {
    const std::vector<rules::Trigger>& triggers = context.rules().triggers;
    return std::any_of(triggers.begin(), triggers.end(), [&](const rules::Trigger& trigger) {
        return !trigger.when_away.empty()
               && stand_in(*context.people, person, &trigger, day) == nullptr;
    });
}

std::optional<Date> alone_on(
    const Context& context, const PersonProfile& person, Date first, Date last
) {
    for (Date day = person.usual_days.next_working(first); day <= last;
         day = person.usual_days.add_working_days(day, 1)) {
        if (is_alone(context, person, day)) {
            return day;
        }
    }
    return std::nullopt;
}

} // namespace

Result<store::Leave> LeaveDesk::add(const Wanted& wanted, const Actor& actor, TimePoint now) {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    const Result<store::Person> person = portfolio.match_person(wanted.person);
    if (!person.has_value()) {
        return person.error();
    }
    const Date today = context_.people->owner(person->id).today(now);
    const Result<void> checked = check(wanted, today);
    if (!checked.has_value()) {
        return checked.error();
    }
    const Result<void> is_new =
        check_new(*person, store::Leaves{context_.database}.in_force(person->key), wanted);
    if (!is_new.has_value()) {
        return is_new.error();
    }
    store::Leave leave{
        0, person->key, wanted.first, wanted.last, wanted.because, actor.who, actor.from, now};
    // The people are resolved anew then: what follows for their zones is not to be lost.
    const Result<void> followed = follow_tz_database(context_, actor, now);
    if (!followed.has_value()) {
        return followed.error();
    }
    const Result<void> written = store::write(context_.database, [&]() -> Result<void> {
        leave.id = store::Leaves{context_.database}.add(leave);
        audit(context_, leave, actor, "leave.added", now);
        return {};
    });
    if (!written.has_value()) {
        return written.error();
    }
    take_effect();
    return leave;
}

LeaveDesk::Inside LeaveDesk::inside(const store::Leave& leave, TimePoint now) const {
    Inside found;
    const PersonProfile* const person = context_.people->find(leave.person);
    if (person == nullptr) {
        return found;
    }
    const Date first = std::max(leave.first, person->today(now));
    found.other = context_.people->acting_for(person->id, first);
    found.alone_on = alone_on(context_, *person, first, leave.last);
    found.overlaps = overlaps_of(context_, leave);
    store::ReviewFilter filter;
    filter.owner = person->id;
    filter.limit = reviews_looked_at;
    for (const store::Review& review : store::Reviews{context_.database}.list(filter)) {
        if (const auto agreed = agreement_of(review, person->zone)) {
            if (lies_in(leave, agreed->day)) {
                found.appointments.push_back(review.id);
            }
        } else if (wants_contact(context_, review, *person, leave)) {
            found.contacts.push_back(review.id);
        }
    }
    return found;
}

Result<store::Leave> LeaveDesk::remove(std::int64_t id, const Actor& actor, TimePoint now) {
    const std::optional<store::Leave> leave = store::Leaves{context_.database}.find(id);
    if (!leave) {
        return fail(
            ErrorCode::not_found,
            fmt::format("no leave {} is in force; `reviewctl leave list` shows them", id)
        );
    }
    // The people are resolved anew then: what follows for their zones is not to be lost.
    const Result<void> followed = follow_tz_database(context_, actor, now);
    if (!followed.has_value()) {
        return followed.error();
    }
    const Result<void> written = store::write(context_.database, [&]() -> Result<void> {
        store::Leaves{context_.database}.remove(id, now);
        audit(context_, *leave, actor, "leave.removed", now);
        return {};
    });
    if (!written.has_value()) {
        return written.error();
    }
    take_effect();
    return *leave;
}

/// Empty: everybody.
Result<std::string> LeaveDesk::key_of(const std::string& person) const {
    if (person.empty()) {
        return std::string{};
    }
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    const Result<store::Person> found = portfolio.match_person(person);
    return found.has_value() ? Result<std::string>{found->key} : found.error();
}

Result<std::vector<store::Leave>> LeaveDesk::list(const std::string& person) const {
    const Result<std::string> key = key_of(person);
    if (!key.has_value()) {
        return key.error();
    }
    return store::Leaves{context_.database}.in_force(*key);
}

Result<LeaveDesk::FiledYear> LeaveDesk::list_filed(const std::string& person, TimePoint now) const {
    const Result<std::string> key = key_of(person);
    if (!key.has_value()) {
        return key.error();
    }
    const config::Settings& settings = context_.settings();
    const Date today = context_.company_day(now);
    FiledYear year;
    year.until = add_months(today, 12);
    if (key->empty()) {
        add_filed(year, settings.person_defaults.leave, Filed{}, today);
    }
    for (const PersonProfile& one : context_.people->all()) {
        const Filed theirs{one.key, one.name};
        if (key->empty()) {
            add_filed(year, own_filed(settings, one.key), theirs, one.today(now));
        } else if (one.key == *key) {
            add_filed(year, filed_leave(settings, one.key), theirs, one.today(now));
        }
    }
    return year;
}

void LeaveDesk::take_effect() {
    context_.resolve_people();
    context_.are_reviews_changed = true;
    scheduler_.request();
}

} // namespace reviewd::service
