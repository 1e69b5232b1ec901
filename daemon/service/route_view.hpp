#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/routing.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// One reminder that will go out if nothing else happens.
struct PlannedSend {
    TimePoint at{};
    std::string step;
    int repeat = 0;
    const PersonProfile* person = nullptr; ///< null: nobody would get it
    Routing routing;
};

/// `notifier route`: what happens next to an account's open review.
struct RouteView {
    store::Account account;
    store::Review review;
    std::string owner; ///< name; empty: nobody
    std::vector<PlannedSend> next;
};

/// Plays the steps of the account's open review forward from `now`, as if nobody did anything.
/// @param account its key, its name or a part of it
/// @param limit how many sends at most; steps that routes leave out do not count, and are shown
/// @errors `not_found` for the account or when it has no open review; `conflict` with candidates
[[nodiscard]] Result<RouteView> explain_route(
    Context& context, const std::string& account, int limit, TimePoint now
);

} // namespace reviewd::service
