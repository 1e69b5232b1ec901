#pragma once

#include "daemon/review/window.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/known_account.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// A review that has no room inside its window, named for people.
struct LateReview {
    AccountId account;
    std::string account_name;
    std::string owner_key;
    Date due{};
    Date latest{};
};

/// Keeps the promise that every active account has exactly one open review, on a working day that
/// its owner has room for. Works from the state in the database alone, owner by owner, so that it
/// can stop anywhere and begin anew. Only the plans of owners whom something touched are made
/// again: a review that came, went or changed, an account without one, other working days or
/// another capacity. Which these are stands in the database, too.
class Scheduler {
public:
    explicit Scheduler(Context& context);

    /// Asks for a look at everybody, for accounts without a review and other working days.
    void request() { is_requested_ = true; }
    [[nodiscard]] bool is_busy() const;
    /// Does one bounded piece. @returns whether the pass has ended with it
    [[nodiscard]] Result<bool> step(TimePoint now);

    /// What came before a review; decides from which day its window counts.
    enum class Following {
        held,    ///< counts from the day held
        missed,  ///< tried again soon
        skipped, ///< counts from today
    };
    /// Plans the next review of an account that has none; inside a transaction. The days of the
    /// owner's other reviews stay.
    /// @returns it
    [[nodiscard]] Result<store::Review> plan_next(
        const KnownAccount& account, Following following, TimePoint now
    );

    /// Gives one open review a day in its window anew, whatever day was told or chosen; the owner's
    /// other reviews stay. Inside a transaction. @returns it, as it is now
    [[nodiscard]] Result<store::Review> place_again(const store::Review& review, TimePoint now);

    /// Open reviews whose day lies beyond their hard maximum for want of room: nobody chose it.
    [[nodiscard]] std::vector<LateReview> late() const;

private:
    Context& context_;
    bool is_requested_ = false;
    enum class Stage { idle, closing, moving, looking, owners } stage_ = Stage::idle;
    AccountId walked_;    ///< in the stages `closing` and `moving`: accounts up to here
    AccountId looked_at_; ///< in the stage `looking`: accounts up to here

    /// Mends the open reviews that `find` finds among the next accounts; goes on to the `following`
    /// stage behind the last.
    [[nodiscard]] Result<bool> walk(
        std::vector<store::Review> (store::Reviews::*find
        )(const store::Reviews::AccountRange& range, int limit),
        const std::function<Result<void>(store::Review review)>& mend,
        Stage following
    );
    [[nodiscard]] Result<bool> close_inactive(TimePoint now);
    [[nodiscard]] Result<bool> move_to_owners(TimePoint now);
    [[nodiscard]] Result<bool> look_around();
    [[nodiscard]] Result<bool> plan_touched(TimePoint now);
    /// Inside a transaction. @returns the number of the owner's accounts
    [[nodiscard]] Result<std::size_t> plan_owner(PersonId owner, TimePoint now);
};

} // namespace reviewd::service
