// What is due is found by named indexes: SQLite, left to choose, takes others that make it sort.
//
// An attempt holds its delivery by three things at once: the state, the lease of this process and
// the attempt's number. Whoever misses one of them may record, but not move.
#include "daemon/store/internal/delivery_rows.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/outbox.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>

namespace reviewd::store {
namespace {

constexpr std::size_t reply_bytes_kept = 1024;

/// At most reply_bytes_kept bytes, ending between two characters.
std::string_view cut_reply(std::string_view reply) {
    if (reply.size() <= reply_bytes_kept) {
        return reply;
    }
    std::size_t size = reply_bytes_kept;
    while (size > 0 && (static_cast<unsigned char>(reply[size]) & 0xc0U) == 0x80U) {
        --size;
    }
    return reply.substr(0, size);
}

Error not_held(DeliveryId delivery, int attempt) {
    return fail(
        ErrorCode::conflict,
        fmt::format("attempt {} does not hold delivery {} any more", attempt, delivery.value)
    );
}

Error cannot_be_claimed(Database& database, DeliveryId id, TimePoint now) {
    const Result<Delivery> kept = require_without_message(database, id);
    if (kept.has_error()) {
        return kept.error();
    }
    const bool is_expired = kept->expires_at && *kept->expires_at <= now;
    return fail(
        ErrorCode::conflict,
        fmt::format(
            "delivery {} is {}{} and cannot be sent now",
            id.value,
            name(kept->state),
            is_expired ? ", expired," : ""
        )
    );
}

/// Those that an attempt has, or had, hold of.
std::vector<Delivery> read_under_way(Database& database, DeliveryState state) {
    static const std::string sql = std::string{bare_delivery_columns}
                                   + "INDEXED BY deliveries_under_way WHERE d.state = ?1"
                                     " AND d.state IN ('sending', 'uncertain') ORDER BY d.id";
    std::vector<Delivery> deliveries;
    Query query{database, sql};
    query.bind(name(state));
    while (query.step()) {
        deliveries.push_back(read_delivery(query));
    }
    return deliveries;
}

/// The first channel behind another one in an index.
constexpr std::string_view next_planned_channel =
    "SELECT min(channel) FROM deliveries INDEXED BY deliveries_planned"
    " WHERE state = 'planned' AND channel > ?1";
constexpr std::string_view next_due_channel =
    "SELECT min(channel) FROM deliveries INDEXED BY deliveries_due"
    " WHERE state IN ('ready', 'wait') AND channel > ?1";

/// The distinct channels in an index, each found by one step: never by reading all of it.
std::vector<std::string> read_channels(Database& database, std::string_view next_channel) {
    std::vector<std::string> channels;
    Query query{database, next_channel};
    query.bind("");
    while (query.step() && !query->is_null(0)) {
        channels.push_back(query->text(0));
        query.reset();
        query.bind(channels.back());
    }
    return channels;
}

struct DueRow {
    DeliveryId id;
    TimePoint next_at{};
};

std::vector<DueRow> read_due(
    Database& database, std::string_view channel, DeliveryState state, TimePoint now, int limit
) {
    Query query{
        database,
        "SELECT id, next_at_ms FROM deliveries INDEXED BY deliveries_due"
        " WHERE state = ?4 AND state IN ('ready', 'wait') AND channel = ?3"
        " AND next_at_ms <= ?1 AND (expires_at_ms IS NULL OR expires_at_ms > ?1)"
        " ORDER BY next_at_ms LIMIT ?2"};
    query.bind(now, limit, channel, name(state));
    std::vector<DueRow> rows;
    while (query.step()) {
        rows.push_back({query->id<DeliveryId>(0), query->time(1)});
    }
    return rows;
}

/// One new and one deferred in turn, so that neither a pile of the one nor of the other waits.
void take_in_turn(
    const std::vector<DueRow>& fresh,
    const std::vector<DueRow>& deferred,
    int limit,
    std::vector<DeliveryId>& taken
) {
    for (std::size_t i = 0; i < std::max(fresh.size(), deferred.size()); ++i) {
        for (const std::vector<DueRow>* rows : {&deferred, &fresh}) {
            if (i < rows->size() && static_cast<int>(taken.size()) < limit) {
                taken.push_back((*rows)[i].id);
            }
        }
    }
}

/// Of the query's two columns, each a moment or nothing.
std::optional<TimePoint> earlier_of_two(Query& query) {
    if (!query.step()) {
        return std::nullopt;
    }
    const std::optional<TimePoint> one = query->optional_time(0);
    const std::optional<TimePoint> other = query->optional_time(1);
    return one && other ? std::min(one, other) : (one ? one : other);
}

} // namespace

std::vector<std::string> Outbox::channels() {
    return read_channels(database_, "SELECT min(channel) FROM deliveries WHERE channel > ?1");
}

std::vector<std::string> Outbox::channels_with_plans() {
    return read_channels(database_, next_planned_channel);
}

int Outbox::count_ready(std::string_view channel, int most) {
    Query query{
        database_,
        "SELECT count(*) FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_due"
        " WHERE state = 'ready' AND state IN ('ready', 'wait') AND channel = ?1 LIMIT ?2)"};
    query.bind(channel, most);
    return query.step() ? query->small_integer(0) : 0;
}

int Outbox::count_under_way(DeliveryState state) {
    Query query{
        database_,
        "SELECT count(*) FROM deliveries INDEXED BY deliveries_under_way"
        " WHERE state = ?1 AND state IN ('sending', 'uncertain')"};
    query.bind(name(state));
    return query.step() ? query->small_integer(0) : 0;
}

std::vector<DeliveryId> Outbox::due(TimePoint now, std::string_view channel, int limit) {
    std::vector<DeliveryId> deliveries;
    const std::vector<std::string> channels = channel.empty()
                                                  ? read_channels(database_, next_due_channel)
                                                  : std::vector<std::string>{std::string{channel}};
    for (const std::string& each : channels) {
        take_in_turn(
            read_due(database_, each, DeliveryState::ready, now, limit),
            read_due(database_, each, DeliveryState::wait, now, limit),
            limit,
            deliveries
        );
    }
    return deliveries;
}

Result<Claim> Outbox::claim(Delivery seen, std::vector<Reminder> reminders, TimePoint now) {
    require_transaction(database_);
    // What was seen may have changed since then: the row itself decides.
    const int taken =
        Query{
            database_,
            "UPDATE deliveries SET state = 'sending', phase = 'begin', lease = ?2,"
            " next_at_ms = NULL, last_attempt = last_attempt + 1, attempts = attempts + 1,"
            " changed_ms = ?3 WHERE id = ?1 AND state IN ('ready', 'wait') AND next_at_ms <= ?3"
            " AND (expires_at_ms IS NULL OR expires_at_ms > ?3) AND last_attempt = ?4"}
            .bind(seen.id, database_.instance_id(), now, seen.last_attempt)
            .run();
    if (taken == 0) {
        return cannot_be_claimed(database_, seen.id, now);
    }
    Claim claim;
    claim.attempt = seen.last_attempt + 1;
    Query{
        database_,
        "INSERT INTO delivery_attempts (delivery_id, number, instance_id, phase, started_ms)"
        " VALUES (?1, ?2, ?3, 'begin', ?4)"}
        .bind(seen.id, claim.attempt, database_.instance_id(), now)
        .run();
    claim.delivery = std::move(seen);
    claim.delivery.state = DeliveryState::sending;
    claim.delivery.phase = SendPhase::begin;
    claim.delivery.next_at.reset();
    claim.delivery.last_attempt = claim.attempt;
    ++claim.delivery.attempts;
    claim.delivery.changed = now;
    claim.reminders = std::move(reminders);
    return claim;
}

void Outbox::readdress(DeliveryId delivery, std::string_view address, std::string_view calendar) {
    require_transaction(database_);
    Query{database_, "UPDATE messages SET address = ?2, calendar = ?3 WHERE delivery_id = ?1"}
        .bind(delivery, address, calendar)
        .run();
}

Result<void> Outbox::commit_phase(DeliveryId delivery, int attempt) {
    require_transaction(database_);
    const int moved =
        Query{
            database_,
            "UPDATE deliveries SET phase = 'commit' WHERE id = ?1 AND state = 'sending'"
            " AND phase = 'begin' AND lease = ?2 AND last_attempt = ?3"}
            .bind(delivery, database_.instance_id(), attempt)
            .run();
    if (moved == 0) {
        return not_held(delivery, attempt);
    }
    Query{
        database_,
        "UPDATE delivery_attempts SET phase = 'commit' WHERE delivery_id = ?1 AND number = ?2"}
        .bind(delivery, attempt)
        .run();
    return {};
}

Result<bool> Outbox::settle(
    DeliveryId delivery, int attempt, const Settlement& settlement, TimePoint now
) {
    require_transaction(database_);
    const int recorded =
        Query{
            database_,
            "UPDATE delivery_attempts SET ended_ms = ?3, outcome = ?4, reason = ?5, code = ?6,"
            " enhanced_code = ?7, reply = ?8, retry_after_seconds = ?9 WHERE delivery_id = ?1 AND number = ?2"
            " AND (ended_ms IS NULL OR outcome = 'interrupted')"}
            .bind(
                delivery,
                attempt,
                now,
                settlement.outcome,
                settlement.reason,
                settlement.code,
                settlement.enhanced_code,
                cut_reply(settlement.reply),
                settlement.retry_after
                    ? std::optional<std::int64_t>{settlement.retry_after->count()}
                    : std::nullopt
            )
            .run();
    if (recorded == 0) {
        return fail(
            ErrorCode::not_found,
            fmt::format("delivery {} has no attempt {} under way", delivery.value, attempt)
        );
    }
    if (!may_become(DeliveryState::sending, settlement.next)) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "delivery {} is sending and cannot become {}", delivery.value, name(settlement.next)
            )
        );
    }
    const bool is_to_wait = settlement.next == DeliveryState::wait;
    REVIEWD_ASSERT(!is_to_wait || settlement.next_at.has_value());
    const int moved =
        Query{
            database_,
            "UPDATE deliveries SET state = ?4, phase = NULL, lease = NULL, next_at_ms = ?5,"
            " reason = ?6, changed_ms = ?7, attempts = attempts - ?8"
            " WHERE id = ?1 AND state = 'sending' AND lease = ?2 AND last_attempt = ?3"}
            .bind(
                delivery,
                database_.instance_id(),
                attempt,
                name(settlement.next),
                is_to_wait ? settlement.next_at : std::nullopt,
                settlement.reason,
                now,
                settlement.counts == Settlement::Counts::no ? 1 : 0
            )
            .run();
    return moved == 1;
}

