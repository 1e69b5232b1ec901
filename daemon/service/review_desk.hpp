#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/rescorer.hpp"
#include "daemon/service/scheduler.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// What came out of a review.
struct Outcome {
    std::optional<Date> held_on;                ///< absent: today, in the owner's zone
    std::map<std::string, std::string> answers; ///< question -> answer, as a person writes it
    std::string note;
    std::string promise; ///< "send the prices"; opens the next agenda
    std::optional<Date> promise_due;
    std::vector<std::int64_t> kept_promises; ///< earlier ones that are kept now
};

/// What people do with a review. Each call is one transaction: the change, its history, the
/// reminders it makes pointless and, where the review closes, the next one.
///
/// @errors of all: `not_found` for an unknown review; `conflict`, with its state, when it is too
/// late; `usage` for a value that makes no sense, with what is expected
class ReviewDesk {
public:
    ReviewDesk(Context& context, Rescorer& rescorer, Scheduler& scheduler);

    /// Closes it as done. @returns the next review
    [[nodiscard]] Result<store::Review> done(
        ReviewId review, const Outcome& outcome, const Actor& actor, TimePoint now
    );
    /// Closes it as not held. @returns the next review
    [[nodiscard]] Result<store::Review> missed(
        ReviewId review, const std::string& because, const Actor& actor, TimePoint now
    );
    /// Leaves it out on purpose; the reason is needed. @returns the next review
    [[nodiscard]] Result<store::Review> skip(
        ReviewId review, const std::string& because, const Actor& actor, TimePoint now
    );
    /// A call that failed: "no-answer", "hesitated" or "declined". The next try is a few working
    /// days away; nothing is said about it before. @returns the review
    [[nodiscard]] Result<store::Review> attempt(
        ReviewId review,
        const std::string& result,
        const std::string& note,
        const Actor& actor,
        TimePoint now
    );
    /// The customer was invited. @returns the review
    [[nodiscard]] Result<store::Review> invite(ReviewId review, const Actor& actor, TimePoint now);
    /// A day (and maybe a local time) was agreed. @returns the review
    struct Appointment {
        Date day{};
        std::optional<std::chrono::minutes> local_time; ///< in the owner's zone
    };
    [[nodiscard]] Result<store::Review> appoint(
        ReviewId review, const Appointment& appointment, const Actor& actor, TimePoint now
    );
    /// No reminder before `until`; the due day stays. @returns the review
    [[nodiscard]] Result<store::Review> snooze(
        ReviewId review, Date until, const Actor& actor, TimePoint now
    );
    /// Another due day. Beyond the hard maximum only with a reason. @returns the review
    [[nodiscard]] Result<store::Review> reschedule(
        ReviewId review, Date day, const std::string& because, const Actor& actor, TimePoint now
    );
    /// Undoes done, missed or skip: the review planned instead is cancelled. @returns the review
    [[nodiscard]] Result<store::Review> reopen(ReviewId review, const Actor& actor, TimePoint now);

private:
    struct Closing;
    [[nodiscard]] Result<store::Review> find(ReviewId review) const;
    [[nodiscard]] Result<store::Review> close(const Closing& closing);
    [[nodiscard]] Result<store::Review> change(
        store::Review review,
        const std::string& what,
        const std::string& details,
        const Actor& actor,
        TimePoint now
    );

    Context& context_;
    Rescorer& rescorer_;
    Scheduler& scheduler_;
};

} // namespace reviewd::service
