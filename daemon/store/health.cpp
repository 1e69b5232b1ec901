#include "daemon/store/health.hpp"

#include "daemon/store/internal/family_sql.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/import_rows.hpp"
#include "daemon/store/outbox_health.hpp"

#include <fmt/format.h>

namespace reviewd::store {
namespace {

std::int64_t read_number(Connection& connection, std::string_view sql) {
    Query query{connection, sql};
    return query.step() ? query->integer(0) : 0;
}

/// So many rows are counted in one piece: a reader that takes long keeps the write-ahead log from
/// starting again.
constexpr std::int64_t rows_of_a_piece = 2'000;

/// Runs the query for each piece of the table's ids; it counts from ?1 to ?2, and takes what else
/// there is to bind behind them.
template <class Add, class... More>
void count_in_pieces(
    Connection& connection,
    std::string_view newest,
    std::string_view counting,
    Add add,
    const More&... more
) {
    const std::int64_t last = read_number(connection, newest);
    for (std::int64_t first = 1; first <= last; first += rows_of_a_piece) {
        Query query{connection, counting};
        query.bind(first, first + rows_of_a_piece - 1, more...);
        while (query.step()) {
            add(query);
        }
    }
}

void count_accounts(Connection& connection, Health& health) {
    // One pass over the accounts for most of their numbers.
    const auto add = [&health](const Query& query) {
        const std::int64_t active = query->integer(1);
        health.accounts_active += active;
        health.accounts_inactive += query->integer(0) - active;
        health.accounts_without_owner += query->integer(2);
        health.accounts_without_score += query->integer(3);
        health.accounts_not_judged += query->integer(4);
        health.accounts_without_review += query->integer(5);
    };
    count_in_pieces(
        connection,
        "SELECT max(id) FROM accounts",
        "SELECT count(*), sum(a.retired IS NULL), sum(a.retired IS NULL AND a.owner_id IS NULL),"
        " sum(a.retired IS NULL AND c.account_id IS NULL),"
        " sum(a.retired IS NULL AND c.is_judged = 0),"
        " sum(a.retired IS NULL AND NOT EXISTS (SELECT 1 FROM reviews AS r WHERE r.account_id ="
        " a.id AND (r.state IN ('planned', 'invited') OR r.state = 'appointment')))"
        " FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation LEFT JOIN account_scores AS c ON c.account_id = a.id"
        " WHERE a.id BETWEEN ?1 AND ?2",
        add
    );
}

/// Only accounts that name a parent cost more than a look at their row: a step into the index of
/// keys for each step up. An account that its parent was merged into has no parent left, which is
/// no mistake of its source.
void count_lost_parents(Connection& connection, Health& health) {
    static const std::string counting = fmt::format(
        "SELECT count(*), min(a.key) FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation WHERE a.id BETWEEN ?1 AND ?2 AND a.retired IS NULL"
        " AND a.parent <> '' AND EXISTS (WITH RECURSIVE ups (id, steps) AS (SELECT {}, 1 UNION ALL"
        " SELECT {}, steps + 1 FROM ups JOIN accounts AS o ON o.id = ups.id AND o.id <> a.id"
        " WHERE o.parent <> '' AND steps < 16) SELECT 1 FROM ups WHERE"
        " iif(steps = 1, id IS NULL OR id = a.id AND a.parent = a.key, id = a.id))",
        parent_id_of("a"),
        parent_id_of("o")
    );
    const auto add = [&health](const Query& query) {
        health.accounts_with_lost_parent += query->integer(0);
        if (health.lost_parent_of.empty()) {
            health.lost_parent_of = query->text(1);
        }
    };
    count_in_pieces(connection, "SELECT max(id) FROM accounts", counting, add);
}

void count_levels(Connection& connection, Health& health) {
    count_in_pieces(
        connection,
        "SELECT max(account_id) FROM account_scores",
        "SELECT c.level, count(*) FROM account_scores AS c JOIN accounts AS a ON a.id ="
        " c.account_id WHERE a.retired IS NULL AND c.account_id BETWEEN ?1 AND ?2 GROUP BY c.level",
        [&health](const Query& query) { health.levels[query->text(0)] += query->integer(1); }
    );
}

void count_reviews(Connection& connection, Date today, Health& health) {
    const auto add = [&health](const Query& query) {
        health.reviews_open += query->integer(0);
        health.reviews_overdue += query->integer(1);
        health.reviews_due_today += query->integer(2);
    };
    count_in_pieces(
        connection,
        "SELECT max(account_id) FROM reviews",
        "SELECT count(*), sum(due < ?3), sum(due = ?3) FROM reviews"
        " WHERE (state IN ('planned', 'invited') OR state = 'appointment')"
        " AND account_id BETWEEN ?1 AND ?2",
        add,
        today
    );
}

void look_at_outbox(Connection& connection, TimePoint now, Health& health) {
    health.deliveries = store::count_deliveries(connection);
    Query oldest{
        connection,
        "SELECT min(next_at_ms) FROM deliveries INDEXED BY deliveries_due WHERE state IN ('ready', 'wait')"
        " AND next_at_ms <= ?1"};
    oldest.bind(now);
    if (oldest.step()) {
        health.oldest_waiting = oldest->optional_time(0);
    }
}

} // namespace

Health read_health(Connection& connection, Date today, TimePoint now) {
    Health health;
    count_accounts(connection, health);
    count_lost_parents(connection, health);
    count_levels(connection, health);
    count_reviews(connection, today, health);
    look_at_outbox(connection, now, health);
    static const std::string held = fmt::format(
        "SELECT count(*) FROM imports INDEXED BY imports_unfinished WHERE {} AND state = 'held'",
        is_unfinished
    );
    health.imports_held = read_number(connection, held);
    health.database_bytes =
        read_number(connection, "PRAGMA page_count") * read_number(connection, "PRAGMA page_size");
    health.schema_version = connection.implementation().schema_version;
    return health;
}

} // namespace reviewd::store
