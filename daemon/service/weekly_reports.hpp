#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/morning_look.hpp"
#include "scoring/base/result.hpp"

#include <optional>
#include <vector>

namespace reviewd::service {

/// Puts the managers' weekly reports into the outbox when their mornings come: one per manager,
/// week and channel, for ever. A new installation begins with the next week's.
class WeeklyReports {
public:
    explicit WeeklyReports(Context& context) : context_(context) {}

    /// @returns whether something was planned
    [[nodiscard]] Result<bool> step(TimePoint now);
    [[nodiscard]] std::optional<TimePoint> next_wake() const { return look_.next(); }

private:
    [[nodiscard]] std::vector<const PersonProfile*> managers() const;
    struct Week {
        std::optional<Date> due{}; ///< to be reported now
        bool is_first = false;     ///< of a new installation: only remembered
    };
    [[nodiscard]] Week week_of(const PersonProfile& manager, TimePoint now) const;
    bool plan(const PersonProfile& manager, TimePoint now);

    Context& context_;
    MorningLook look_{context_};
};

} // namespace reviewd::service