std::vector<Delivery> Outbox::recover(TimePoint now) {
    require_transaction(database_);
    for (const Delivery& delivery : read_under_way(database_, DeliveryState::sending)) {
        const bool may_be_sent = delivery.phase == SendPhase::commit;
        const DeliveryMove move =
            may_be_sent ? DeliveryMove{DeliveryState::uncertain, "interrupted while sending"}
                        : DeliveryMove{DeliveryState::wait, "interrupted", now};
        move_delivery(database_, delivery, move, now).value();
        if (!may_be_sent) {
            // Nothing left this host: the attempt is not burnt.
            Query{database_, "UPDATE deliveries SET attempts = attempts - 1 WHERE id = ?1"}
                .bind(delivery.id)
                .run();
        }
        Query{
            database_,
            "UPDATE delivery_attempts SET ended_ms = ?2, outcome = 'interrupted'"
            " WHERE delivery_id = ?1 AND ended_ms IS NULL"}
            .bind(delivery.id, now)
            .run();
    }
    return read_under_way(database_, DeliveryState::uncertain);
}

Result<void> Outbox::resolve(
    DeliveryId delivery,
    DeliveryState next,
    std::optional<TimePoint> when,
    std::string_view reason,
    TimePoint now
) {
    const Result<Delivery> kept = require_without_message(database_, delivery);
    if (kept.has_error()) {
        return kept.error();
    }
    if (kept->state != DeliveryState::uncertain) {
        return fail(
            ErrorCode::conflict,
            fmt::format("delivery {} is {}, not uncertain", delivery.value, name(kept->state))
        );
    }
    DeliveryMove move{next, reason};
    if (next == DeliveryState::wait) {
        move.next_at = when.value_or(now);
    } else if (next == DeliveryState::held) {
        move.held_until = when;
    }
    return move_delivery(database_, *kept, move, now);
}

