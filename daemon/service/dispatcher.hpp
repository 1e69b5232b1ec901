#pragma once

#include "daemon/notify/api/channel_rules.hpp"
#include "daemon/notify/api/delivery_traits.hpp"
#include "daemon/notify/api/message.hpp"
#include "daemon/notify/api/outcome.hpp"
#include "daemon/service/composer.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/endpoint_gate.hpp"
#include "daemon/service/isolated_row.hpp"
#include "daemon/service/outbox_times.hpp"
#include "daemon/service/send_budget.hpp"
#include "daemon/service/suspects.hpp"
#include "daemon/store/outbox.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::service {

/// One attempt that is to be made now. Its claim is durable already.
struct SendOrder {
    DeliveryId delivery;
    int attempt = 0; ///< from 1; names the claim in mark_commit and settle
    std::string channel;
    notify::Message message;
};

/// A channel on which nothing is delivered now.
struct PausedChannel {
    std::string channel;
    std::string reason;
    std::optional<TimePoint> until{}; ///< then one delivery tries again; absent: when resumed
    bool is_limit = false; ///< its own `per_day:` is reached: it goes on by itself, and is well
};

/// How one attempt ended.
struct Ended {
    DeliveryId delivery;
    int attempt = 0;
    notify::Outcome outcome;
};

/// Deliveries that a channel would take.
struct Wanted {
    std::string channel;
    int limit = 0;     ///< more, beside those under way
    int under_way = 0; ///< already
};

/// Steps of many deliveries that become durable together: many share one commit, and none waits for
/// one that is not there yet.
struct Round {
    std::vector<std::pair<DeliveryId, int>> commits; ///< deliveries and attempts at the point of
                                                     ///< no return
    std::vector<Ended> ended;
    std::vector<Wanted> wanted;
};

struct RoundResult {
    std::vector<bool> may_go_on;       ///< one for each of Round::commits
    std::vector<std::string> problems; ///< results that could not be recorded, and why
    std::vector<SendOrder> orders;     ///< claimed for Round::wanted
};

/// The outbox at work: freeze, claim, commit, settle (T2 to T4), and what people do with it.
class Dispatcher {
public:
    explicit Dispatcher(Context& context);

    /// Renders planned messages whose time has come, after a last look at each reminder (T2).
    /// @returns whether more of them wait
    [[nodiscard]] Result<bool> freeze_some(TimePoint now);
    /// Ends some of what has expired, releases some of what was held until now. Cheap when there is
    /// nothing. @returns whether there may be more
    [[nodiscard]] Result<bool> pass_time(TimePoint now);

    /// Records results (T4), passes points of no return (T3b) and claims (T3), after checking again
    /// that each reminder still stands and reaches its owner. All of it is durable when it returns,
    /// or none of it. A delivery that cannot be checked or read is held; the others go on.
    [[nodiscard]] Result<RoundResult> run(const Round& round, TimePoint now);
    /// A round that only claims.
    [[nodiscard]] Result<std::vector<SendOrder>> claim(
        std::string_view channel, int limit, TimePoint now
    );
    /// The point of no return (T3b). False: stop, this attempt does not hold the delivery any more.
    [[nodiscard]] bool mark_commit(DeliveryId delivery, int attempt);
    /// Records how the attempt ended and what follows (T4). A late result changes nothing.
    [[nodiscard]] Result<void> settle(
        DeliveryId delivery, int attempt, const notify::Outcome& outcome, TimePoint now
    );

    /// The notifiers are others than before; a reload replaces them a moment after the settings.
    void channels_changed();
    /// Counts what may have changed a channel's gate or budget beside the database.
    [[nodiscard]] std::uint64_t rounds() const { return rounds_; }
    /// Whether claim would find something now, in any channel that is not paused.
    [[nodiscard]] bool has_claimable(TimePoint now);
    [[nodiscard]] std::vector<PausedChannel> paused(TimePoint now);
    /// Whether a channel of the settings is called so.
    /// @errors `not_found` with what may be meant
    [[nodiscard]] Result<void> check_channel(std::string_view channel) const;
    /// Nothing more goes over the channel until somebody resumes it, also after a restart.
    /// @errors `not_found` when there is no such channel
    [[nodiscard]] Result<void> pause_channel(
        std::string_view channel, std::string_view reason, const Actor& actor, TimePoint now
    );
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
    /// A message of an inbox was seen.
    [[nodiscard]] Result<void> mark_read(DeliveryId delivery, TimePoint now);
    /// Messages of inboxes that a person has, newest first, with links that work.
    struct InboxEntry {
        store::Delivery delivery; ///< with its message
        bool is_read = false;
    };
    [[nodiscard]] std::vector<InboxEntry> inbox(
        PersonId person, store::Outbox::Seen which, int limit
    );
    /// @returns the delivery that will be sent
    [[nodiscard]] Result<DeliveryId> retry(DeliveryId delivery, const Actor& actor, TimePoint now);

