#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/delivery.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// What is to be delivered, without its text.
struct DeliveryPlan {
    std::string channel{};
    PersonId person{};
    /// Reminders with the same one, for the same person and channel, join one message as long as it
    /// is not frozen: "2026-11-20" for a morning's digest. Empty: a message of its own.
    std::string digest{};
    TimePoint not_before{};
    std::optional<TimePoint> expires_at{};
    std::string kind = "digest"; ///< "now": reminders that do not wait for the morning
};

/// A message that carries no reminder: a report, an event, an invitation, a notice.
struct NoticePlan {
    std::string kind;    ///< "week", "event", "invitation", "notice", "operator"
    std::string dedupe;  ///< the same one is planned once, for ever
    std::string content; ///< JSON that the message is made from
    std::string channel;
    PersonId person; ///< none: a system
    TimePoint not_before{};
    std::optional<TimePoint> expires_at{};
};

struct ReminderPlan {
    ReminderKey key; ///< its person and channel are those of the DeliveryPlan
    Date day{};
};

/// A claimed delivery, to be sent now.
struct Claim {
    Delivery delivery; ///< in state sending, with its message
    int attempt = 0;   ///< number of the attempt in the history
    std::vector<Reminder> reminders;
};

/// How an attempt ended, decided by the caller.
struct Settlement {
    DeliveryState next = DeliveryState::accepted;       ///< accepted, wait, failed or uncertain
    std::optional<TimePoint> next_at{};                 ///< wait: when to try again
    enum class Counts { yes, no } counts = Counts::yes; ///< no: the attempt is not burnt
    std::string outcome{};                              ///< for the history: the verdict's name
    std::string reason{};
    int code = 0;
    std::string enhanced_code{};
    std::string reply{};                               ///< cut to 1 KiB here
    std::optional<std::chrono::seconds> retry_after{}; ///< as the peer asked
};

struct DeliveryFilter {
    std::optional<DeliveryState> state{};
    std::optional<std::string> channel{};
    std::optional<PersonId> person{};
    std::optional<ReviewId> review{};
    DeliveryId after{};
    int limit = 100;
};

/// The outbox: the only way from a decision to the network. Every member that writes is one step of
/// the state machine, meant for a transaction of its own or one that it must be atomic with.
class Outbox {
public:
    explicit Outbox(Database& database) : database_(database) {}

    // ---- planning, with the change it belongs to, in one transaction ---------------------------

    /// Puts reminders into a delivery. A reminder whose key exists is left alone, unless it was
    /// cancelled: then it revives.
    /// @returns the delivery they went into, or nothing when all of them existed
    std::optional<DeliveryId> plan(
        const DeliveryPlan& plan, std::span<const ReminderPlan> reminders, TimePoint now
    );

    /// @returns the delivery, or nothing when it was planned before
    std::optional<DeliveryId> plan_notice(const NoticePlan& plan, TimePoint now);
    /// Cancels the notices that wait, and whose `dedupe` begins so. @returns how many
    int cancel_notices(std::string_view dedupe, std::string_view reason, TimePoint now);
    /// Plans what a given up notice said over another channel, unless it is planned there already.
    /// @returns whether it is planned now, and was not before
    bool plan_elsewhere(
        const Delivery& notice, std::string_view channel, TimePoint expires_at, TimePoint now
    );

    /// Moves the reminders of earlier days' digests for the same person and channel into `into`,
    /// unless somebody holds them back or a try went past its point of no return.
    /// @returns how many digests joined it
    int join_earlier(DeliveryId into, TimePoint now);
    /// A digest of an earlier day that nobody has received becomes part of another day's.
    /// @returns the delivery that it is part of now; nothing when a try went past
    /// its point of no return
    std::optional<DeliveryId> renew(DeliveryId delivery, const DeliveryPlan& plan, TimePoint now);

    /// Puts some reminders of a digest into one of their own, unless a receiver may have seen it.
    /// @returns the delivery that they are part of then
    std::optional<DeliveryId> plan_apart(
        const Delivery& from,
        const std::vector<ReminderId>& reminders,
        TimePoint expires_at,
        TimePoint now
    );

