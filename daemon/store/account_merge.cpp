#include "daemon/store/account_merge.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/table_sql.hpp"

#include <fmt/core.h>

#include <array>
#include <string>
#include <string_view>

namespace reviewd::store {
namespace {

constexpr std::array<std::string_view, 4> tables_of_people{
    "reviews", "answers", "promises", "logged_contacts"};

void move_rows(Connection& connection, std::string_view table, AccountId from, AccountId into) {
    const std::string sql =
        fmt::format("UPDATE {} SET account_id = ?2 WHERE account_id = ?1", table);
    Query{connection, sql}.bind(from, into).run();
}

} // namespace

void merge_account(Connection& connection, AccountId from, AccountId into, Date day) {
    require_transaction(connection);
    Query{
        connection,
        "UPDATE sources SET active_rows = active_rows - 1 WHERE id ="
        " (SELECT source_id FROM accounts WHERE id = ?1 AND retired IS NULL)"}
        .bind(from)
        .run();
    Query{
        connection,
        "UPDATE accounts SET merged_into = ?2, retired = iif(id = ?1, coalesce(retired, ?3),"
        " retired) WHERE id = ?1 OR merged_into = ?1"}
        .bind(from, into, day)
        .run();
    for (const rules::Table table : rules::all_tables()) {
        if (table_sql(table).account) {
            move_rows(connection, rules::name(table), from, into);
        }
    }
    for (const std::string_view table : tables_of_people) {
        move_rows(connection, table, from, into);
    }
    // A level that a person set goes on, unless one was set for the survivor, too.
    Query{
        connection,
        "UPDATE OR IGNORE overrides SET account_id = ?2 WHERE account_id = ?1 AND ended IS NULL"}
        .bind(from, into)
        .run();
    Query{
        connection,
        "UPDATE overrides SET ended = ?2, ended_by = 'merge'"
        " WHERE account_id = ?1 AND ended IS NULL"}
        .bind(from, day)
        .run();
    // What both had stays with the account that goes on.
    Query{connection, "UPDATE OR IGNORE occasions SET account_id = ?2 WHERE account_id = ?1"}
        .bind(from, into)
        .run();
    Query{
        connection,
        "UPDATE occasions SET state = iif(state IN ('open', 'deferred'), 'gone', state),"
        " stands = 0 WHERE account_id = ?1"}
        .bind(from)
        .run();
}

std::map<std::string, std::int64_t> count_moving(
    Connection& connection, AccountId from, AccountId into
) {
    std::map<std::string, std::int64_t> counts;
    const auto count = [&](std::string_view table, std::string_view which) {
        const std::string sql =
            fmt::format("SELECT count(*) FROM {} WHERE account_id = ?1 AND {}", table, which);
        Query query{connection, sql};
        query.bind(from);
        if (query.step() && query->integer(0) > 0) {
            counts[std::string{table}] = query->integer(0);
        }
    };
    for (const rules::Table table : rules::all_tables()) {
        if (table_sql(table).account) {
            count(rules::name(table), "retired IS NULL");
        }
    }
    count("reviews", "closed_at_ms IS NOT NULL");
    count("logged_contacts", "1 = 1");
    Query subsidiaries{
        connection,
        "SELECT count(*) FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation WHERE a.retired IS NULL AND a.id NOT IN (?1, ?2)"
        " AND (a.parent, a.source_id) IN (SELECT up.key, up.source_id FROM accounts AS up"
        " WHERE up.id = ?1 UNION ALL SELECT up.key, up.source_id FROM accounts AS up"
        " WHERE up.merged_into = ?1 AND up.retired IS NOT NULL)"};
    subsidiaries.bind(from, into);
    if (subsidiaries.step() && subsidiaries->integer(0) > 0) {
        counts["subsidiaries"] = subsidiaries->integer(0);
    }
    return counts;
}

} // namespace reviewd::store
