#pragma once

#include "daemon/service/context.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace reviewd::service {

/// Turns due steps into reminders in the outbox when a person's morning has come: all of that day
/// become one message per channel. Reminders, deliveries and the reviews' next steps are one
/// transaction (T1) per owner.
class ReminderPlanner {
public:
    explicit ReminderPlanner(Context& context);

    /// Does one bounded piece. @returns whether more is to be done at this moment
    [[nodiscard]] Result<bool> step(TimePoint now);
    /// Reviews or people changed: look again.
    void look_again() { is_looked_through_ = false; }
    /// When the next morning comes with something to say; nothing without open reviews.
    [[nodiscard]] std::optional<TimePoint> next_wake() const { return next_look_; }

private:
    /// A look through what is due, page by page.
    struct Look {
        /// An owner of reviews.
        struct Owner {
            Date today{};
            bool is_ready = false; ///< it is their morning
        };
        TimePoint began{};
        std::uint64_t people_revision = 0; ///< at its begin; people may change between two pages
        Date after = Date::min();          ///< the page ends with a review of this day, …
        ReviewId last;                     ///< … this one
        std::map<PersonId, Owner> owners;
    };
    /// A time in which it is not somebody's morning, whatever changes but the people.
    struct Asleep {
        TimePoint from{};
        TimePoint until{};
    };
    /// What next_look_ was computed from.
    struct Ahead {
        TimePoint began{};
        std::optional<Date> earliest; ///< step of all
        std::uint64_t people_revision = 0; ///< when its look began
    };
    /// Goes on with the look, or begins one. @returns whether it is at its end
    [[nodiscard]] bool look_on(TimePoint now);
    void end_look(const Look& ended);
    [[nodiscard]] bool is_ready(const PersonProfile& owner, TimePoint now);
    [[nodiscard]] bool is_for_others(const store::Reviews::StepDay& step, TimePoint now) const;
    /// What one transaction did.
    struct Piece {
        std::size_t owners = 0; ///< so many of the first
        std::vector<PersonId> unreached;
    };
    /// Inside a transaction: owners until there are enough reviews for one.
    [[nodiscard]] Result<void> remind_some(Piece& piece, TimePoint now);
    /// Inside a transaction. @returns whether somebody is reached for each review
    [[nodiscard]] Result<bool> remind(
        PersonId owner, std::span<const ReviewId> reviews, TimePoint now
    );

    Context& context_;
    bool is_looked_through_ = false;
    std::optional<Look> look_; ///< under way
    std::optional<TimePoint> next_look_;
    Ahead ahead_;
    std::map<PersonId, Asleep> asleep_;                 ///< of the people of ahead_
    std::map<PersonId, std::vector<ReviewId>> waiting_; ///< owners whose morning has come
};

} // namespace reviewd::service
