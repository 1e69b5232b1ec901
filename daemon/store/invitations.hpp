#pragma once

#include "daemon/review/invitation.hpp"
#include "daemon/store/connection.hpp"
#include "scoring/base/id.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace reviewd::store {

/// What calendars were told of reviews.
class Invitations {
public:
    explicit Invitations(Connection& connection) : connection_(connection) {}

    /// Of everybody who was told of the review.
    [[nodiscard]] std::vector<std::pair<PersonId, review::SentInvitation>> of(ReviewId review);
    /// Inside a transaction.
    void set(ReviewId review, PersonId person, const review::SentInvitation& sent);

private:
    Connection& connection_;
};

} // namespace reviewd::store
