#include "daemon/service/resume.hpp"

#include "daemon/store/audit.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/restore.hpp"
#include "daemon/store/transaction.hpp"

#include <fmt/format.h>

namespace reviewd::service {

namespace {

constexpr int deliveries_at_once = 500;

/// Whether it would have gone out by now. A later try of what was under way when the backup was
/// made is no new message, and what waits for a person goes nowhere without one.
bool was_due(const store::Delivery& delivery, TimePoint now) {
    const bool is_for_a_person =
        delivery.state == store::DeliveryState::held && !delivery.held_until;
    return delivery.not_before <= now && !is_for_a_person;
}

Result<int> cancel_due(store::Outbox& outbox, store::DeliveryState state, TimePoint now) {
    int cancelled = 0;
    store::DeliveryFilter filter;
    filter.state = state;
    filter.limit = deliveries_at_once;
    std::vector<store::Delivery> page = outbox.list(filter);
    while (!page.empty()) {
        for (const store::Delivery& delivery : page) {
            filter.after = delivery.id;
            if (!was_due(delivery, now)) {
                continue;
            }
            const Result<void> done = outbox.cancel(delivery.id, "dropped after a restore", now);
            if (!done) {
                return done.error();
            }
            ++cancelled;
        }
        page = outbox.list(filter);
    }
    return cancelled;
}

} // namespace

Result<int> resume_after_restore(
    Context& context, Backlog backlog, const Actor& actor, TimePoint now
) {
    if (!context.restored) {
        return fail(ErrorCode::not_found, "nothing is held: deliveries go out");
    }
    const auto work = [&]() -> Result<int> {
        store::Outbox outbox{context.database};
        int cancelled = 0;
        if (backlog == Backlog::drop) {
            for (const store::DeliveryState state :
                 {store::DeliveryState::planned,
                  store::DeliveryState::ready,
                  store::DeliveryState::wait,
                  store::DeliveryState::held}) {
                const Result<int> some = cancel_due(outbox, state, now);
                if (!some) {
                    return some;
                }
                cancelled += *some;
            }
        }
        store::Markers{context.database}.erase(store::restored_marker);
        store::Audit{context.database}.record(
            {0,
             now,
             actor.who,
             actor.from,
             "resume",
             fmt::format(R"({{"cancelled":{}}})", cancelled)}
        );
        return cancelled;
    };
    Result<int> resumed = store::write(context.database, work);
    if (resumed) {
        context.restored.reset();
    }
    return resumed;
}

} // namespace reviewd::service
