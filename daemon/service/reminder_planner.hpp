#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/scheduler.hpp"
#include "scoring/base/result.hpp"

#include <optional>

namespace reviewd::service {

/// Turns due steps into reminders in the outbox, once a working day and person, when their morning
/// has come: all of a person's steps of that day become one message per channel. The reminders, the
/// deliveries and the reviews' next steps are one transaction (T1) per owner.
class ReminderPlanner {
public:
    ReminderPlanner(Context& context, Scheduler& scheduler);

    /// Does one bounded piece. @returns whether more is to be done at this moment
    [[nodiscard]] Result<bool> step(TimePoint now);
    /// Reviews or people changed: look again.
    void look_again() { next_look_.reset(); }
    /// When the next morning comes with something to say; nothing without open reviews.
    [[nodiscard]] std::optional<TimePoint> next_wake() const { return next_look_; }

private:
    [[nodiscard]] Result<void> remind(PersonId owner, TimePoint now);
    [[nodiscard]] std::optional<TimePoint> find_next_look(TimePoint now);

    Context& context_;
    Scheduler& scheduler_;
    std::optional<TimePoint> next_look_;
    bool is_at_rest_ = false; ///< nothing open at all: next_look_ is empty and stays so
};

} // namespace reviewd::service
