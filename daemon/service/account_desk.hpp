#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/occasion_watch.hpp"
#include "daemon/service/owners.hpp"
#include "daemon/service/rescorer.hpp"
#include "daemon/service/scheduler.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// What people do with accounts and their owners. Each call is one transaction, with all that
/// follows for the account's open review.
class AccountDesk {
public:
    AccountDesk(Context& context, Rescorer& rescorer, OccasionWatch& watch, Scheduler& scheduler)
        : context_(context), rescorer_(rescorer), watch_(watch), scheduler_(scheduler) {}

    /// Somebody talked with the customer, and it was no review: the clock begins anew from that
    /// day, and what wanted a contact by then is answered. A day that was agreed with the customer
    /// stands, and so does the plan where a later talk is known.
    struct Contact {
        std::optional<Date> day; ///< absent: today, in the owner's zone
        std::string note;
        std::vector<std::int64_t> kept_promises{}; ///< numbers of the account's open ones
    };
    /// @returns the account's open review, as it is then
    /// @errors `usage` for a day that is still to come; `not_found` for an account without an open
    /// review, and for a promise that is none of its open ones
    [[nodiscard]] Result<store::Review> contact(
        AccountId account, const Contact& contact, const Actor& actor, TimePoint now
    );

    /// Something that was promised is kept, and nobody talked with the customer for it: no clock
    /// begins anew, and nothing is answered.
    struct Kept {
        store::Promise promise; ///< as it is then
        store::Review review; ///< the account's open one; of an account without: where it was made
    };
    /// @param day absent: today, in the owner's zone
    /// @errors `not_found` for a promise that nobody made; `conflict` for one that is kept already;
    /// `usage` for a day before it was made, or still to come
    [[nodiscard]] Result<Kept> keep_promise(
        std::int64_t promise, std::optional<Date> day, const Actor& actor, TimePoint now
    );

    /// Another owner for one account, or for all accounts of an owner who leaves or is gone. It
    /// holds as long as the source goes on naming the owner that it names now.
    struct Handover {
        PersonId to;
        std::string because; ///< may be empty
    };
    /// @returns the open reviews that moved, by due day
    /// @errors `usage` when the person is not active, or is the owner already
    [[nodiscard]] Result<std::vector<store::Review>> reassign(
        AccountId account, const Handover& handover, const Actor& actor, TimePoint now
    );
    [[nodiscard]] Result<std::vector<store::Review>> reassign_all(
        const Owner& from, const Handover& handover, const Actor& actor, TimePoint now
    );

    /// What a merge of the two would do.
    struct Merge {
        store::Account from; ///< ends as an account, and lives on as an alias
        store::Account into; ///< goes on, with its owner
        store::Review goes_on;
        store::Review ends;
        std::map<std::string, std::int64_t> moves; ///< see store::count_moving
    };
    /// @errors as merge
    [[nodiscard]] Result<Merge> look_at_merge(AccountId from, AccountId into) const;
    /// One customer under two identities: all of `from` belongs to `into` from now on, and its old
    /// identity stays an alias. Of their open reviews the one that is due first survives. Nothing
    /// tells the rows of the two apart afterwards: only a backup takes a merge back.
    /// @returns it
    /// @errors `usage` for an account and itself; `not_found` for one that is not active
    [[nodiscard]] Result<store::Review> merge(
        AccountId from, AccountId into, const Actor& actor, TimePoint now
    );

private:
    void follow(const std::vector<store::Review>& moved);
    [[nodiscard]] Result<void> cancel_merged(
        store::Review review, ReviewId survivor, const Actor& actor, TimePoint now
    );
    [[nodiscard]] Result<void> hand_over(
        AccountId account,
        const store::Person& to,
        const std::string& because,
        const Actor& actor,
        TimePoint now
    );
    [[nodiscard]] Result<store::Person> receiver(const Handover& handover, PersonId from) const;
    [[nodiscard]] std::string name_of(const Owner& owner) const;
    [[nodiscard]] std::vector<store::Review> open_reviews(const std::vector<AccountId>& accounts
    ) const;

    Context& context_;
    Rescorer& rescorer_;
    OccasionWatch& watch_;
    Scheduler& scheduler_;
};

} // namespace reviewd::service
