// Digests of several days become one, so that nobody gets a pile after a quiet time or an outage;
// and messages that carry no reminder.
#include "daemon/store/internal/delivery_rows.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/outbox.hpp"

#include <fmt/core.h>

#include <string>
#include <vector>

namespace reviewd::store {
namespace {

/// Unless it would end before its first try.
void end_no_later(Database& database, DeliveryId delivery, TimePoint expires_at) {
    Query{
        database,
        "UPDATE deliveries SET expires_at_ms = ifnull(min(expires_at_ms, ?2), ?2)"
        " WHERE id = ?1 AND not_before_ms < ?2"}
        .bind(delivery, expires_at)
        .run();
}

void join(Database& database, const Delivery& from, DeliveryId into, TimePoint now) {
    Query{
        database,
        "UPDATE reminders SET delivery_id = ?2 WHERE delivery_id = ?1 AND is_cancelled = 0"}
        .bind(from.id, into)
        .run();
    // A channel that stays silent is given up as early as if nothing had joined; but time that
    // passed, or will pass, while nobody tries is not the channel's silence.
    if (from.expires_at && *from.expires_at > now) {
        end_no_later(database, into, *from.expires_at);
    }
    const DeliveryState end =
        from.state == DeliveryState::ready ? DeliveryState::superseded : DeliveryState::cancelled;
    const std::string reason = fmt::format("joined delivery {}", into.value);
    move_delivery(database, from, {.to = end, .reason = reason}, now).value();
}

} // namespace

bool is_surely_unread(Database& database, DeliveryId delivery) {
    // A peer that refused what it had in whole has kept none of it, by mail and by HTTP. Of a web
    // server that broke down at it (500), or of a gateway in front of one, nobody knows.
    Query query{
        database,
        "WITH RECURSIVE same_key (id) AS (SELECT ?1 UNION ALL SELECT d.requeued_from FROM same_key"
        " JOIN deliveries AS d ON d.id = same_key.id WHERE d.requeued_from IS NOT NULL)"
        " SELECT 1 FROM same_key JOIN delivery_attempts AS a ON a.delivery_id = same_key.id"
        " WHERE a.phase = 'commit' AND NOT (a.outcome IN ('temporary', 'misconfigured', 'permanent')"
        " AND a.retry_after_seconds IS NULL AND a.code BETWEEN 400 AND 599"
        " AND a.code NOT IN (500, 502, 504)) LIMIT 1"};
    query.bind(delivery);
    return !query.step();
}

bool Outbox::is_unread(DeliveryId delivery) {
    return is_surely_unread(database_, delivery);
}

void plan_anew(Database& database, const Delivery& delivery, TimePoint now) {
    const bool is_held = delivery.state == DeliveryState::held;
    const bool is_held_by_hand = delivery.is_held_by_hand();
    DeliveryPlan plan;
    plan.channel = delivery.channel;
    plan.person = delivery.person;
    plan.kind = delivery.kind;
    // What a person holds back joins nothing, or that would be held, too.
    plan.digest = is_held_by_hand ? std::string{} : delivery.digest;
    // No sooner than it would have been tried.
    plan.not_before =
        (is_held ? delivery.held_until : delivery.next_at).value_or(delivery.not_before);
    plan.expires_at = delivery.expires_at;
    const DeliveryId into = find_or_make_delivery(database, plan, now);
    join(database, delivery, into, now);
    if (is_held_by_hand) {
        const Delivery made = require_delivery(database, into).value();
        move_delivery(database, made, {.to = DeliveryState::held, .reason = delivery.reason}, now)
            .value();
    }
}

DeliveryId find_or_make_delivery(Database& database, const DeliveryPlan& plan, TimePoint now) {
    if (!plan.digest.empty()) {
        Query open{
            database,
            "SELECT id FROM deliveries WHERE person_id = ?1 AND channel = ?2 AND digest = ?3"
            " AND state = 'planned' AND digest <> ''"};
        open.bind(plan.person.value, plan.channel, plan.digest);
        if (open.step()) {
            const auto id = open->id<DeliveryId>(0);
            Query{
                database,
                "UPDATE deliveries SET not_before_ms = min(not_before_ms, ?2), changed_ms = ?3"
                " WHERE id = ?1"}
                .bind(id, plan.not_before, now)
                .run();
            return id;
        }
    }
    Query insert{
        database,
        "INSERT INTO deliveries (key, channel, person_id, digest, state, not_before_ms,"
        " expires_at_ms, created_ms, changed_ms, kind) VALUES (lower(hex(randomblob(16))), ?1, ?2,"
        " ?3, 'planned', ?4, ?5, ?6, ?6, ?7)"};
    insert.bind(
        plan.channel,
        plan.person.value,
        plan.digest,
        plan.not_before,
        plan.expires_at,
        now,
        plan.kind
    );
    return DeliveryId{insert.insert()};
}

std::optional<DeliveryId> Outbox::plan_notice(const NoticePlan& plan, TimePoint now) {
    require_transaction(database_);
    Query insert{
        database_,
        "INSERT INTO deliveries (key, channel, person_id, digest, state, not_before_ms,"
        " expires_at_ms, created_ms, changed_ms, kind, dedupe, content)"
        " VALUES (lower(hex(randomblob(16))), ?1, ?2, '', 'planned', ?3, ?4, ?5, ?5, ?6, ?7, ?8)"
        " ON CONFLICT (dedupe) WHERE dedupe IS NOT NULL DO NOTHING"};
    insert.bind(
        plan.channel,
        plan.person.value,
        plan.not_before,
        plan.expires_at,
        now,
        plan.kind,
        plan.dedupe,
        plan.content
    );
    const DeliveryId made{insert.insert()};
    return made ? std::optional{made} : std::nullopt;
}

int Outbox::cancel_notices(std::string_view dedupe, std::string_view reason, TimePoint now) {
    require_transaction(database_);
    std::vector<DeliveryId> waiting;
    {
        Query query{
            database_,
            "SELECT id FROM deliveries WHERE dedupe IS NOT NULL"
            " AND dedupe >= ?1 AND dedupe < ?1 || char(0x10ffff)"
            " AND (state IN ('planned', 'held') OR state IN ('ready', 'wait'))"};
        query.bind(dedupe);
        while (query.step()) {
            waiting.push_back(query->id<DeliveryId>(0));
        }
    }
    for (const DeliveryId id : waiting) {
        cancel(id, reason, now).value();
    }
    return static_cast<int>(waiting.size());
}

bool Outbox::plan_elsewhere(
    const Delivery& notice, std::string_view channel, TimePoint expires_at, TimePoint now
) {
    require_transaction(database_);
    // What makes a notice the same for ever ends in its channel.
    Query query{
        database_,
        "INSERT INTO deliveries (key, channel, person_id, digest, state, not_before_ms,"
        " expires_at_ms, created_ms, changed_ms, kind, dedupe, content)"
        " SELECT lower(hex(randomblob(16))), ?2, person_id, '', 'planned', ?4, ?3, ?4, ?4, kind,"
        " substr(dedupe, 1, length(dedupe) - length(channel)) || ?2, content FROM deliveries"
        " WHERE id = ?1 AND dedupe IS NOT NULL"
        " ON CONFLICT (dedupe) WHERE dedupe IS NOT NULL DO NOTHING"};
    return query.bind(notice.id, channel, expires_at, now).run() > 0;
}

std::vector<Outbox::PlannedMoment> Outbox::planned_after(TimePoint now) {
    std::vector<PlannedMoment> planned;
    Query query{
        database_,
        "SELECT id, person_id, not_before_ms FROM deliveries INDEXED BY deliveries_planned"
        " WHERE state = 'planned' AND not_before_ms > ?1"};
    query.bind(now);
    while (query.step()) {
        planned.push_back({query->id<DeliveryId>(0), query->id<PersonId>(1), query->time(2)});
    }
    return planned;
}

bool Outbox::move_planned(DeliveryId delivery, TimePoint not_before, TimePoint now) {
    require_transaction(database_);
    return Query{
               database_,
               "UPDATE deliveries SET expires_at_ms = expires_at_ms + (?2 - not_before_ms),"
               " not_before_ms = ?2, changed_ms = ?3 WHERE id = ?1 AND state = 'planned'"}
               .bind(delivery, not_before, now)
               .run()
           > 0;
}

int Outbox::join_earlier(DeliveryId into, TimePoint now) {
    require_transaction(database_);
    std::vector<DeliveryId> earlier;
    {
        Query query{
            database_,
            "SELECT o.id FROM deliveries AS d JOIN deliveries AS o INDEXED BY"
            " deliveries_open_of_person ON o.person_id = d.person_id AND o.channel = d.channel"
            " AND (o.state IN ('planned', 'held') OR o.state IN ('ready', 'wait')) AND o.digest <> ''"
            " WHERE d.id = ?1 AND o.id <> d.id AND o.kind = 'digest' AND o.digest < d.digest"
            " AND (o.state <> 'held' OR o.held_until_ms IS NOT NULL) ORDER BY o.id"};
        query.bind(into);
        while (query.step()) {
            earlier.push_back(query->id<DeliveryId>(0));
        }
    }
    int joined = 0;
    for (const DeliveryId id : earlier) {
        if (is_surely_unread(database_, id)) {
            join(database_, require_delivery(database_, id).value(), into, now);
            ++joined;
        }
    }
    return joined;
}

std::optional<DeliveryId> Outbox::plan_apart(
    const Delivery& from,
    const std::vector<ReminderId>& reminders,
    TimePoint expires_at,
    TimePoint now
) {
    require_transaction(database_);
    if (!is_surely_unread(database_, from.id)) {
        return std::nullopt;
    }
    DeliveryPlan plan;
    plan.channel = from.channel;
    plan.person = from.person;
    plan.digest = from.state == DeliveryState::planned ? std::string{} : from.digest;
    plan.not_before = now;
    plan.expires_at = expires_at;
    const DeliveryId into = find_or_make_delivery(database_, plan, now);
    for (const ReminderId reminder : reminders) {
        Query{database_, "UPDATE reminders SET delivery_id = ?2 WHERE id = ?1"}
            .bind(reminder, into)
            .run();
    }
    end_no_later(database_, into, expires_at);
    return into;
}

std::optional<DeliveryId> Outbox::renew(
    DeliveryId delivery, const DeliveryPlan& plan, TimePoint now
) {
    require_transaction(database_);
    if (!is_surely_unread(database_, delivery)) {
        return std::nullopt;
    }
    const DeliveryId into = find_or_make_delivery(database_, plan, now);
    if (into != delivery) {
        join(database_, require_delivery(database_, delivery).value(), into, now);
    }
    return into;
}

} // namespace reviewd::store
