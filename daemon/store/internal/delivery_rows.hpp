#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/delivery.hpp"
#include "daemon/store/internal/statement.hpp"
#include "daemon/store/outbox.hpp"
#include "scoring/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// `SELECT … FROM deliveries AS d LEFT JOIN messages AS m …`, in the order read_delivery expects.
extern const std::string_view delivery_columns;
/// The same without the message's bytes: a message that cannot be read is in nobody's way.
extern const std::string_view bare_delivery_columns;

/// Begins a statement that goes through the channels there are, channels(name), one after the
/// other: an index that begins with the channel has each many times. The last row is NULL.
inline constexpr std::string_view every_channel =
    "WITH RECURSIVE channels(name) AS (SELECT min(channel) FROM deliveries UNION ALL"
    " SELECT (SELECT min(channel) FROM deliveries WHERE channel > name) FROM channels"
    " WHERE name IS NOT NULL) ";

/// As the column `links` of a message holds them.
[[nodiscard]] std::string grants_text(const std::vector<LinkGrant>& grants);

[[nodiscard]] Delivery read_delivery(const Query& query);

/// One move of the state machine.
struct DeliveryMove {
    DeliveryState to = DeliveryState::planned;
    std::string_view reason;
    std::optional<TimePoint> next_at{};    ///< ready, wait
    std::optional<TimePoint> held_until{}; ///< held
};

/// Makes the move. @errors `conflict` when the state machine has no such move
[[nodiscard]] Result<void> move_delivery(
    Database& database, const Delivery& delivery, const DeliveryMove& move, TimePoint now
);

/// @errors `not_found`
[[nodiscard]] Result<Delivery> require_delivery(Database& database, DeliveryId id);
/// The same without its message. @errors `not_found`
[[nodiscard]] Result<Delivery> require_without_message(Database& database, DeliveryId id);

/// Whether its message is kept, without reading it.
[[nodiscard]] bool is_frozen(Database& database, DeliveryId id);

/// Takes back the frozen text. @pre no attempt was made
void unfreeze(Database& database, const Delivery& delivery, TimePoint now);

/// Whether no receiver has seen any of it: no try under its key went past the point of no return
/// but those that the peer refused, nor one of the delivery that a person sends again with it. What
/// a peer asked to have again at some time keeps its id and that time.
[[nodiscard]] bool is_surely_unread(Database& database, DeliveryId delivery);

/// Puts its reminders into another delivery, which is composed when the next try is due: what was
/// tried under an id never changes. @pre is_surely_unread; held, ready or wait
void plan_anew(Database& database, const Delivery& delivery, TimePoint now);

/// The delivery that still collects the plan's digest, or a new one.
[[nodiscard]] DeliveryId find_or_make_delivery(
    Database& database, const DeliveryPlan& plan, TimePoint now
);

} // namespace reviewd::store
