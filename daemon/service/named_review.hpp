#pragma once

#include "daemon/service/context.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"

#include <string>

namespace reviewd::service {

/// The review that a person means by its number or an account with an open review. Where a number
/// is a review's and the key of another account, `review:3` or `account:3` says which. `review:`
/// and a review's number are always that review; any other text is first of all the key of an
/// account.
/// @errors `not_found`; `conflict` where several are meant; `usage` where nothing is named
[[nodiscard]] Result<ReviewId> find_named_review(const Context& context, const std::string& text);

} // namespace reviewd::service
