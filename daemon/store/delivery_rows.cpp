#include "daemon/store/internal/delivery_rows.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "scoring/base/assert.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

namespace reviewd::store {

const std::string_view delivery_columns =
    "SELECT d.id, d.key, d.channel, d.person_id, d.state, d.phase, d.not_before_ms,"
    " d.expires_at_ms, d.next_at_ms, d.held_until_ms, d.reason, d.attempts, d.created_ms,"
    " d.changed_ms, d.requeued_from, d.kind, d.content, d.digest, d.last_attempt, m.address,"
    " m.recipient_name, m.language, m.subject,"
    " m.body_text, m.html, m.payload, m.message_id, m.thread_id, m.date_ms,"
    " m.calendar, m.links"
    " FROM deliveries AS d LEFT JOIN messages AS m ON m.delivery_id = d.id ";

const std::string_view bare_delivery_columns =
    "SELECT d.id, d.key, d.channel, d.person_id, d.state, d.phase, d.not_before_ms,"
    " d.expires_at_ms, d.next_at_ms, d.held_until_ms, d.reason, d.attempts, d.created_ms,"
    " d.changed_ms, d.requeued_from, d.kind, d.content, d.digest, d.last_attempt, NULL"
    " FROM deliveries AS d ";

namespace {

namespace json = boost::json;

std::vector<LinkGrant> read_grants(std::string_view text) {
    std::vector<LinkGrant> grants;
    const json::value list = json::parse(text);
    for (const json::value& each : list.as_array()) {
        LinkGrant grant;
        grant.placeholder = json::value_to<std::string>(each.at("placeholder"));
        grant.purpose = json::value_to<std::string>(each.at("purpose"));
        grant.review = ReviewId{each.at("review").as_int64()};
        grant.review_version = static_cast<int>(each.at("version").as_int64());
        grant.occurrence = static_cast<int>(each.at("occurrence").as_int64());
        grant.person = PersonId{each.at("person").as_int64()};
        grant.expires = TimePoint{std::chrono::milliseconds{each.at("expires_ms").as_int64()}};
        grants.push_back(std::move(grant));
    }
    return grants;
}

} // namespace

std::string grants_text(const std::vector<LinkGrant>& grants) {
    json::array list;
    for (const LinkGrant& grant : grants) {
        list.push_back(json::object{
            {"placeholder", grant.placeholder},
            {"purpose", grant.purpose},
            {"review", grant.review.value},
            {"version", grant.review_version},
            {"occurrence", grant.occurrence},
            {"person", grant.person.value},
            {"expires_ms", grant.expires.time_since_epoch().count()},
        });
    }
    return json::serialize(list);
}

Delivery read_delivery(const Query& query) {
    Delivery delivery;
    delivery.id = query->id<DeliveryId>(0);
    delivery.key = query->text(1);
    delivery.channel = query->text(2);
    delivery.person = query->id<PersonId>(3);
    delivery.state = find_delivery_state(query->text_view(4)).value();
    if (!query->is_null(5)) {
        delivery.phase =
            query->text_view(5) == name(SendPhase::begin) ? SendPhase::begin : SendPhase::commit;
    }
    delivery.not_before = query->time(6);
    delivery.expires_at = query->optional_time(7);
    delivery.next_at = query->optional_time(8);
    delivery.held_until = query->optional_time(9);
    delivery.reason = query->text(10);
    delivery.attempts = query->small_integer(11);
    delivery.created = query->time(12);
    delivery.changed = query->time(13);
    delivery.requeued_from = query->id<DeliveryId>(14);
    delivery.kind = query->text(15);
    delivery.content = query->text(16);
    delivery.digest = query->text(17);
    delivery.last_attempt = query->small_integer(18);
    if (!query->is_null(19)) {
        delivery.message = FrozenMessage{
            query->text(19),
            query->text(20),
            query->text(21),
            query->text(22),
            query->text(23),
            query->text(24),
            query->text(25),
            query->text(26),
            query->text(27),
            query->time(28),
            query->text(29),
            read_grants(query->text_view(30))};
    }
    return delivery;
}

Result<Delivery> require_delivery(Database& database, DeliveryId id) {
    static const std::string sql = std::string{delivery_columns} + "WHERE d.id = ?1";
    Query query{database, sql};
    query.bind(id);
    if (!query.step()) {
        return fail(ErrorCode::not_found, fmt::format("there is no delivery {}", id.value));
    }
    return read_delivery(query);
}

Result<Delivery> require_without_message(Database& database, DeliveryId id) {
    static const std::string sql = std::string{bare_delivery_columns} + "WHERE d.id = ?1";
    Query query{database, sql};
    query.bind(id);
    if (!query.step()) {
        return fail(ErrorCode::not_found, fmt::format("there is no delivery {}", id.value));
    }
    return read_delivery(query);
}

bool is_frozen(Database& database, DeliveryId id) {
    Query query{database, "SELECT is_frozen FROM deliveries WHERE id = ?1"};
    query.bind(id);
    return query.step() && query->boolean(0);
}

Result<void> move_delivery(
    Database& database, const Delivery& delivery, const DeliveryMove& move, TimePoint now
) {
    require_transaction(database);
    if (!may_become(delivery.state, move.to)) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "delivery {} is {} and cannot become {}",
                delivery.id.value,
                name(delivery.state),
                name(move.to)
            )
        );
    }
    // A digest that is planned again must not meet another one that is still open.
    const int moved =
        Query{
            database,
            "UPDATE deliveries SET state = ?2, phase = NULL, lease = NULL, next_at_ms = ?3,"
            " held_until_ms = ?4, reason = ?5, changed_ms = ?6, digest = iif(?2 = 'planned' AND"
            " EXISTS (SELECT 1 FROM deliveries AS o WHERE o.state = 'planned' AND o.digest <> ''"
            " AND (o.person_id, o.channel, o.digest) ="
            " (deliveries.person_id, deliveries.channel, deliveries.digest)), '', digest)"
            " WHERE id = ?1 AND state = ?7"}
            .bind(
                delivery.id,
                name(move.to),
                move.next_at,
                move.held_until,
                move.reason,
                now,
                name(delivery.state)
            )
            .run();
    REVIEWD_ASSERT(moved == 1);
    return {};
}

void unfreeze(Database& database, const Delivery& delivery, TimePoint now) {
    require_transaction(database);
    const bool is_ready = delivery.state == DeliveryState::ready;
    Query{database, "DELETE FROM messages WHERE delivery_id = ?1"}.bind(delivery.id).run();
    // Both columns at once: the table's CHECKs know no frozen plan and no unfrozen ready one.
    Query{
        database,
        "UPDATE deliveries SET is_frozen = 0, state = ?2, next_at_ms = NULL, changed_ms = ?3,"
        " digest = iif(EXISTS (SELECT 1 FROM deliveries AS o WHERE o.state = 'planned' AND"
        " o.digest <> '' AND (o.person_id, o.channel, o.digest) ="
        " (deliveries.person_id, deliveries.channel, deliveries.digest)), '', digest)"
        " WHERE id = ?1"}
        .bind(delivery.id, is_ready ? name(DeliveryState::planned) : name(delivery.state), now)
        .run();
}

} // namespace reviewd::store