std::vector<DeliveryId> Outbox::expiring(TimePoint now, int limit) {
    Query query{
        database_,
        "SELECT id FROM deliveries INDEXED BY deliveries_expiring"
        " WHERE (state IN ('planned', 'held') OR state IN ('ready', 'wait'))"
        " AND expires_at_ms IS NOT NULL AND expires_at_ms <= ?1 ORDER BY expires_at_ms LIMIT ?2"};
    query.bind(now, limit);
    std::vector<DeliveryId> deliveries;
    while (query.step()) {
        deliveries.push_back(query->id<DeliveryId>(0));
    }
    return deliveries;
}

Outbox::TimePassed Outbox::pass_time(TimePoint now, int limit) {
    require_transaction(database_);
    std::vector<DeliveryId> expired = expiring(now, limit);
    for (const DeliveryId id : expired) {
        const Delivery delivery = require_without_message(database_, id).value();
        move_delivery(database_, delivery, {DeliveryState::expired, "expired"}, now).value();
    }
    std::vector<DeliveryId> released;
    {
        Query query{
            database_,
            "SELECT id FROM deliveries INDEXED BY deliveries_held"
            " WHERE state = 'held' AND held_until_ms IS NOT NULL"
            " AND held_until_ms <= ?1 ORDER BY held_until_ms LIMIT ?2"};
        query.bind(now, limit);
        while (query.step()) {
            released.push_back(query->id<DeliveryId>(0));
        }
    }
    for (const DeliveryId id : released) {
        release(id, now).value();
    }
    const auto most = static_cast<std::size_t>(limit);
    const bool is_more = expired.size() == most || released.size() == most;
    return {std::move(expired), is_more};
}

