#include "daemon/service/zone_changes.hpp"

#include "daemon/service/review_changes.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/transaction.hpp"

#include <algorithm>

namespace reviewd::service {
namespace {

constexpr int page_size = 1000;

/// The zone that somebody's planned messages were timed in, when it is another one now.
const PersonProfile* before_change(const People& before, const PersonProfile& person) {
    const PersonProfile* old = before.find(person.id);
    return old != nullptr && !old->zone.is_same(person.zone) ? old : nullptr;
}

int move_planned(Context& context, const People& before, TimePoint now) {
    store::Outbox outbox{context.database};
    int moved = 0;
    for (const PersonProfile& person : context.people->all()) {
        const PersonProfile* old = before_change(before, person);
        if (old == nullptr) {
            continue;
        }
        store::DeliveryFilter filter;
        filter.person = person.id;
        filter.state = store::DeliveryState::planned;
        filter.limit = page_size;
        for (;;) {
            const std::vector<store::Delivery> page = outbox.list(filter);
            for (const store::Delivery& delivery : page) {
                const TimePoint moment = person.zone.moment(
                    old->zone.civil_day(delivery.not_before),
                    old->zone.local_time(delivery.not_before)
                );
                // What is due already stays due.
                if (delivery.not_before > now && moment != delivery.not_before) {
                    moved += outbox.move_planned(delivery.id, moment, now) ? 1 : 0;
                }
                filter.after = delivery.id;
            }
            if (static_cast<int>(page.size()) < page_size) {
                break;
            }
        }
    }
    return moved;
}

} // namespace

void move_with_zones(Context& context, const People& before, const Actor& actor, TimePoint now) {
    std::vector<std::string> zones;
    for (const PersonProfile& person : context.people->all()) {
        if (before_change(before, person) != nullptr) {
            zones.push_back(person.zone.name());
        }
    }
    if (zones.empty()) {
        return;
    }
    std::sort(zones.begin(), zones.end());
    zones.erase(std::unique(zones.begin(), zones.end()), zones.end());
    std::string names;
    for (const std::string& zone : zones) {
        names += (names.empty() ? "" : ", ") + zone;
    }
    context.are_reviews_changed = true;
    const int moved = move_planned(context, before, now);
    const Details details{{"zones", names}, {"deliveries_moved", std::to_string(moved)}};
    store::Audit{context.database}.record(
        {0, now, actor.who, actor.from, "zones.changed", to_json(details)}
    );
}

Result<void> follow_tz_database(Context& context, const Actor& actor, TimePoint now) {
    const auto& people = context.people->all();
    const bool is_current = context.people->zone().is_current()
                            && std::all_of(people.begin(), people.end(), [](const auto& person) {
                                   return person.zone.is_current();
                               });
    if (is_current) {
        return {};
    }
    context.note(LogEvent::people_zones_read_again, "the tz database has changed");
    return resolve_people(context, actor, now);
}

Result<void> resolve_people(Context& context, const Actor& actor, TimePoint now) {
    const People before = *context.people;
    context.resolve_people();
    const Result<void> moved = store::write(context.database, [&]() -> Result<void> {
        move_with_zones(context, before, actor, now);
        return {};
    });
    if (!moved.has_value()) {
        context.people = before; // so that it is tried again
    }
    return moved;
}

} // namespace reviewd::service
