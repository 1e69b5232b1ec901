#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/occasion_watch.hpp"
#include "daemon/service/rescorer.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/scheduler.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// A review, and the version of it that somebody had before them when they decided.
struct ReviewRef {
    ReviewId id;
    std::optional<int> version; ///< absent: as it is now

    // NOLINTNEXTLINE(google-explicit-constructor): whoever saw no version names the review alone
    ReviewRef(ReviewId review, std::optional<int> seen = std::nullopt)
        : id(review), version(seen) {}
};

/// What came out of a review.
struct Outcome {
    /// Absent: today, in the owner's zone. After the review that was held last, and before this one
    /// was planned only while the next one is not late by then.
    std::optional<Date> held_on;
    std::map<std::string, std::string> answers; ///< question -> answer, as a person writes it
    std::string note;
    std::string recommendation; ///< what was recommended; kept as an answer of that name
    std::string promise;        ///< "send the prices"; opens the next agenda
    std::optional<Date> promise_due;
    std::vector<std::int64_t> kept_promises; ///< earlier ones that are kept now
    /// Whether the open reviews of the account's subsidiaries were held with it; not of those that
    /// were reviewed on a later day.
    enum class Subsidiaries { apart, together } subsidiaries = Subsidiaries::apart;
};

/// What people do with a review. Each call is one transaction: the change, its history, the
/// reminders it makes pointless and, where the review closes, the next one.
///
/// @errors of all: `not_found` for an unknown review; `conflict`, with its state, when it is too
/// late, or when the review has another version than the one that was seen; `usage` for a value
/// that makes no sense, with what is expected
class ReviewDesk {
public:
    ReviewDesk(Context& context, Rescorer& rescorer, OccasionWatch& watch, Scheduler& scheduler);

    /// Closes it as done. @returns the next review
    [[nodiscard]] Result<store::Review> done(
        const ReviewRef& review, const Outcome& outcome, const Actor& actor, TimePoint now
    );
    /// Whether a day is one on which it may have been held: it is over, and not too long ago.
    [[nodiscard]] bool can_be_held_on(const store::Review& review, Date day, TimePoint now) const;
    /// The reviews of subsidiaries that were held with it and are done. Of an account that is gone:
    /// none.
    [[nodiscard]] std::vector<store::Review> held_with(ReviewId parent) const;
    /// Closes it as not held; not while an appointment is still to come. @returns the next review
    [[nodiscard]] Result<store::Review> missed(
        const ReviewRef& review, const std::string& because, const Actor& actor, TimePoint now
    );
    /// Leaves it out on purpose; the reason is needed. @returns the next review
    [[nodiscard]] Result<store::Review> skip(
        const ReviewRef& review, const std::string& because, const Actor& actor, TimePoint now
    );
    /// A call that failed: "no-answer", "hesitated" or "declined". The next try comes after the
    /// working days of `reminders: next_try:`, but not after the latest day (day_choice.hpp);
    /// nothing is said about it before. The newest attempt decides. @returns the review
    [[nodiscard]] Result<store::Review> attempt(
        const ReviewRef& review,
        const std::string& result,
        const std::string& note,
        const Actor& actor,
        TimePoint now
    );
    /// The customer was invited. @returns the review
    [[nodiscard]] Result<store::Review> invite(
        const ReviewRef& review, const Actor& actor, TimePoint now
    );
    /// A day (and maybe a local time) was agreed. Beyond the hard maximum only with a reason.
    /// @returns the review
    struct Appointment {
        Date day{};
        std::optional<std::chrono::minutes> local_time = std::nullopt; ///< in the owner's zone
        std::string because = {};
    };
    [[nodiscard]] Result<store::Review> appoint(
        const ReviewRef& review, const Appointment& appointment, const Actor& actor, TimePoint now
    );
    /// Whether its owner has, without it, as many reviews on its due day as there is room for.
    [[nodiscard]] bool is_day_full(const store::Review& review) const;
    /// No reminder before `until`, but of what happens meanwhile; the due day stays. Not beyond the
    /// latest day or an appointment (day_choice.hpp). @returns the review
    [[nodiscard]] Result<store::Review> snooze(
        const ReviewRef& review, Date until, const Actor& actor, TimePoint now
    );
    /// Another due day. Beyond the hard maximum only with a reason. @returns the review
    [[nodiscard]] Result<store::Review> reschedule(
        const ReviewRef& review,
        Date day,
        const std::string& because,
        const Actor& actor,
        TimePoint now
    );
    /// Undoes done, missed or skip of the review of its account that ended last: the review planned
    /// instead is cancelled, and what a report brought (answers, a promise, what it called kept) is
    /// taken back. It has the due day that it had, what was agreed is agreed again where it is
    /// still to come, and occasions pull it as they did. @returns the review
    [[nodiscard]] Result<store::Review> reopen(
        const ReviewRef& review, const Actor& actor, TimePoint now
    );

private:
    /// What happens to a review, and the words for it.
    struct Change {
        review::Event event = review::Event::snooze;
        std::string what; ///< of the event in the history
        Details details;
    };

    [[nodiscard]] Result<store::Review> open_review(const ReviewRef& ref, review::Event event)
        const;
    [[nodiscard]] Result<store::Review> close_done(
        store::Review review, const Outcome& outcome, const Actor& actor, TimePoint now
    );
    /// The subsidiaries' open reviews, held with it.
    [[nodiscard]] Result<void> close_subsidiaries(
        const store::Review& review, Date held_on, const Actor& actor, TimePoint now
    );
    /// Writes a changed open review with its event; `cancel` also takes its reminders back.
    enum class Reminders { keep, cancel };
    [[nodiscard]] Result<store::Review> save(
        store::Review review,
        const Change& change,
        Reminders reminders,
        const Actor& actor,
        TimePoint now
    );
    /// Writes a closed review, and plans the next one. @returns the next one
    [[nodiscard]] Result<store::Review> close(
        store::Review review,
        const Change& change,
        Scheduler::Following following,
        const Actor& actor,
        TimePoint now
    );
    /// Undoes add_outcome. @returns what went, for the history
    [[nodiscard]] Details take_back(const store::Review& review);
    [[nodiscard]] Result<void> add_outcome(
        const store::Review& review, const Outcome& outcome, Date held_on
    );

    Context& context_;
    Rescorer& rescorer_;
    OccasionWatch& watch_;
    Scheduler& scheduler_;
};

} // namespace reviewd::service
