#pragma once

#include "daemon/service/dispatcher.hpp"
#include "daemon/simulation/fault.hpp"
#include "daemon/simulation/random.hpp"
#include "scoring/base/date.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace reviewd::simulation {

/// What a peer will do with one attempt.
struct PeerAnswer {
    notify::Outcome outcome;
    bool is_accepted = false;           ///< the peer took the message, whatever the daemon is told
    bool is_committed = false;          ///< the daemon got as far as the point of no return
    std::chrono::milliseconds delay{0}; ///< until the daemon is told
};

/// The other ends of the channels, with the truth about what they accepted.
class Peers {
public:
    Peers(std::uint64_t seed, const FaultPlan& faults);

    /// Begins and ends outages; once a day.
    void live(TimePoint now);
    [[nodiscard]] PeerAnswer answer(const service::SendOrder& order, TimePoint now);

    /// The peer accepted it. @returns how often it has accepted that message now
    int accept(const service::SendOrder& order, TimePoint now);
    /// The daemon did not learn that the peer accepted it, or may not have.
    void lose(const service::SendOrder& order);

    /// How often a reminder (its permanent key) was accepted, and how often that may be explained.
    struct Count {
        int accepted = 0;
        int uncertain = 0;
    };
    [[nodiscard]] const std::map<std::string, Count>& messages() const { return messages_; }
    [[nodiscard]] const std::map<std::string, Count>& reminders() const { return reminders_; }
    /// Latest acceptance of a reminder of a review, by its number.
    [[nodiscard]] std::optional<TimePoint> last_reminder(std::int64_t review) const;

private:
    struct Outage {
        TimePoint until{};
        notify::Verdict verdict = notify::Verdict::temporary;
    };

    [[nodiscard]] notify::Outcome hiccup();

    Random random_;
    const FaultPlan& faults_;
    std::map<std::string, Outage> outages_; ///< by channel
    std::map<std::string, Count> messages_; ///< by the delivery's key
    std::map<std::string, Count> reminders_;
    std::map<std::int64_t, TimePoint> last_reminders_;
};

} // namespace reviewd::simulation
