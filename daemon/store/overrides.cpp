#include "daemon/store/overrides.hpp"

#include "daemon/store/internal/implementation.hpp"

namespace reviewd::store {
namespace {

constexpr std::string_view columns =
    "SELECT account_id, level, since, until, because, who, ended, ended_by FROM overrides ";

Override read_override(const Query& query) {
    return Override{
        query->id<AccountId>(0),
        query->text(1),
        query->date(2),
        query->date(3),
        query->text(4),
        query->text(5),
        query->optional_date(6),
        query->text(7)};
}

} // namespace

std::map<AccountId, Override> Overrides::open() {
    static const std::string sql = std::string{columns} + "WHERE ended IS NULL";
    std::map<AccountId, Override> all;
    Query query{connection_, sql};
    while (query.step()) {
        Override one = read_override(query);
        all.emplace(one.account, std::move(one));
    }
    return all;
}

std::optional<Override> Overrides::open_of(AccountId account) {
    static const std::string sql = std::string{columns} + "WHERE account_id = ?1 AND ended IS NULL";
    Query query{connection_, sql};
    query.bind(account);
    return query.step() ? std::optional{read_override(query)} : std::nullopt;
}

std::vector<Override> Overrides::history(AccountId account) {
    static const std::string sql = std::string{columns} + "WHERE account_id = ?1 ORDER BY id DESC";
    std::vector<Override> all;
    Query query{connection_, sql};
    query.bind(account);
    while (query.step()) {
        all.push_back(read_override(query));
    }
    return all;
}

void Overrides::insert(const Override& one) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO overrides (account_id, level, since, until, because, who)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"}
        .bind(one.account, one.level, one.since, one.until, one.because, one.who)
        .run();
}

bool Overrides::end(AccountId account, Date day, std::string_view who) {
    require_transaction(connection_);
    return Query{
               connection_,
               "UPDATE overrides SET ended = ?2, ended_by = ?3"
               " WHERE account_id = ?1 AND ended IS NULL"}
               .bind(account, day, who)
               .run()
           > 0;
}

} // namespace reviewd::store
