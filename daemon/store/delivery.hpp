#pragma once

#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// The states of a delivery: one recipient, one channel, one message that may carry several
/// reminders.
///
/// planned → ready (frozen), held, cancelled, expired · held → planned, ready, cancelled, expired ·
/// ready → sending, held, planned (unfrozen), cancelled, superseded, expired ·
/// sending → accepted, wait, failed, uncertain · wait → sending, held, expired, cancelled, failed ·
/// uncertain → wait, held, accepted, failed · the others are final (a requeue makes a new delivery)
enum class DeliveryState {
    planned,
    held,
    ready,
    sending,
    wait,
    uncertain,
    accepted,
    failed,
    expired,
    cancelled,
    superseded,
};

/// Of an attempt under way: `commit` is the point of no return.
enum class SendPhase { begin, commit };

[[nodiscard]] std::string_view name(DeliveryState state) noexcept;
[[nodiscard]] std::string_view name(SendPhase phase) noexcept;
[[nodiscard]] std::optional<DeliveryState> find_delivery_state(std::string_view name) noexcept;
[[nodiscard]] bool is_final(DeliveryState state) noexcept;
/// Whether the table above allows it.
[[nodiscard]] bool may_become(DeliveryState from, DeliveryState to) noexcept;

/// What makes a reminder the same reminder, for ever.
struct ReminderKey {
    ReviewId review;
    int occurrence = 1;
    std::string step; ///< review::name of one
    int repeat = 0;   ///< of that step, from 0
    PersonId person;
    std::string channel;

    friend bool operator==(const ReminderKey&, const ReminderKey&) = default;
};

/// "12/1/overdue/2/5/mail": unique and permanent.
[[nodiscard]] std::string to_string(const ReminderKey& key);

struct Reminder {
    ReminderId id;
    ReminderKey key;
    Date day{}; ///< the civil day of the step
    DeliveryId delivery;
    bool is_cancelled = false; ///< a cancelled one revives when it is planned again
};

/// A link of a frozen message: what it lets its holder do. The message holds `placeholder` in its
/// place; whoever claims it puts in the signed link, so that the database holds none that works.
struct LinkGrant {
    std::string placeholder; ///< random, stands nowhere else
    std::string purpose;     ///< "answer", "calendar"
    ReviewId review;
    int review_version = 0;
    int occurrence = 0;
    PersonId person;
    TimePoint expires{};
    friend bool operator==(const LinkGrant&, const LinkGrant&) = default;
};

/// The bytes of a message, rendered once.
struct FrozenMessage {
    std::string address; ///< as the channel needs it
    std::string recipient_name;
    std::string language;
    std::string subject;
    std::string text;
    std::string html;       ///< empty: none
    std::string payload;    ///< JSON object
    std::string message_id; ///< RFC 5322, with angle brackets
    std::string thread_id;  ///< likewise, or empty
    TimePoint date{};
    std::string calendar{}; ///< iCalendar text; empty: none
    std::vector<LinkGrant> links{};
};

struct Delivery {
    DeliveryId id;
    std::string key; ///< unique, [a-z0-9-]: what peers deduplicate by, so the same for ever; when
                     ///< another delivery stands in for this one, it goes over to that
    std::string channel;
    PersonId person;
    DeliveryState state = DeliveryState::planned;
    std::optional<SendPhase> phase; ///< sending only
    TimePoint not_before{};
    std::optional<TimePoint> expires_at;
    std::optional<TimePoint> next_at;    ///< ready and wait: when it may be claimed
    std::optional<TimePoint> held_until; ///< held; absent: until somebody releases it
    std::string reason;                  ///< of the last change: "quiet hours", "deferred", …
    int attempts = 0;     ///< that count; one that found the channel misconfigured does not
    int last_attempt = 0; ///< number of the newest one in the history, whether it counts or not
    int uncertain = 0;    ///< attempts after which nobody knew whether it was taken; lists only
    TimePoint created{};
    TimePoint changed{};
    DeliveryId requeued_from;             ///< the failed one it stands in for
    std::string kind = "digest";          ///< "digest" and "now" carry reminders; others `content`
    std::string content;                  ///< JSON that the message is made from; of some kinds
    std::string digest;                   ///< day of the morning it belongs to; empty: none
    std::optional<FrozenMessage> message; ///< from ready on

    /// Until somebody releases it, which no clock does.
    [[nodiscard]] bool is_held_by_hand() const {
        return state == DeliveryState::held && !held_until;
    }
};

/// One try, as it went.
struct DeliveryAttempt {
    int number = 0;
    SendPhase phase = SendPhase::begin;
    TimePoint started{};
    std::optional<TimePoint> ended;
    std::string outcome; ///< a Verdict's name; empty: not ended
    std::string reason;  ///< a Reason's name
    int code = 0;
    std::string enhanced_code;
    std::string reply; ///< at most 1 KiB
};

/// How many deliveries of a channel are in a state; never 0.
struct DeliveryCount {
    std::string channel;
    DeliveryState state = DeliveryState::planned;
    std::int64_t deliveries = 0;
};

} // namespace reviewd::store
