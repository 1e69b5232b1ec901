#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/idle_overrides.hpp"
#include "daemon/service/rescorer.hpp"
#include "daemon/service/scheduler.hpp"
#include "daemon/store/overrides.hpp"
#include "scoring/base/result.hpp"

#include <string>
#include <vector>

namespace reviewd::service {

/// Levels that a person sets, with a reason and a last day. Score, level and the window of the open
/// review follow in the same transaction.
class OverrideDesk {
public:
    /// All outlive this.
    OverrideDesk(Context& context, Rescorer& rescorer, Scheduler& scheduler)
        : context_(context), rescorer_(rescorer), scheduler_(scheduler) {}

    struct Wish {
        std::string account; ///< its key, its name or a part of it
        std::string level;
        Date until{}; ///< the last day on which it holds
        std::string because;
    };

    /// Sets a level, in place of one that was set before.
    /// @errors `not_found`, `conflict` for the account; `usage` for a level that the rules do not
    /// know, a day that is over or more than two years away, a missing reason
    [[nodiscard]] Result<store::Override> set(const Wish& wish, const Actor& actor, TimePoint now);

    /// Lets the rules decide again, from their bands alone.
    /// @errors `not_found` when no level is set
    [[nodiscard]] Result<void> remove(
        const std::string& account, const Actor& actor, TimePoint now
    );

    /// What the rules in force do not have; see find_idle_overrides.
    [[nodiscard]] std::vector<IdleOverride> idle() const {
        return find_idle_overrides(context_, context_.rules());
    }

private:
    Context& context_;
    Rescorer& rescorer_;
    Scheduler& scheduler_;
};

} // namespace reviewd::service