std::vector<Delivery> Outbox::untried(
    TimePoint until, const std::optional<Delivery>& after, int limit
) {
    const std::string sql =
        std::string{bare_delivery_columns}
        + " INDEXED BY deliveries_expiring"
          " WHERE (state IN ('planned', 'held') OR state IN ('ready', 'wait'))"
          " AND expires_at_ms IS NOT NULL AND expires_at_ms <= ?1"
          " AND (expires_at_ms, id) > (?2, ?3)"
          " AND last_attempt = 0 AND (state <> 'held' OR held_until_ms IS NOT NULL)"
          " ORDER BY expires_at_ms, id LIMIT ?4";
    Query query{database_, sql};
    const TimePoint from = after ? after->expires_at.value() : TimePoint::min();
    query.bind(until, from, after ? after->id : DeliveryId{}, limit);
    std::vector<Delivery> found;
    while (query.step()) {
        found.push_back(read_delivery(query));
    }
    return found;
}

void Outbox::prolong(DeliveryId delivery, TimePoint expires_at, TimePoint now) {
    require_transaction(database_);
    Query{
        database_,
        "UPDATE deliveries SET expires_at_ms = ?2, changed_ms = ?3 WHERE id = ?1"
        " AND state IN ('planned', 'held', 'ready', 'wait')"}
        .bind(delivery, expires_at, now)
        .run();
}