    /// When freezing, expiring, releasing or a retry has something to do; nothing when the outbox
    /// is at rest. May lie in the past when there are claimable deliveries.
    [[nodiscard]] std::optional<TimePoint> next_wake(TimePoint now);

private:
    /// Frozen deliveries that may wait on a channel; more are frozen when these are gone, so that a
    /// channel that stands still fills no disk and its messages are fresh when it goes on.
    static constexpr int ready_most = 5'000;

    /// What a round changes beside the database; done when the database has it.
    struct Effects;
    /// A channel as the outbox sees it.
    struct Endpoint {
        EndpointGate gate;
        Suspects suspects;
        SendBudget budget{{}};
        notify::ChannelRules rules;
        notify::DeliveryTraits traits;
        Extent extent;
        std::optional<TimePoint> limit_told_until; ///< the log knows of its daily limit until then
    };

    /// @param notices what freezing came across: told when the database has it
    [[nodiscard]] Result<bool> freeze_rows(
        const std::vector<std::string>& channels, const Rows& rows, TimePoint now, Notices& notices
    );
    [[nodiscard]] Result<std::size_t> freeze(
        const store::Delivery& delivery, const Rows& rows, TimePoint now, Notices& notices
    );
    [[nodiscard]] Result<void> set_aside(
        const store::Delivery& delivery, const std::string& reason, TimePoint now
    );
    /// Empty: the address can be written to.
    [[nodiscard]] std::string refusal_of(
        const store::Delivery& delivery, const std::string& address
    ) const;
    [[nodiscard]] Result<bool> follow_address(
        store::Delivery& delivery, TimePoint now, Notices& notices
    );
    [[nodiscard]] Result<std::optional<SendOrder>> claim_one(
        store::Delivery delivery, TimePoint now
    );
    [[nodiscard]] Result<std::optional<SendOrder>> claim_due(
        DeliveryId id, TimePoint now, Effects& effects
    );
    void tell_of_limit(const std::string& channel, TimePoint now, Effects& effects);
    [[nodiscard]] Result<bool> hold_beyond_limit(
        const store::Delivery& delivery, TimePoint now, Effects& effects
    );
    [[nodiscard]] Result<RoundResult> run_rows(
        const Round& round, const Rows& rows, TimePoint now, Effects& effects
    );
    [[nodiscard]] Result<void> claim_some(
        const Wanted& wanted, const Rows& rows, TimePoint now, Effects& effects, RoundResult& result
    );
    [[nodiscard]] Result<void> end_one(
        const Ended& ended, const Rows& rows, TimePoint now, Effects& effects
    );
    [[nodiscard]] Result<void> follow_up(
        const store::Delivery& delivery, notify::Verdict verdict, TimePoint now
    );
    [[nodiscard]] std::vector<DeliveryId> due(const Wanted& wanted, int room, TimePoint now);
    [[nodiscard]] bool is_own_trouble(
        const store::Delivery& delivery, const notify::Outcome& outcome
    );
    void retire(const std::string& channel, TimePoint now, Effects& effects);
    void apply(const Effects& effects, TimePoint now);
    [[nodiscard]] store::Settlement decide(
        const store::Delivery& delivery, const notify::Outcome& outcome, TimePoint now
    );
    [[nodiscard]] Result<void> resolve_uncertain(const store::Delivery& delivery, TimePoint now);
    [[nodiscard]] Result<void> fall_back(const store::Delivery& delivery, TimePoint now);
    [[nodiscard]] Result<void> save_younger(DeliveryId id, TimePoint now);
    [[nodiscard]] bool is_due(std::string_view channel, TimePoint now);
    [[nodiscard]] Endpoint& endpoint(std::string_view channel);
    void prepare();

    Context& context_;
    OutboxTimes times_;
    std::map<std::string, Endpoint, std::less<>> endpoints_;
    const config::Settings* prepared_for_ = nullptr;
    const config::Settings* refreshed_for_ = nullptr;
    std::uint64_t rounds_ = 0;
};

} // namespace reviewd::service
