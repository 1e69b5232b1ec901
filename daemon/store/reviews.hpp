#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

enum class ReviewState { planned, invited, appointment, done, missed, skipped, cancelled };

/// planned, invited and appointment are open; the others are closed for good (but for `reopen`).
[[nodiscard]] bool is_open(ReviewState state) noexcept;
[[nodiscard]] std::string_view name(ReviewState state) noexcept;
[[nodiscard]] std::optional<ReviewState> find_review_state(std::string_view name) noexcept;

struct Review {
    ReviewId id; ///< given by insert
    AccountId account;
    PersonId owner; ///< none: nobody owns the account
    ReviewState state = ReviewState::planned;
    int occurrence = 1; ///< rises when its steps begin anew: part of reminders' keys
    int version = 1;    ///< rises with every update; links and updates name the one they mean
    std::string kind;   ///< "periodic", or a trigger's kind
    Date earliest{};    ///< the window, and the day within it by which the review is to be held
    Date target{};
    Date due{};
    Date latest{};
    std::string level;               ///< of the account, when the days were computed
    std::string cadence;             ///< name of the cadence in force then
    std::string reasons;             ///< JSON array of texts; "[]" when there is none
    std::optional<Date> next_step;   ///< day on which the next reminder step happens; absent: none
    bool is_chosen = false;          ///< a person chose the due day: no plan moves it
    std::optional<Date> pulled_from; ///< the day that a trigger took from it; absent: none did
    std::optional<Date> quiet_until; ///< snoozed, or waiting for the next try; absent: not
    TimePoint created{};
    std::optional<Date> held_on;        ///< done: the day it was held
    std::optional<TimePoint> closed_at; ///< closed ones
    /// Agreed with the customer; an appointment without a time has none, and is the due day.
    std::optional<TimePoint> appointment;
    std::string note;
};

/// What of an open review its owner's plan is made of.
struct PlannedReview {
    ReviewId id;
    AccountId account;
    ReviewState state = ReviewState::planned;
    Date earliest{};
    Date target{};
    Date due{};
    Date latest{};
    std::string level;
    bool is_chosen = false;
    std::int64_t points = 0; ///< of the account's score; 0: it has none yet
    /// Its day stands: it is left for an earlier one only. Never read from the table.
    bool is_told = true;
};

/// One line of a review's history.
struct ReviewEvent {
    ReviewId review;
    TimePoint at{};
    std::string who;     ///< a person's key, "reviewd", or a local user
    std::string from;    ///< "schedule", "socket", "link", …
    std::string what;    ///< "planned", "invited", "moved", "done", …
    std::string details; ///< JSON object
};

struct ReviewFilter {
    std::optional<PersonId> owner{};
    std::optional<AccountId> account{};
    std::optional<Date> due_until{}; ///< inclusive
    enum class Which { open, closed, all } which = Which::open;
    int limit = 1000;
};

/// The days on which an account's reviews were held.
struct DaysHeld {
    AccountId account;
    std::vector<Date> days; ///< ascending
};

/// Open reviews per owner and day.
struct DayLoad {
    PersonId owner;
    Date due{};
    int reviews = 0;
};

class Reviews {
public:
    explicit Reviews(Connection& connection) : connection_(connection) {}

    [[nodiscard]] std::optional<Review> find(ReviewId id);
    [[nodiscard]] std::optional<Review> open_of(AccountId account);
    /// Open reviews of these accounts (ascending), in the same order; accounts without one are left
    /// out.
    [[nodiscard]] std::vector<Review> open_of(std::span<const AccountId> accounts);
    /// Of these accounts (ascending), in the same order; accounts without any are left out.
    [[nodiscard]] std::vector<DaysHeld> days_held(std::span<const AccountId> accounts);
    /// By due day, then id.
    [[nodiscard]] std::vector<Review> list(const ReviewFilter& filter);
    struct DueDay {
        ReviewId review;
        PersonId owner; ///< none: nobody
        Date due{};
    };
    /// All open reviews due until that day, by due day, then id; read out of an index alone.
    /// @param owner absent: of everybody
    [[nodiscard]] std::vector<DueDay> due_days_until(std::optional<PersonId> owner, Date until);
    struct DueDays {
        Date from{};
        Date until{}; ///< included
        std::optional<Date>
            told_on{}; ///< without what is to be silent on that day; absent: with it
    };
    /// The open ones of an owner that are due on these days, the same order; no more than
    /// ReviewFilter's limit.
    [[nodiscard]] std::vector<ReviewId> open_ids(PersonId owner, const DueDays& due);
    /// When the last one that was to be held and was not was closed, if any.
    [[nodiscard]] std::optional<TimePoint> last_missed_at(AccountId account);
    /// The last day on which one was held, if any.
    [[nodiscard]] std::optional<Date> last_held_on(AccountId account);
    /// All open reviews of an owner, by due day, then id.
    [[nodiscard]] std::vector<PlannedReview> planned_of(PersonId owner);
    /// The due days, from `first` on, of an owner's open reviews, but for those that are overdue on
    /// `today`; each as often as it is one's.
    [[nodiscard]] std::vector<Date> due_days(PersonId owner, Date first, Date today);
    /// The last one held, if any.
    [[nodiscard]] std::optional<Review> last_held(AccountId account);

