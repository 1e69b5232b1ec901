#include "daemon/store/team_numbers.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/statement.hpp"

namespace reviewd::store {

std::map<PersonId, std::int64_t> TeamNumbers::held(Date first, Date last) {
    std::map<PersonId, std::int64_t> held;
    Query query{
        connection_,
        "SELECT owner_id, count(*) FROM reviews INDEXED BY reviews_held"
        " WHERE held_on BETWEEN ?1 AND ?2 AND owner_id IS NOT NULL GROUP BY owner_id"};
    query.bind(first, last);
    while (query.step()) {
        held[query->id<PersonId>(0)] = query->integer(1);
    }
    return held;
}

std::vector<OwnedLevelChange> TeamNumbers::level_changes(Date first, Date last, int limit) {
    std::vector<OwnedLevelChange> changes;
    Query query{
        connection_,
        "SELECT c.account_id, c.day, c.from_level, c.to_level, c.points, a.owner_id"
        " FROM score_changes AS c INDEXED BY level_moves_by_day"
        " JOIN accounts AS a ON a.id = c.account_id"
        " WHERE c.day BETWEEN ?1 AND ?2 AND c.from_level <> '' AND c.from_level <> c.to_level"
        " AND a.owner_id IS NOT NULL"
        " ORDER BY c.day DESC, c.id DESC LIMIT ?3"};
    query.bind(first, last, limit);
    while (query.step()) {
        OwnedLevelChange one;
        one.change.account = query->id<AccountId>(0);
        one.change.day = query->date(1);
        one.change.from = query->text(2);
        one.change.to = query->text(3);
        one.change.points = query->integer(4);
        one.owner = query->id<PersonId>(5);
        changes.push_back(std::move(one));
    }
    return changes;
}

} // namespace reviewd::store
