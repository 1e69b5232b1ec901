#include "daemon/store/scores.hpp"

#include "daemon/store/internal/account_ranges.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "scoring/base/assert.hpp"

#include <algorithm>
#include <array>

namespace reviewd::store {
namespace {

constexpr std::array<std::string_view, 6> cause_names{
    "first", "facts", "rules", "day", "person", "override"};

LevelCause find_cause(std::string_view text) {
    for (std::size_t index = 0; index < cause_names.size(); ++index) {
        if (cause_names[index] == text) {
            return static_cast<LevelCause>(index);
        }
    }
    REVIEWD_ASSERT(false && "a cause that the table's CHECK does not allow");
    return LevelCause::facts;
}

AccountScore read_score(const Query& query) {
    return AccountScore{
        query->id<AccountId>(0),
        query->integer(1),
        query->text(2),
        query->date(3),
        query->text(4),
        query->boolean(5),
        query->id<RulesVersionId>(6),
        query->date(7),
        query->text(8),
        query->optional_date(9)};
}

} // namespace

std::optional<AccountScore> Scores::find(AccountId account) {
    Query query{
        connection_,
        "SELECT account_id, points, level, level_since, raw_level, is_judged, rules_version_id,"
        " as_of, made_of, replanned FROM account_scores WHERE account_id = ?1"};
    query.bind(account);
    return query.step() ? std::optional{read_score(query)} : std::nullopt;
}

std::vector<AccountScore> Scores::find(std::span<const AccountId> ids) {
    std::vector<AccountScore> scores;
    scores.reserve(ids.size());
    read_account_ranges(ids, [&](AccountId first, AccountId last) {
        Query query{
            connection_,
            "SELECT account_id, points, level, level_since, raw_level, is_judged, rules_version_id,"
            " as_of, made_of, replanned FROM account_scores WHERE account_id BETWEEN ?1 AND ?2"
            " ORDER BY account_id"};
        query.bind(first, last);
        while (query.step()) {
            if (std::binary_search(ids.begin(), ids.end(), query->id<AccountId>(0))) {
                scores.push_back(read_score(query));
            }
        }
    });
    return scores;
}

std::vector<AccountId> Scores::highest(int limit) {
    Query query{
        connection_,
        "SELECT c.account_id FROM account_scores AS c JOIN accounts AS a ON a.id = c.account_id"
        " JOIN sources AS s ON s.id = a.source_id AND a.generation <= s.generation"
        " WHERE a.retired IS NULL ORDER BY c.points DESC, c.account_id LIMIT ?1"};
    query.bind(limit);
    std::vector<AccountId> accounts;
    while (query.step()) {
        accounts.push_back(query->id<AccountId>(0));
    }
    return accounts;
}

std::vector<ScoreChange> Scores::history(AccountId account, int limit) {
    std::vector<ScoreChange> changes;
    Query query{
        connection_,
        "SELECT account_id, day, from_level, to_level, from_points, points, rules_version_id, cause,"
        " detail FROM score_changes WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2"};
    query.bind(account, limit);
    while (query.step()) {
        changes.push_back(ScoreChange{
            query->id<AccountId>(0),
            query->date(1),
            query->text(2),
            query->text(3),
            query->is_null(4) ? std::nullopt : std::optional{query->integer(4)},
            query->integer(5),
            query->id<RulesVersionId>(6),
            find_cause(query->text_view(7)),
            query->text(8)});
    }
    return changes;
}

std::size_t Scores::save(std::span<const AccountScore> scores) {
    require_transaction(connection_);
    std::size_t written = 0;
    for (const AccountScore& score : scores) {
        // Comparing here keeps a quiet day's rescoring of a whole portfolio free of writes.
        Query query{
            connection_,
            "INSERT INTO account_scores AS kept (account_id, points, level, level_since, raw_level,"
            " is_judged, rules_version_id, as_of, made_of, replanned)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            " ON CONFLICT (account_id) DO UPDATE SET points = ?2, level = ?3, level_since = ?4,"
            " raw_level = ?5, is_judged = ?6, rules_version_id = ?7, as_of = ?8,"
            " made_of = ?9, replanned = ?10"
            " WHERE (kept.points, kept.level, kept.level_since, kept.raw_level, kept.is_judged,"
            " kept.rules_version_id, kept.replanned) IS NOT (?2, ?3, ?4, ?5, ?6, ?7, ?10)"};
        query.bind(
            score.account,
            score.points,
            score.level,
            score.level_since,
            score.raw_level,
            score.is_judged,
            score.rules_version,
            score.as_of,
            score.made_of,
            score.replanned
        );
        written += static_cast<std::size_t>(query.run());
    }
    return written;
}

void Scores::forget_replanned(AccountId account) {
    Query{connection_, "UPDATE account_scores SET replanned = NULL WHERE account_id = ?1"}
        .bind(account)
        .run();
}

ScoreChangeId Scores::record(const ScoreChange& change) {
    require_transaction(connection_);
    Query query{
        connection_,
        "INSERT INTO score_changes (account_id, day, from_level, to_level, from_points,"
        " points, rules_version_id, cause, detail)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"};
    query.bind(
        change.account,
        change.day,
        change.from,
        change.to,
        change.from_points,
        change.points,
        change.rules_version,
        name(change.cause),
        change.detail
    );
    return ScoreChangeId{query.insert()};
}

std::string_view name(LevelCause cause) noexcept {
    return cause_names[static_cast<std::size_t>(cause)];
}

} // namespace reviewd::store