    struct StepDay {
        ReviewId review;
        PersonId owner; ///< none: nobody
        Date next_step{};
    };
    /// Open reviews whose next_step is at most `until`, by that day and then id, from behind
    /// (`after_day`, `after`) on; page on with the last one's.
    [[nodiscard]] std::vector<StepDay> step_days(
        Date until, int limit, Date after_day = Date::min(), ReviewId after = {}
    );
    /// The earliest next_step of all open reviews.
    [[nodiscard]] std::optional<Date> earliest_step();

    /// Active accounts with an id above `after` that have no open review, ascending.
    [[nodiscard]] std::vector<AccountId> accounts_without_review(AccountId after, int limit);
    /// Accounts by id, for a walk over all of them in pieces; by default all at once.
    struct AccountRange {
        AccountId after{};
        AccountId until{std::numeric_limits<std::int64_t>::max()};
    };
    /// The highest id of an account with an open review; none: no account has one.
    [[nodiscard]] std::optional<AccountId> last_account_with_open();
    /// Open reviews of accounts that are not active (any more), by account.
    [[nodiscard]] std::vector<Review> of_inactive_accounts(const AccountRange& range, int limit);
    /// Open reviews whose owner is not the account's owner, by account.
    [[nodiscard]] std::vector<Review> with_former_owner(const AccountRange& range, int limit);

    /// Open reviews of an owner with an appointment at a time.
    [[nodiscard]] std::vector<Review> appointed(PersonId owner);

    /// Open reviews whose day lies behind their hard maximum, by owner, then day.
    [[nodiscard]] std::vector<Review> beyond_latest();
    /// Those of one owner, by day.
    [[nodiscard]] std::vector<Review> beyond_latest_of(PersonId owner);

    /// Open reviews of an owner that have reasons beside their cadence.
    [[nodiscard]] std::vector<Review> with_reasons(PersonId owner);

    /// Open reviews per owner and due day, from `first` to `last`.
    [[nodiscard]] std::vector<DayLoad> load(Date first, Date last);

    /// @returns the new id
    /// @errors `conflict` when the account has an open review already
    [[nodiscard]] Result<ReviewId> insert(const Review& review);

    /// Writes all members of an open review (closing it is such an update); version rises by one.
    /// @errors `not_found`; `conflict` when the kept version is not review.version or the kept
    /// review is closed
    [[nodiscard]] Result<void> update(const Review& review);

    /// An appointment with a moment, of an open or a closed review.
    struct Moment {
        ReviewId review;
        PersonId owner; ///< none: nobody
        Date due{};
        TimePoint appointment{};
    };
    [[nodiscard]] std::vector<Moment> appointment_moments();
    /// The appointment is one of the whole day; no change of the review that anybody makes.
    void forget_moment(ReviewId review);

    /// Opens a closed review again with a new version.
    /// @errors `not_found`; `conflict` when it is open, or another one of the account is
    [[nodiscard]] Result<void> reopen(const Review& review);

    /// Accounts of which a review was written through this connection since the last call, also
    /// where that was rolled back again. Nothing: they are too many to tell.
    [[nodiscard]] std::optional<std::set<AccountId>> take_written();

    void record(const ReviewEvent& event);
    /// Oldest first.
    [[nodiscard]] std::vector<ReviewEvent> events(ReviewId review);

private:
    Connection& connection_;
};

} // namespace reviewd::store
