#include "daemon/service/usefulness.hpp"

#include "daemon/store/outbox.hpp"

#include <algorithm>

namespace reviewd::service {
namespace {

/// A reminder of last week is not sent today: what it was about is said anew by then.
constexpr std::chrono::hours useful_for{120};
constexpr int untried_at_once = 1000;

} // namespace

TimePoint given_up_at(
    const Context& context, const PersonProfile& person, TimePoint when, TimePoint now
) {
    const TimePoint tried = review::next_opening(person.attention(), std::max(when, now));
    return tried + context.settings().retry.give_up_after;
}

int spare_untried(Context& context, TimePoint now) {
    store::Outbox outbox{context.database};
    const TimePoint until = now + context.settings().retry.give_up_after;
    int spared = 0;
    std::optional<store::Delivery> after;
    for (;;) {
        const std::vector<store::Delivery> page = outbox.untried(until, after, untried_at_once);
        for (const store::Delivery& delivery : page) {
            const PersonProfile& person = context.people->owner(delivery.person);
            const TimePoint end = given_up_at(context, person, delivery.not_before, now);
            const TimePoint tried = end - context.settings().retry.give_up_after;
            if (*delivery.expires_at <= tried && now < delivery.not_before + useful_for) {
                outbox.prolong(delivery.id, end, now);
                ++spared;
            }
        }
        if (static_cast<int>(page.size()) < untried_at_once) {
            return spared;
        }
        after = page.back();
    }
}

} // namespace reviewd::service