    /// Cancels what is not under way of a review's reminders (done, moved, reassigned): deliveries
    /// left without a reminder become cancelled (a frozen one superseded, if `ending` says so),
    /// frozen ones that keep others are planned anew, unless a receiver may have seen them.
    /// @returns how many reminders were cancelled
    enum class Ending { cancelled, superseded };
    int cancel_review(ReviewId review, Ending ending, std::string_view reason, TimePoint now);

    struct PlannedMoment {
        DeliveryId id;
        PersonId person;
        TimePoint not_before{};
    };
    /// What is planned for later than `now`, and not frozen yet.
    [[nodiscard]] std::vector<PlannedMoment> planned_after(TimePoint now);

    /// Another moment for what is planned and not frozen yet; what ends some time later moves
    /// along.
    /// @returns whether it was such a delivery
    bool move_planned(DeliveryId delivery, TimePoint not_before, TimePoint now);

    // ---- freezing ------------------------------------------------------------------------------

    /// Planned deliveries of a channel whose time has come, earliest first.
    [[nodiscard]] std::vector<Delivery> due_for_freezing(
        TimePoint now, std::string_view channel, int limit
    );
    /// Channels that there ever was a delivery for.
    [[nodiscard]] std::vector<std::string> channels();
    /// Channels that have something planned.
    [[nodiscard]] std::vector<std::string> channels_with_plans();
    /// Frozen deliveries of a channel that nobody has tried yet; counts no further than `most`.
    [[nodiscard]] int count_ready(std::string_view channel, int most);
    /// How many are in a state of those under way: `sending` or `uncertain`.
    [[nodiscard]] int count_under_way(DeliveryState state);
    /// The reminders of a delivery that were not cancelled, in order of their making.
    [[nodiscard]] std::vector<Reminder> reminders(DeliveryId delivery);
    /// The same of one occurrence of a review, delivery by delivery, whatever became of these; of
    /// promises those of every occurrence, since a promise stays the same.
    [[nodiscard]] std::vector<Reminder> reminders_of(ReviewId review, int occurrence);
    /// Keeps the bytes for ever: planned → ready.
    /// @errors `conflict` when it is not planned any more
    [[nodiscard]] Result<void> freeze(
        DeliveryId delivery, const FrozenMessage& message, std::string_view reason, TimePoint now
    );

    /// Ends what cannot be addressed, so that another channel may take over: planned, ready or wait
    /// → expired.
    /// @errors `not_found`, `conflict`
    [[nodiscard]] Result<void> give_up(DeliveryId delivery, std::string_view reason, TimePoint now);

    // ---- sending -------------------------------------------------------------------------------

    /// Deliveries that may be claimed now: new ones and deferred ones in turn, each by next_at;
    /// `channel` empty: of all channels.
    [[nodiscard]] std::vector<DeliveryId> due(TimePoint now, std::string_view channel, int limit);
    /// ready or wait → sending/begin, with an attempt line. Commit before the first byte.
    /// @param seen as it was read before, with its message and its reminders; it does not matter
    /// how long ago
    /// @errors `not_found`; `conflict` when it may not be claimed (state, next_at, expired)
    [[nodiscard]] Result<Claim> claim(
        Delivery seen, std::vector<Reminder> reminders, TimePoint now
    );
    /// Another address for a frozen message, and a calendar that names it; what is under way has
    /// its own already.
    void readdress(DeliveryId delivery, std::string_view address, std::string_view calendar);
    /// sending/begin → sending/commit: the point of no return. Commit before the final bytes.
    /// @errors `conflict` when this attempt does not hold the delivery any more
    [[nodiscard]] Result<void> commit_phase(DeliveryId delivery, int attempt);
    /// Records how the attempt ended, and moves on. A late result of an attempt that does not hold
    /// the delivery any more is kept in the history only.
    /// @returns whether it moved the delivery
    [[nodiscard]] Result<bool> settle(
        DeliveryId delivery, int attempt, const Settlement& settlement, TimePoint now
    );

    // ---- recovery and what time does -----------------------------------------------------------

