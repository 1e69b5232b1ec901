#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/review_changes.hpp"
#include "scoring/base/result.hpp"

#include <span>
#include <vector>

namespace reviewd::service {

/// Details of the event that ends the review of an account that is not active any more.
[[nodiscard]] Details because_inactive();

/// What was agreed with a customer outlives their account's absence: where the last review of an
/// account was ended only by that, and its appointment is not over, it is open again, with the
/// owner whom the account has now. Inside a transaction.
/// @param missing accounts of the owner without an open review
/// @returns those of them whose review is open again
[[nodiscard]] Result<std::vector<AccountId>> take_up_appointments(
    Context& context, std::span<const AccountId> missing, const PersonProfile& owner, TimePoint now
);

} // namespace reviewd::service
