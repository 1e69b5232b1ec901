#include "daemon/store/owner_plans.hpp"

#include "daemon/store/internal/implementation.hpp"

namespace reviewd::store {

void OwnerPlans::touch(PersonId owner) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO owner_plans (owner_id, is_touched) VALUES (?1, 1)"
        " ON CONFLICT (owner_id) DO UPDATE SET is_touched = 1 WHERE is_touched = 0"}
        .bind(owner.value)
        .run();
}

void OwnerPlans::touch_owner_of(ReviewId review) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO owner_plans (owner_id, is_touched)"
        " SELECT coalesce(owner_id, 0), 1 FROM reviews WHERE id = ?1"
        " ON CONFLICT (owner_id) DO UPDATE SET is_touched = 1 WHERE is_touched = 0"}
        .bind(review)
        .run();
}

AccountId OwnerPlans::touch_unplanned(AccountId after, int limit) {
    require_transaction(connection_);
    AccountId last;
    Query query{
        connection_,
        "SELECT a.id, coalesce(a.owner_id, 0), EXISTS (SELECT 1 FROM reviews AS r"
        " WHERE r.account_id = a.id AND (r.state IN ('planned', 'invited') OR r.state = 'appointment'))"
        " FROM accounts AS a CROSS JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation WHERE a.id > ?1 AND a.retired IS NULL"
        " ORDER BY a.id LIMIT ?2"};
    query.bind(after.value, limit);
    std::map<PersonId, bool> owners;
    int seen = 0;
    for (; query.step(); ++seen) {
        last = query->id<AccountId>(0);
        if (!query->boolean(2)) {
            owners[query->id<PersonId>(1)] = true;
        }
    }
    for (const auto& [owner, is_unplanned] : owners) {
        touch(owner);
    }
    return seen < limit ? AccountId{} : last;
}

std::vector<PersonId> OwnerPlans::touched(int limit) {
    Query query{
        connection_,
        "SELECT owner_id FROM owner_plans WHERE is_touched = 1 ORDER BY owner_id LIMIT ?1"};
    query.bind(limit);
    std::vector<PersonId> owners;
    while (query.step()) {
        owners.push_back(query->id<PersonId>(0));
    }
    return owners;
}

bool OwnerPlans::has_touched() {
    return !touched(1).empty();
}

void OwnerPlans::settle(PersonId owner, std::string_view habits) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO owner_plans (owner_id, is_touched, habits) VALUES (?1, 0, ?2)"
        " ON CONFLICT (owner_id) DO UPDATE SET is_touched = 0, habits = ?2"}
        .bind(owner.value, habits)
        .run();
}

std::map<PersonId, std::string> OwnerPlans::habits() {
    Query query{connection_, "SELECT owner_id, habits FROM owner_plans"};
    std::map<PersonId, std::string> habits;
    while (query.step()) {
        habits[query->id<PersonId>(0)] = query->text(1);
    }
    return habits;
}

std::string OwnerPlans::habits_of(PersonId owner) {
    Query query{connection_, "SELECT habits FROM owner_plans WHERE owner_id = ?1"};
    query.bind(owner.value);
    return query.step() ? query->text(0) : std::string{};
}

} // namespace reviewd::store
