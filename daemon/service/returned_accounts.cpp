#include "daemon/service/returned_accounts.hpp"

#include "daemon/service/agreement.hpp"
#include "daemon/service/crm_events.hpp"
#include "daemon/service/invitations.hpp"
#include "daemon/store/reviews.hpp"

#include <optional>
#include <utility>

namespace reviewd::service {
namespace {

constexpr std::string_view cancelled_event = "cancelled";

bool is_appointment_ended_by_absence(Context& context, const store::Review& review) {
    const auto events = store::Reviews{context.database}.events(review.id);
    return !events.empty() && events.back().what == cancelled_event
           && events.back().details == to_json(because_inactive())
           && state_before_end(events) == store::ReviewState::appointment;
}

/// The review of an account whose appointment was called off by its absence, if that came last.
std::optional<store::Review> ended_by_absence(Context& context, AccountId account) {
    store::ReviewFilter filter;
    filter.account = account;
    filter.which = store::ReviewFilter::Which::closed;
    std::optional<store::Review> last;
    for (store::Review& review : store::Reviews{context.database}.list(filter)) {
        if (!last
            || std::pair{last->closed_at, last->id} < std::pair{review.closed_at, review.id}) {
            last = std::move(review);
        }
    }
    if (!last || last->state != store::ReviewState::cancelled
        || !is_appointment_ended_by_absence(context, *last)) {
        return std::nullopt;
    }
    last->state = store::ReviewState::appointment;
    return last;
}

Result<void> open_again(Context& context, store::Review review, TimePoint now) {
    review.closed_at.reset();
    ++review.occurrence; // its steps begin anew
    set_next_step(context, review, now);
    const Result<void> opened = store::Reviews{context.database}.reopen(review);
    if (!opened.has_value()) {
        return opened;
    }
    const Details details{
        {"because", std::string{because_active_again}},
        {"state", std::string{store::name(review.state)}}};
    record_event(context, review.id, {}, "reopened", details, now);
    tell_planned(context, review, now);
    follow_appointment(context, review, now);
    return {};
}

} // namespace

Details because_inactive() {
    return {{"because", "inactive"}};
}

Result<std::vector<AccountId>> take_up_appointments(
    Context& context, std::span<const AccountId> missing, const PersonProfile& owner, TimePoint now
) {
    std::vector<AccountId> taken_up;
    for (const AccountId account : missing) {
        std::optional<store::Review> review = ended_by_absence(context, account);
        if (!review || agreement_of(*review, owner.zone)->day < owner.today(now)) {
            continue;
        }
        give_to(context, *review, owner);
        const Result<void> done = open_again(context, *std::move(review), now);
        if (!done.has_value()) {
            return done.error();
        }
        taken_up.push_back(account);
    }
    return taken_up;
}

} // namespace reviewd::service