    /// At start, before anything is claimed: attempts of earlier instances end. begin → wait (now);
    /// commit → uncertain.
    /// @returns the uncertain ones, for the channel's policy (resolve)
    [[nodiscard]] std::vector<Delivery> recover(TimePoint now);
    /// uncertain → wait (next_at = when), held, accepted or failed.
    /// @errors `conflict` when it is not uncertain
    [[nodiscard]] Result<void> resolve(
        DeliveryId delivery,
        DeliveryState next,
        std::optional<TimePoint> when,
        std::string_view reason,
        TimePoint now
    );
    /// What pass_time is about to end, the longest overdue first.
    [[nodiscard]] std::vector<DeliveryId> expiring(TimePoint now, int limit);
    /// Ends what is past its expires_at (not what is under way), releases what is past held_until:
    /// at most `limit` of either.
    struct TimePassed {
        std::vector<DeliveryId> expired;
        bool is_more = false; ///< perhaps; nothing is left where it is false
    };
    [[nodiscard]] TimePassed pass_time(TimePoint now, int limit);
    /// What waits, was never tried and expires until then, the soonest first, from behind one of
    /// them on; not what a person holds back.
    [[nodiscard]] std::vector<Delivery> untried(
        TimePoint until, const std::optional<Delivery>& after, int limit
    );
    /// Gives a delivery that waits another end.
    void prolong(DeliveryId delivery, TimePoint expires_at, TimePoint now);
    /// The earliest moment at which expiring or releasing has something to do.
    [[nodiscard]] std::optional<TimePoint> next_housekeeping();
    /// The earliest moment at which a channel's plans are due for freezing.
    [[nodiscard]] std::optional<TimePoint> next_planned(std::string_view channel);
    /// The earliest moment at which a channel's deliveries may be claimed.
    [[nodiscard]] std::optional<TimePoint> next_due(std::string_view channel);
    /// Recipients of what was accepted since then, oldest first.
    struct Receipt {
        PersonId person;
        std::string channel;
        TimePoint at{};
    };
    [[nodiscard]] std::vector<Receipt> accepted_since(TimePoint since);
    /// Whether surely nobody has received any of it.
    [[nodiscard]] bool is_unread(DeliveryId delivery);
    /// Tries of a delivery that went past the point of no return without an answer.
    [[nodiscard]] int count_uncertain(DeliveryId delivery);

    // ---- people --------------------------------------------------------------------------------

    [[nodiscard]] std::optional<Delivery> find(DeliveryId id);
    /// The same without the message's bytes.
    [[nodiscard]] std::optional<Delivery> find_without_message(DeliveryId id);
    /// What a person got over a channel, newest first; of an inbox perhaps only what was not seen.
    enum class Seen { all, unread };
    [[nodiscard]] std::vector<DeliveryId> newest_accepted(
        PersonId person, std::string_view channel, Seen which, int limit
    );
    /// Marks a message of an inbox as seen; once is enough.
    void mark_read(DeliveryId delivery, TimePoint now);
    [[nodiscard]] bool is_read(DeliveryId delivery);
    /// Without the texts of messages; ascending by id.
    [[nodiscard]] std::vector<Delivery> list(const DeliveryFilter& filter);
    [[nodiscard]] std::vector<DeliveryAttempt> attempts(DeliveryId delivery);

    /// planned, ready or wait → held. @errors `not_found`, `conflict`
    [[nodiscard]] Result<void> hold(
        DeliveryId delivery, std::string_view reason, std::optional<TimePoint> until, TimePoint now
    );
    /// held → ready (or planned, if never frozen), due now. @errors as hold
    [[nodiscard]] Result<void> release(DeliveryId delivery, TimePoint now);
    /// wait → due now; failed or expired → a new delivery with the same key, message and reminders.
    /// @returns the delivery that will be sent
    /// @errors as hold
    [[nodiscard]] Result<DeliveryId> retry(
        DeliveryId delivery, std::optional<TimePoint> expires_at, TimePoint now
    );
    /// What waits on the channel because its last try found that misconfigured is due now; what
    /// the receiver deferred keeps its moment.
    void hurry_misconfigured(std::string_view channel, TimePoint now);
    /// → cancelled, with its reminders, unless it is under way or final. @errors as hold
    [[nodiscard]] Result<void> cancel(DeliveryId delivery, std::string_view reason, TimePoint now);

private:
    Database& database_;
};

} // namespace reviewd::store
