#pragma once

#include "daemon/notify/api/message.hpp"
#include "daemon/notify/api/outcome.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/outbox.hpp"
#include "scoring/base/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::service {

/// One attempt that is to be made now. Its claim is durable already.
struct SendOrder {
    DeliveryId delivery;
    int attempt = 0; ///< from 1; names the claim in mark_commit and settle
    std::string channel;
    notify::Message message;
};

/// A channel on which nothing can be delivered until somebody mends it.
struct PausedChannel {
    std::string channel;
    std::string reason;
    TimePoint until{}; ///< then one delivery tries again
};

/// The outbox at work: freeze, claim, commit, settle (T2 to T4), and what people do with it.
class Dispatcher {
public:
    explicit Dispatcher(Context& context);

    /// Renders planned messages whose time has come, after a last look at each reminder (T2).
    /// @returns whether more of them wait
    [[nodiscard]] Result<bool> freeze_some(TimePoint now);
    /// Ends what has expired, releases what was held until now. Cheap when there is nothing.
    void pass_time(TimePoint now);

    /// Claims at most `limit` deliveries of a channel (T3), after checking again that each reminder
    /// still stands and reaches its owner. Durable when it returns: send them.
    [[nodiscard]] Result<std::vector<SendOrder>> claim(
        std::string_view channel, int limit, TimePoint now
    );
    /// The point of no return (T3b). False: stop, this attempt does not hold the delivery any more.
    [[nodiscard]] bool mark_commit(DeliveryId delivery, int attempt);
    /// Records how the attempt ended and what follows (T4). A late result changes nothing.
    [[nodiscard]] Result<void> settle(
        DeliveryId delivery, int attempt, const notify::Outcome& outcome, TimePoint now
    );

    /// Whether claim would find something now, in any channel that is not paused.
    [[nodiscard]] bool has_claimable(TimePoint now) const;
    [[nodiscard]] std::vector<PausedChannel> paused(TimePoint now) const;
    /// Lets a paused channel go on at once. @errors `not_found` when it is not paused
    [[nodiscard]] Result<void> resume_channel(
        std::string_view channel, const Actor& actor, TimePoint now
    );

    /// Before READY: attempts of an earlier process become waiting or uncertain; the channel's
    /// policy decides about the uncertain ones.
    [[nodiscard]] Result<void> recover(TimePoint now);

    /// What people do with one delivery. @errors `not_found`, `conflict`
    [[nodiscard]] Result<void> hold(
        DeliveryId delivery, std::string_view reason, const Actor& actor, TimePoint now
    );
    [[nodiscard]] Result<void> release(DeliveryId delivery, const Actor& actor, TimePoint now);
    /// @returns the delivery that will be sent
    [[nodiscard]] Result<DeliveryId> retry(DeliveryId delivery, const Actor& actor, TimePoint now);

    /// When freezing, expiring, releasing or a retry has something to do; nothing when the outbox
    /// is at rest. May lie in the past when there are claimable deliveries.
    [[nodiscard]] std::optional<TimePoint> next_wake() const;

private:
    /// A channel that found itself misconfigured.
    struct Pause {
        std::string reason;
        TimePoint until{};
    };

    [[nodiscard]] Result<void> freeze(const store::Delivery& delivery, TimePoint now);
    [[nodiscard]] store::Settlement decide(
        const store::Delivery& delivery, const notify::Outcome& outcome, TimePoint now
    ) const;
    [[nodiscard]] Result<void> resolve_uncertain(const store::Delivery& delivery, TimePoint now);
    void report(const store::Delivery& delivery, const notify::Outcome& outcome);

    Context& context_;
    std::map<std::string, Pause, std::less<>> pauses_;
};

} // namespace reviewd::service
