#pragma once

#include "daemon/review/zone.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/people.hpp"
#include "daemon/store/reviews.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::service {

/// What was agreed with the customer, on somebody's clock. A time is a moment, and where the review
/// goes to another zone it is told on the clock there; without a time it is the review's due day
/// and no moment, so that it stays that day in every zone.
struct Agreement {
    Date day{};
    std::optional<std::chrono::minutes> time = std::nullopt; ///< of the day; absent: none was named
};

/// Nothing: no appointment stands.
[[nodiscard]] std::optional<Agreement> agreement_of(
    const store::Review& review, const review::Zone& zone
);
/// "2026-11-24 10:30", or the day alone.
[[nodiscard]] std::string text_of(const Agreement& agreement);

/// A time that was agreed on is on another day on the clock of another zone: that one is due.
void settle_day(store::Review& review, const review::Zone& zone);
/// Another person has the review from now on. Who said that it was not theirs silenced it for
/// themselves; what else silences it goes on doing so.
void give_to(Context& context, store::Review& review, const PersonProfile& owner);

/// Whether it is the first moment of a day there, as which a day without a time was once noted.
[[nodiscard]] bool is_midnight(TimePoint moment, const review::Zone& zone);

/// What the history says of a review that came back with its account.
inline constexpr std::string_view because_active_again = "active again";

/// The open state that a review had before it was closed, by its history.
/// @param events of the review, oldest first
[[nodiscard]] store::ReviewState state_before_end(const std::vector<store::ReviewEvent>& events);

/// Appointments without a time were once noted as midnight where the owner was: gives them the form
/// above, once. Inside a transaction, before anybody's zone changes.
void forget_midnights(Context& context);

} // namespace reviewd::service
