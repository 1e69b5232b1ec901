#include "daemon/service/zone_changes.hpp"

#include "daemon/service/agreement.hpp"
#include "daemon/service/crm_events.hpp"
#include "daemon/service/kept_zones.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/transaction.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace reviewd::service {
namespace {

/// What people's planned messages were timed in, where that is another zone now.
using OldZones = std::map<PersonId, review::Zone>;

/// Notes in `kept` what everybody is in now.
/// @returns what they were in before
OldZones exchange(KeptZones& kept, const People& people) {
    OldZones old;
    KeptZones now;
    for (const PersonProfile& person : people.all()) {
        const review::Zone* before = kept.find(person.id);
        if (person.is_zone_unread) {
            // The company's only stands in: nothing moves because a file could not be opened.
            if (before != nullptr) {
                now.set(person.id, *before);
            }
            continue;
        }
        if (before != nullptr && !before->is_same(person.zone)) {
            old.emplace(person.id, *before);
        }
        now.set(person.id, person.zone);
    }
    kept = std::move(now);
    return old;
}

/// The same civil day and local time, in another zone; nothing when that is the same moment.
std::optional<TimePoint> moved(TimePoint moment, const review::Zone& old, const review::Zone& now) {
    const Date day = old.civil_day(moment);
    const std::chrono::minutes local = old.local_time(moment);
    const TimePoint next = now.moment(day, local);
    return next == old.moment(day, local) ? std::nullopt : std::optional{next};
}

int move_planned(Context& context, const OldZones& zones, TimePoint now) {
    store::Outbox outbox{context.database};
    int count = 0;
    // What is due already stays due.
    for (const store::Outbox::PlannedMoment& planned : outbox.planned_after(now)) {
        const auto old = zones.find(planned.person);
        if (old == zones.end()) {
            continue;
        }
        const review::Zone& zone = context.people->owner(planned.person).zone;
        if (const auto moment = moved(planned.not_before, old->second, zone)) {
            count += outbox.move_planned(planned.id, *moment, now) ? 1 : 0;
        }
    }
    return count;
}

/// A time that was agreed on stays the moment that it is: where that is another day on the owner's
/// clock now, this one is due.
void settle_appointments(Context& context, const OldZones& zones, TimePoint now) {
    store::Reviews reviews{context.database};
    for (const auto& [person, old] : zones) {
        const review::Zone& zone = context.people->owner(person).zone;
        for (store::Review& review : reviews.appointed(person)) {
            const Date before = review.due;
            settle_day(review, zone);
            if (review.due != before) {
                const Details details{
                    {"from", to_string(before)},
                    {"to", to_string(review.due)},
                    {"because", "zone"}};
                ++review.occurrence; // its steps begin anew
                store::Outbox{context.database}.cancel_review(
                    review.id, store::Outbox::Ending::superseded, "another day", now
                );
                set_next_step(context, review, now);
                record_event(context, review.id, {}, "moved", details, now);
                tell_planned(context, review, now);
                // It was read in this transaction: nobody changed it meanwhile.
                static_cast<void>(reviews.update(review).value());
            }
        }
    }
}

/// Each once, by name.
std::string names_of(const OldZones& zones, const People& people) {
    std::set<std::string> names;
    for (const auto& [person, old] : zones) {
        names.insert(people.owner(person).zone.name());
    }
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

/// What everybody is in now; without those whose zone cannot be read.
KeptZones zones_of(const People& people) {
    KeptZones zones;
    for (const PersonProfile& person : people.all()) {
        if (!person.is_zone_unread) {
            zones.set(person.id, person.zone);
        }
    }
    return zones;
}

} // namespace

void move_with_zones(Context& context, const Actor& actor, TimePoint now) {
    if (zones_of(*context.people).is_kept(context.database)) {
        return; // as after nearly all imports
    }
    KeptZones kept = KeptZones::read(context.database);
    const OldZones old = exchange(kept, *context.people);
    kept.write(context.database);
    if (old.empty()) {
        return;
    }
    context.are_reviews_changed = true;
    const int count = move_planned(context, old, now);
    settle_appointments(context, old, now);
    const Details details{
        {"zones", names_of(old, *context.people)}, {"deliveries_moved", std::to_string(count)}};
    store::Audit{context.database}.record(
        {0, now, actor.who, actor.from, "zones.changed", to_json(details)}
    );
}

Result<void> follow_tz_database(Context& context, const Actor& actor, TimePoint now) {
    std::set<std::pair<std::string, std::string>> known; // many people are in the same zone
    const auto is_current = [&known](const review::Zone& zone) {
        return !known.emplace(zone.name(), zone.edition()).second || zone.is_current();
    };
    const auto& people = context.people->all();
    const bool are_all_current =
        is_current(context.people->zone())
        && std::all_of(people.begin(), people.end(), [&](const PersonProfile& person) {
               return is_current(person.zone);
           });
    if (are_all_current) {
        return {};
    }
    context.note(LogEvent::people_zones_read_again, "the tz database has changed");
    return resolve_people(context, actor, now);
}

Result<void> resolve_people(Context& context, const Actor& actor, TimePoint now) {
    const People before = *context.people;
    context.resolve_people();
    const Result<void> moved = store::write(context.database, [&]() -> Result<void> {
        move_with_zones(context, actor, now);
        return {};
    });
    if (!moved.has_value()) {
        context.people = before; // so that it is tried again
    }
    return moved;
}

} // namespace reviewd::service