std::optional<TimePoint> Outbox::next_due(std::string_view channel) {
    Query query{
        database_,
        "SELECT (SELECT min(next_at_ms) FROM deliveries INDEXED BY deliveries_due"
        " WHERE state = 'ready' AND state IN ('ready', 'wait') AND channel = ?1),"
        " (SELECT min(next_at_ms) FROM deliveries INDEXED BY deliveries_due"
        " WHERE state = 'wait' AND state IN ('ready', 'wait') AND channel = ?1)"};
    query.bind(channel);
    return earlier_of_two(query);
}

std::optional<TimePoint> Outbox::next_housekeeping() {
    Query query{
        database_,
        "SELECT (SELECT min(held_until_ms) FROM deliveries INDEXED BY deliveries_held"
        " WHERE state = 'held' AND held_until_ms IS NOT NULL),"
        " (SELECT min(expires_at_ms) FROM deliveries INDEXED BY deliveries_expiring"
        " WHERE (state IN ('planned', 'held') OR state IN ('ready', 'wait'))"
        " AND expires_at_ms IS NOT NULL)"};
    return earlier_of_two(query);
}

std::optional<TimePoint> Outbox::next_planned(std::string_view channel) {
    Query query{
        database_,
        "SELECT min(not_before_ms) FROM deliveries INDEXED BY deliveries_planned"
        " WHERE state = 'planned' AND channel = ?1"};
    query.bind(channel);
    return query.step() ? query->optional_time(0) : std::nullopt;
}

std::vector<Outbox::Receipt> Outbox::accepted_since(TimePoint since) {
    Query query{
        database_,
        "SELECT person_id, channel, changed_ms FROM deliveries INDEXED BY deliveries_accepted"
        " WHERE state = 'accepted' AND changed_ms > ?1 ORDER BY changed_ms"};
    query.bind(since);
    std::vector<Receipt> receipts;
    while (query.step()) {
        receipts.push_back({query->id<PersonId>(0), query->text(1), query->time(2)});
    }
    return receipts;
}

int Outbox::count_uncertain(DeliveryId delivery) {
    Query query{
        database_,
        "SELECT count(*) FROM delivery_attempts WHERE delivery_id = ?1 AND phase = 'commit'"
        " AND outcome IN ('uncertain', 'interrupted')"};
    query.bind(delivery);
    return query.step() ? query->small_integer(0) : 0;
}

std::optional<Delivery> Outbox::find_without_message(DeliveryId id) {
    Result<Delivery> delivery = require_without_message(database_, id);
    return delivery.has_value() ? std::optional{*std::move(delivery)} : std::nullopt;
}

std::vector<DeliveryId> Outbox::newest_accepted(
    PersonId person, std::string_view channel, Seen which, int limit
) {
    Query query{
        database_,
        "SELECT id FROM deliveries AS d"
        " WHERE person_id = ?1 AND channel = ?2 AND state = 'accepted'"
        " AND (?3 OR NOT EXISTS (SELECT 1 FROM inbox_reads AS r WHERE r.delivery_id = d.id))"
        " ORDER BY id DESC LIMIT ?4"};
    query.bind(person.value, channel, which == Seen::all ? 1 : 0, limit);
    std::vector<DeliveryId> deliveries;
    while (query.step()) {
        deliveries.push_back(query->id<DeliveryId>(0));
    }
    return deliveries;
}

void Outbox::mark_read(DeliveryId delivery, TimePoint now) {
    require_transaction(database_);
    Query{
        database_,
        "INSERT INTO inbox_reads (delivery_id, read_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING"}
        .bind(delivery, now)
        .run();
}

bool Outbox::is_read(DeliveryId delivery) {
    Query query{database_, "SELECT 1 FROM inbox_reads WHERE delivery_id = ?1"};
    query.bind(delivery);
    return query.step();
}

} // namespace reviewd::store
