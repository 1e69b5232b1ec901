#include "daemon/store/report_rows.hpp"

#include "daemon/store/internal/implementation.hpp"

#include <map>

namespace reviewd::store {
namespace {

ReportGroup read_group(const Query& query) {
    return {query->id<PersonId>(0), query->text(1), query->text(2)};
}

/// Numbers as a JSON array.
std::string json_list(std::span<const ReviewId> ids) {
    std::string list;
    for (const ReviewId id : ids) {
        list += (list.empty() ? "" : ",") + std::to_string(id.value);
    }
    return "[" + list + "]";
}

/// Adds what a query counts to the rows of the same group.
template <class Add>
void count(std::map<ReportGroup, CoverageRow>& rows, Query& query, const Add& add) {
    while (query.step()) {
        const ReportGroup group = read_group(query);
        CoverageRow& row = rows[group];
        row.group = group;
        add(row, *query.operator->());
    }
}

} // namespace

std::vector<CoverageRow> ReportRows::coverage(
    const Period& period, Date today, std::span<const ReviewId> late_too
) {
    std::map<ReportGroup, CoverageRow> rows;
    Query accounts{
        connection_,
        "SELECT coalesce(a.owner_id, 0), coalesce(c.level, ''), coalesce(a.segment, ''), count(*),"
        " sum(NOT EXISTS (SELECT 1 FROM reviews AS r WHERE r.account_id = a.id"
        " AND r.state = 'done')) FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation LEFT JOIN account_scores AS c ON c.account_id = a.id"
        " WHERE a.retired IS NULL GROUP BY 1, 2, 3"};
    count(rows, accounts, [](CoverageRow& row, const Statement& statement) {
        row.accounts = statement.integer(3);
        row.never_reviewed = statement.integer(4);
    });
    Query reviews{
        connection_,
        "SELECT coalesce(r.owner_id, 0), r.level, coalesce(a.segment, ''),"
        " sum(r.closed_at_ms IS NULL), sum(r.closed_at_ms IS NULL AND"
        " (r.due < ?3 OR r.id IN (SELECT value FROM json_each(?6)))),"
        " sum(r.state = 'done' AND r.held_on BETWEEN ?1 AND ?2),"
        " sum(r.state = 'done' AND r.held_on BETWEEN ?1 AND ?2 AND NOT EXISTS"
        " (SELECT 1 FROM answers AS w WHERE w.review_id = r.id)),"
        " sum(r.state = 'missed' AND r.closed_at_ms >= ?4 AND r.closed_at_ms < ?5),"
        " sum(r.state = 'skipped' AND r.closed_at_ms >= ?4 AND r.closed_at_ms < ?5)"
        " FROM reviews AS r JOIN accounts AS a ON a.id = r.account_id GROUP BY 1, 2, 3"};
    reviews.bind(period.from, period.to, today, period.begin, period.end, json_list(late_too));
    count(rows, reviews, [](CoverageRow& row, const Statement& statement) {
        row.planned = statement.integer(3);
        row.overdue = statement.integer(4);
        row.done = statement.integer(5);
        row.done_without_answers = statement.integer(6);
        row.missed = statement.integer(7);
        row.skipped = statement.integer(8);
    });
    Query attempts{
        connection_,
        "SELECT coalesce(r.owner_id, 0), r.level, coalesce(a.segment, ''), count(*)"
        " FROM contact_attempts AS t JOIN reviews AS r ON r.id = t.review_id"
        " JOIN accounts AS a ON a.id = r.account_id WHERE t.day BETWEEN ?1 AND ?2 GROUP BY 1, 2, 3"};
    attempts.bind(period.from, period.to);
    count(rows, attempts, [](CoverageRow& row, const Statement& statement) {
        row.attempts = statement.integer(3);
    });
    std::vector<CoverageRow> listed;
    for (auto& [group, row] : rows) {
        listed.push_back(std::move(row));
    }
    return listed;
}

std::vector<RevenueRow> ReportRows::revenue(Date today) {
    const Date year_ago = add_months(today, -12);
    const Date two_years_ago = add_months(today, -24);
    std::vector<RevenueRow> rows;
    Query query{
        connection_,
        "SELECT level, count(*), sum(before > 0), sum(before > 0 AND after > 0),"
        " sum(paid_after), sum(paid_before) FROM (SELECT coalesce(c.level, '') AS level,"
        " count(p.id) FILTER (WHERE p.date > ?2) AS after,"
        " count(p.id) FILTER (WHERE p.date <= ?2) AS before,"
        " coalesce(sum(p.amount) FILTER (WHERE p.date > ?2), 0) AS paid_after,"
        " coalesce(sum(p.amount) FILTER (WHERE p.date <= ?2), 0) AS paid_before"
        " FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation LEFT JOIN account_scores AS c ON c.account_id = a.id"
        " LEFT JOIN purchases AS p ON p.account_id = a.id AND p.retired IS NULL"
        " AND p.date > ?3 AND p.date <= ?1"
        " AND p.generation <= (SELECT generation FROM sources WHERE id = p.source_id)"
        " WHERE a.retired IS NULL GROUP BY a.id) GROUP BY level ORDER BY level"};
    query.bind(today, year_ago, two_years_ago);
    while (query.step()) {
        rows.push_back(
            {query->text(0),
             query->integer(1),
             query->integer(2),
             query->integer(3),
             query->integer(4),
             query->integer(5)}
        );
    }
    return rows;
}

std::vector<FriendlyRow> ReportRows::friendly(const Friendly& wanted) {
    std::vector<FriendlyRow> rows;
    // SQLite takes the other columns of a row with max() from the row of that maximum.
    Query query{
        connection_,
        "SELECT a.id, a.key, a.name, coalesce(a.segment, ''), coalesce(a.size, ''), a.owner_id,"
        " json_extract(l.answer, '$') AS satisfaction, l.day, (SELECT max(v.day)"
        " FROM answers AS v WHERE v.account_id = a.id AND v.question = ?2) FROM"
        " (SELECT account_id, answer, day, max(day * 1000000000 + id) FROM answers"
        " WHERE question = ?1 GROUP BY account_id) AS l JOIN accounts AS a ON a.id = l.account_id"
        " WHERE a.retired IS NULL AND l.day >= ?4"
        " AND json_type(l.answer) IN ('integer', 'real') AND satisfaction >= ?3"
        " ORDER BY 4, 5, satisfaction DESC, a.name, a.id"};
    query.bind(wanted.question, wanted.value_question, wanted.smallest, wanted.since);
    while (query.step()) {
        rows.push_back(
            {query->id<AccountId>(0),
             query->text(1),
             query->text(2),
             query->text(3),
             query->text(4),
             query->id<PersonId>(5),
             query->number(6),
             query->date(7),
             query->optional_date(8)}
        );
    }
    return rows;
}

} // namespace reviewd::store
