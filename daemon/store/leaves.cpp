#include "daemon/store/leaves.hpp"

#include "daemon/store/internal/implementation.hpp"

namespace reviewd::store {
namespace {

Leave read_leave(const Query& query) {
    return {
        query->integer(0),
        query->text(1),
        query->date(2),
        query->date(3),
        query->text(4),
        query->text(5),
        query->text(6),
        query->time(7)};
}

} // namespace

std::int64_t Leaves::add(const Leave& leave) {
    require_transaction(connection_);
    Query query{
        connection_,
        "INSERT INTO leaves (person, first, last, because, who, origin, created_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id"};
    query.bind(
        leave.person, leave.first, leave.last, leave.because, leave.who, leave.from, leave.created
    );
    return query.step() ? query->integer(0) : 0;
}

bool Leaves::remove(std::int64_t id, TimePoint now) {
    require_transaction(connection_);
    Query query{
        connection_,
        "UPDATE leaves SET removed_ms = ?2 WHERE id = ?1 AND removed_ms IS NULL RETURNING id"};
    query.bind(id, now);
    return query.step();
}

std::optional<Leave> Leaves::find(std::int64_t id) {
    Query query{
        connection_,
        "SELECT id, person, first, last, because, who, origin, created_ms FROM leaves"
        " WHERE id = ?1 AND removed_ms IS NULL"};
    query.bind(id);
    return query.step() ? std::optional{read_leave(query)} : std::nullopt;
}

std::vector<Leave> Leaves::in_force(std::string_view person) {
    Query query{
        connection_,
        "SELECT id, person, first, last, because, who, origin, created_ms FROM leaves"
        " WHERE removed_ms IS NULL AND (?1 = '' OR person = ?1) ORDER BY person, first, id"};
    query.bind(person);
    std::vector<Leave> leaves;
    while (query.step()) {
        leaves.push_back(read_leave(query));
    }
    return leaves;
}

} // namespace reviewd::store
