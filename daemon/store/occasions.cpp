#include "daemon/store/occasions.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "scoring/base/assert.hpp"

#include <array>

namespace reviewd::store {
namespace {

constexpr std::array<std::string_view, 4> occasion_state_names{
    "open", "deferred", "answered", "gone"};

constexpr std::string_view occasion_columns =
    "SELECT id, account_id, trigger_id, event, happened, noticed, detail, state, stands, ended"
    " FROM occasions ";

OccasionState find_occasion_state(std::string_view text) {
    for (std::size_t index = 0; index < occasion_state_names.size(); ++index) {
        if (occasion_state_names[index] == text) {
            return static_cast<OccasionState>(index);
        }
    }
    assertion_failed("the database keeps no other state", __FILE__, __LINE__);
}

Occasion read_occasion(const Query& query) {
    Occasion occasion;
    occasion.id = query->integer(0);
    occasion.account = query->id<AccountId>(1);
    occasion.trigger = query->text(2);
    occasion.event = query->text(3);
    occasion.happened = query->date(4);
    occasion.noticed = query->date(5);
    occasion.detail = query->text(6);
    occasion.state = find_occasion_state(query->text_view(7));
    occasion.stands = query->boolean(8);
    occasion.ended = query->optional_date(9);
    return occasion;
}

std::vector<Occasion> read_occasions(Query& query) {
    std::vector<Occasion> occasions;
    while (query.step()) {
        occasions.push_back(read_occasion(query));
    }
    return occasions;
}

} // namespace

std::string_view name(OccasionState state) noexcept {
    return occasion_state_names[static_cast<std::size_t>(state)];
}

std::vector<Occasion> Occasions::live(AccountId account) {
    return live(account, account);
}

std::vector<Occasion> Occasions::live(AccountId first, AccountId last) {
    // The condition is that of the partial index.
    static const std::string sql =
        std::string{occasion_columns}
        + "WHERE account_id BETWEEN ?1 AND ?2 AND (state IN ('open', 'deferred') OR stands = 1)"
          " ORDER BY account_id, id";
    Query query{connection_, sql};
    query.bind(first.value, last.value);
    return read_occasions(query);
}

std::optional<Occasion> Occasions::find(
    AccountId account, std::string_view trigger, std::string_view event
) {
    static const std::string sql =
        std::string{occasion_columns} + "WHERE account_id = ?1 AND trigger_id = ?2 AND event = ?3";
    Query query{connection_, sql};
    query.bind(account, trigger, event);
    return query.step() ? std::optional{read_occasion(query)} : std::nullopt;
}

bool Occasions::has_live() {
    Query query{
        connection_,
        "SELECT 1 FROM occasions INDEXED BY occasions_live"
        " WHERE state IN ('open', 'deferred') OR stands = 1 LIMIT 1"};
    return query.step();
}

std::vector<Occasion> Occasions::history(AccountId account, int limit) {
    static const std::string sql =
        std::string{occasion_columns} + "WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2";
    Query query{connection_, sql};
    query.bind(account, limit);
    return read_occasions(query);
}

std::int64_t Occasions::insert(const Occasion& occasion) {
    require_transaction(connection_);
    Query query{
        connection_,
        "INSERT INTO occasions (account_id, trigger_id, event, happened, noticed, detail, state,"
        " stands, ended) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"};
    query.bind(
        occasion.account,
        occasion.trigger,
        occasion.event,
        occasion.happened,
        occasion.noticed,
        occasion.detail,
        name(occasion.state),
        occasion.stands,
        occasion.ended
    );
    return query.insert();
}

void Occasions::update(const Occasion& occasion) {
    require_transaction(connection_);
    Query{
        connection_,
        "UPDATE occasions SET noticed = ?2, detail = ?3, state = ?4, stands = ?5, ended = ?6"
        " WHERE id = ?1"}
        .bind(
            occasion.id,
            occasion.noticed,
            occasion.detail,
            name(occasion.state),
            occasion.stands,
            occasion.ended
        )
        .run();
}

std::optional<ScoreMark> Occasions::mark(AccountId account) {
    Query query{
        connection_,
        "SELECT account_id, points, rules_version_id, day FROM score_marks WHERE account_id = ?1"};
    query.bind(account);
    if (!query.step()) {
        return std::nullopt;
    }
    return ScoreMark{
        query->id<AccountId>(0), query->integer(1), query->id<RulesVersionId>(2), query->date(3)};
}

void Occasions::set_mark(const ScoreMark& mark) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO score_marks (account_id, points, rules_version_id, day)"
        " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account_id) DO UPDATE SET points = ?2,"
        " rules_version_id = ?3, day = ?4"}
        .bind(mark.account, mark.points, mark.rules_version, mark.day)
        .run();
}

} // namespace reviewd::store
