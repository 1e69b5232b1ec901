#include "daemon/store/invitations.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/statement.hpp"

namespace reviewd::store {

std::vector<std::pair<PersonId, review::SentInvitation>> Invitations::of(ReviewId review) {
    std::vector<std::pair<PersonId, review::SentInvitation>> all;
    Query query{
        connection_,
        "SELECT person_id, sequence, starts_ms, day, is_cancelled FROM invitations"
        " WHERE review_id = ?1 ORDER BY person_id"};
    query.bind(review);
    while (query.step()) {
        all.push_back(
            {query->id<PersonId>(0),
             {query->small_integer(1),
              {query->time(2), query->optional_date(3)},
              query->boolean(4)}}
        );
    }
    return all;
}

void Invitations::set(ReviewId review, PersonId person, const review::SentInvitation& sent) {
    Query{
        connection_,
        "INSERT INTO invitations (review_id, person_id, sequence, starts_ms, is_cancelled, day)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (review_id, person_id) DO UPDATE SET"
        " sequence = ?3, starts_ms = ?4, is_cancelled = ?5, day = ?6"}
        .bind(
            review,
            person.value,
            sent.sequence,
            sent.time.start,
            sent.is_cancelled ? 1 : 0,
            sent.time.day
        )
        .run();
}

} // namespace reviewd::store
