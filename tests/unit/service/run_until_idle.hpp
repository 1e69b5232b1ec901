#pragma once

#include "daemon/service/service.hpp"

namespace reviewd::test {

/// Ticks until nothing is left to do at `now`.
/// @returns the last tick, with the notices of all of them; the first error
[[nodiscard]] inline Result<service::Tick> run_until_idle(
    service::Service& service, TimePoint now
) {
    service::Notices notices;
    for (;;) {
        Result<service::Tick> tick = service.tick(now);
        if (!tick.has_value()) {
            return tick;
        }
        notices.insert(notices.end(), tick->notices.begin(), tick->notices.end());
        if (!tick->wake || *tick->wake > now) {
            tick->notices = std::move(notices);
            return tick;
        }
    }
}

} // namespace reviewd::test
