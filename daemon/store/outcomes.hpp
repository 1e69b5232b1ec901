#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"
#include "scoring/engine/facts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// A try to reach the customer that did not lead to a review.
struct ContactAttempt {
    ReviewId review;
    Date day{};
    std::string result; ///< no-answer, hesitated, declined
    std::string who;
    std::string note;
};

/// Something the owner said they would do.
struct Promise {
    std::int64_t id = 0;
    ReviewId review;
    AccountId account;
    std::string text;
    std::optional<Date> due;
    std::optional<Date> kept_on;
    Date made_on{};
};

/// A talk with the customer that was no review.
struct LoggedContact {
    AccountId account;
    Date day{};
    Date recorded{};
    std::string who;
    std::string note;
};

/// What came out of reviews. Answers become facts.
class Outcomes {
public:
    explicit Outcomes(Connection& connection) : connection_(connection) {}

    /// @pre answer.value is null, a boolean, integer, double or string
    void add_answer(ReviewId review, AccountId account, const engine::Answer& answer);
    /// Latest first.
    [[nodiscard]] std::vector<engine::Answer> answers(AccountId account);
    [[nodiscard]] std::vector<engine::Answer> answers(ReviewId review);

    void add_attempt(const ContactAttempt& attempt);
    /// Oldest first.
    [[nodiscard]] std::vector<ContactAttempt> attempts(ReviewId review);

    std::int64_t add_promise(const Promise& promise);
    /// @param in the review whose report says so; none: it was said beside reviews
    void keep_promise(std::int64_t promise, Date day, ReviewId in = {});
    /// Open or kept.
    [[nodiscard]] std::optional<Promise> promise(std::int64_t id);
    /// Latest first.
    [[nodiscard]] std::vector<Promise> open_promises(AccountId account);
    /// Open ones of active accounts that are for a day until `until`, by that day.
    /// @param owner absent: of all accounts; PersonId{}: of those that nobody owns
    [[nodiscard]] std::vector<Promise> promises_due(std::optional<PersonId> owner, Date until);

    /// What the report of a review had brought.
    struct TakenBack {
        std::vector<std::string> answers;  ///< "question: answer", the answer as JSON
        std::vector<std::string> promises; ///< that were made
        std::vector<std::string> kept;     ///< that were called kept
    };
    /// As if that report had not been given: its answers and promises go, and what it called kept
    /// is open again.
    TakenBack take_back(ReviewId review);

    /// In what a customer is like another one.
    enum class Likeness { segment_and_size, segment, size };
    /// What customers like `account` said they like, other than itself: answers to `question` that
    /// are texts, latest first. A segment or size that is not known makes nobody alike by itself.
    struct ValuePoint {
        std::string account; ///< its name
        std::string text;
        Date day{};
        Likeness likeness = Likeness::segment_and_size;
    };
    [[nodiscard]] std::vector<ValuePoint> value_points(
        std::string_view question, AccountId account, Likeness likeness, int limit
    );

    void add_contact(const LoggedContact& contact);
    /// Latest first.
    [[nodiscard]] std::vector<LoggedContact> contacts(AccountId account, int limit = 20);
    /// Days of contacts of all accounts from `first` to `last`, by account and day.
    struct ContactDay {
        AccountId account;
        Date day{};
        Date recorded{}; ///< when it was noted, by the company's clock
    };
    [[nodiscard]] std::vector<ContactDay> contact_days(AccountId first, AccountId last);
    /// The interactions that the sources have of one account: some of them may only be planned.
    struct InteractionDays {
        AccountId account;
        std::optional<Date> last; ///< not after `today`
        bool is_more_to_come = false;
    };
    /// Of each account from `first` to `last` that has one.
    [[nodiscard]] std::vector<InteractionDays> interactions(
        AccountId first, AccountId last, Date today
    );

private:
    Connection& connection_;
};

} // namespace reviewd::store
