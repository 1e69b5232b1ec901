#include "daemon/store/portfolio.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/nearest_name.hpp"
#include "daemon/store/internal/table_sql.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <fmt/core.h>

#include <string>
#include <utility>

namespace reviewd::store {
namespace {

/// Rows and accounts of one transaction of link_some.
constexpr std::int64_t linked_at_once = 20'000;

constexpr std::string_view account_columns =
    "SELECT a.id, a.key, a.name, s.name, a.owner_id, p.key, p.name, a.segment, a.size, a.region,"
    " a.language, a.retired IS NULL FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
    " AND a.generation <= s.generation LEFT JOIN people AS p ON p.id = a.owner_id ";

constexpr std::string_view person_columns =
    "SELECT p.id, p.key, p.name, p.email, p.manager, p.zone, p.language, p.region,"
    " p.retired IS NULL FROM people AS p JOIN sources AS s ON s.id = p.source_id"
    " AND p.generation <= s.generation ";

std::string join(std::string_view columns, std::string_view rest) {
    return std::string{columns} + std::string{rest};
}

Account read_account(const Query& query) {
    Account account;
    account.id = query->id<AccountId>(0);
    account.key = query->text(1);
    account.name = query->text(2);
    account.source = query->text(3);
    account.owner = query->id<PersonId>(4);
    account.owner_key = query->text(5);
    account.owner_name = query->text(6);
    account.segment = query->text(7);
    account.size = query->text(8);
    account.region = query->text(9);
    account.language = query->text(10);
    account.is_active = query->boolean(11);
    return account;
}

Person read_person(const Query& query) {
    Person person;
    person.id = query->id<PersonId>(0);
    person.key = query->text(1);
    person.name = query->text(2);
    person.email = query->text(3);
    person.manager_key = query->text(4);
    person.zone = query->text(5);
    person.language = query->text(6);
    person.region = query->text(7);
    person.is_active = query->boolean(8);
    return person;
}

std::string make_search(std::string_view table, std::string_view way, std::string_view condition) {
    return fmt::format(
        "SELECT t.id, {} AS way FROM {} AS t"
        " JOIN sources AS s ON s.id = t.source_id AND t.generation <= s.generation"
        " WHERE t.retired IS NULL AND {} ORDER BY way, t.name, t.id LIMIT ?2",
        way,
        table,
        condition
    );
}

/// Whom or what somebody may mean who typed a text, in a table with keys and names.
struct Search {
    std::string by_key;
    /// That very name, else one that differs by case and accents alone, else names that begin with
    /// the text, else those with a word that does: a piece of a word is nobody's name.
    std::string by_name;

    explicit Search(std::string_view table)
        : by_key(make_search(table, "0", "t.key = ?1")),
          by_name(make_search(
              table,
              "CASE WHEN t.name = ?1 THEN 0 WHEN folded(t.name) = folded(?1) THEN 1"
              " WHEN instr(folded(t.name), folded(?1)) = 1 THEN 2 ELSE 3 END",
              "instr(' ' || folded(t.name), ' ' || folded(?1)) > 0"
          )) {}
};

/// Those of the first way that finds any.
template <class Id>
std::vector<Id> find(
    Connection& connection, const Search& search, std::string_view text, int limit
) {
    std::vector<Id> found;
    for (const std::string* sql : {&search.by_key, &search.by_name}) {
        Query query{connection, *sql};
        query.bind(text, limit);
        std::optional<std::int64_t> best;
        while (query.step() && query->integer(1) == best.value_or(query->integer(1))) {
            best = query->integer(1);
            found.push_back(query->id<Id>(0));
        }
        if (!found.empty()) {
            break;
        }
    }
    return found;
}

/// What is looked for, and what to say of those there are when there is none.
struct Wanted {
    std::string_view what;
    std::string hint;
    std::string_view names; ///< SQL for names and keys
};

const Wanted an_account{
    "account",
    "`reviewctl score` lists all",
    "SELECT a.name, a.key FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
    " AND a.generation <= s.generation WHERE a.retired IS NULL ORDER BY a.id LIMIT ?1"};

constexpr std::string_view names_of_people =
    "SELECT p.name, p.key FROM people AS p JOIN sources AS s ON s.id = p.source_id"
    " AND p.generation <= s.generation WHERE p.retired IS NULL ORDER BY p.id LIMIT ?1";

/// Some of the people, by their keys.
std::string hint_of(const std::vector<Person>& people) {
    constexpr std::size_t most = 12;
    std::string keys;
    for (std::size_t index = 0; index < people.size() && index < most; ++index) {
        keys += (keys.empty() ? "" : ", ") + escape_controls(people[index].key);
    }
    if (people.size() > most) {
        keys += fmt::format(" and {} more", people.size() - most);
    }
    return keys.empty() ? "nobody was imported yet" : "there are " + keys;
}

/// A slip of the keyboard is looked for among so many names; it takes some ten milliseconds.
constexpr std::int64_t names_looked_at = 20'000;

/// "; did you mean `Hartley Print` (a17)?", or an empty string.
std::string nearest(Connection& connection, const Wanted& wanted, std::string_view text) {
    NearestName nearest{text};
    Query query{connection, wanted.names};
    query.bind(names_looked_at);
    while (query.step()) {
        nearest.consider(query->text(0), query->text(1));
    }
    const std::optional<std::string> found = nearest.found();
    return found ? fmt::format("; did you mean {}?", escape_controls(*found)) : std::string{};
}

/// The only candidate, or what to tell the person who asked.
template <class Thing>
Result<Thing> the_one(
    Connection& connection, std::vector<Thing> found, const Wanted& wanted, std::string_view text
) {
    if (found.empty()) {
        return fail(
            ErrorCode::not_found,
            fmt::format(
                "no {} matches \"{}\" by key or the beginning of a word of its name ({}){}",
                wanted.what,
                escape_controls(text),
                wanted.hint,
                nearest(connection, wanted, text)
            )
        );
    }
    if (found.size() == 1) {
        return std::move(found.front());
    }
    std::string candidates;
    for (std::size_t index = 0; index < found.size() && index < 5; ++index) {
        candidates +=
            fmt::format("{}{} ({})", index == 0 ? "" : ", ", found[index].name, found[index].key);
    }
    return fail(
        ErrorCode::conflict,
        fmt::format(
            "\"{}\" may be {}{}; name one by its key",
            escape_controls(text),
            candidates,
            found.size() > 5 ? " or others" : ""
        )
    );
}

/// The person of column `key_expression` of an account `a`.
std::string person_of(std::string_view key_expression) {
    return fmt::format(
        "(SELECT p.id FROM people AS p JOIN sources AS s ON s.id = p.source_id"
        " WHERE p.key = {} AND p.generation <= s.generation AND p.retired IS NULL"
        " ORDER BY p.source_id LIMIT 1)",
        key_expression
    );
}

/// SQL for the key of the person whom an account `a` was given to; NULL once its source names
/// another owner than it did then.
constexpr std::string_view handed_to =
    "(SELECT h.person FROM handovers AS h WHERE h.account_id = a.id AND h.named IS a.owner)";

/// SQL for the key of the owner that the latest row names; ?3 is the JSON path of a custom column.
std::string latest_owner_key(const rules::TableSchema& table, std::size_t person_column) {
    const rules::Column& column = table.columns[person_column];
    const std::string value =
        column.is_custom ? "json_extract(t.custom, ?3)" : "t." + as_identifier(column.name);
    std::string order = "t.id DESC";
    if (const auto happened = table.index_of(rules::ColumnRole::happened)) {
        order = fmt::format("t.{} DESC, t.id DESC", as_identifier(table.columns[*happened].name));
    }
    return fmt::format(
        "(SELECT {0} FROM {1} AS t JOIN sources AS s ON s.id = t.source_id"
        " WHERE t.account_id = a.id AND t.generation <= s.generation AND t.retired IS NULL"
        " AND {0} IS NOT NULL ORDER BY {2} LIMIT 1)",
        value,
        rules::name(table.table),
        order
    );
}

/// Gives latest_owner_key its ?3, where it has one.
void bind_custom(
    Query& query, const rules::Schema& schema, const std::optional<OwnerColumn>& owner_column
) {
    if (owner_column) {
        const rules::Column& column =
            schema[owner_column->table].columns[owner_column->person_column];
        if (column.is_custom) {
            query->bind(3, fmt::format("$.\"{}\"", column.name));
        }
    }
}

int link_rows(Connection& connection) {
    int linked = 0;
    for (const rules::Table table : rules::all_tables()) {
        if (!table_sql(table).account) {
            continue;
        }
        const std::string sql = fmt::format(
            "UPDATE {0} SET account_id = found.found_id FROM ("
            "SELECT t.id AS row, (SELECT coalesce(a.merged_into, a.id) FROM accounts AS a JOIN sources AS s"
            " ON s.id = a.source_id WHERE a.key = t.account AND a.generation <= s.generation"
            " AND a.source_id = coalesce(mine.accounts_from, a.source_id)"
            " ORDER BY a.source_id LIMIT 1) AS found_id"
            " FROM {0} AS t JOIN sources AS mine ON mine.id = t.source_id"
            " WHERE t.account_id IS NULL AND found_id IS NOT NULL LIMIT ?1) AS found"
            " WHERE {0}.id = found.row RETURNING account_id",
            rules::name(table)
        );
        Query query{connection, sql};
        query.bind(linked_at_once);
        for (; query.step(); ++linked) {
            connection.implementation().imported.add(query->id<AccountId>(0));
        }
    }
    return linked;
}

} // namespace

std::optional<Account> Portfolio::account(AccountId id) {
    static const std::string sql = join(account_columns, "WHERE a.id = ?1");
    Query query{connection_, sql};
    query.bind(id);
    return query.step() ? std::optional{read_account(query)} : std::nullopt;
}

std::vector<Account> Portfolio::find_accounts(std::string_view text, int limit) {
    static const Search accounts_named{"accounts"};
    std::vector<Account> accounts;
    for (const AccountId id : find<AccountId>(connection_, accounts_named, text, limit)) {
        accounts.push_back(account(id).value());
    }
    return accounts;
}

std::optional<std::string> Portfolio::product_name(const std::string& key) {
    Query query{
        connection_,
        "SELECT name FROM products WHERE key = ?1 ORDER BY retired IS NOT NULL, source_id LIMIT 1"};
    query.bind(key);
    return query.step() ? std::optional{query->text(0)} : std::nullopt;
}

std::vector<Account> Portfolio::subsidiaries(AccountId parent) {
    static const std::string sql = join(
        account_columns,
        "WHERE a.retired IS NULL AND a.id <> ?1 AND (a.parent, a.source_id) IN (SELECT up.key,"
        " up.source_id FROM accounts AS up WHERE up.id = ?1 UNION ALL SELECT up.key, up.source_id"
        " FROM accounts AS up WHERE up.merged_into = ?1 AND up.retired IS NOT NULL)"
        " ORDER BY a.name, a.id"
    );
    std::vector<Account> accounts;
    Query query{connection_, sql};
    query.bind(parent);
    while (query.step()) {
        accounts.push_back(read_account(query));
    }
    return accounts;
}

void Portfolio::hand_over(
    AccountId account, const Person& to, Date day, std::string_view who, std::string_view because
) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO handovers (account_id, person, named, day, who, because)"
        " SELECT id, ?2, owner, ?3, ?4, ?5 FROM accounts WHERE id = ?1"
        " ON CONFLICT (account_id) DO UPDATE SET person = excluded.person, named = excluded.named,"
        " day = excluded.day, who = excluded.who, because = excluded.because"}
        .bind(account, to.key, day, who, because)
        .run();
    Query{connection_, "UPDATE accounts SET owner_id = ?2 WHERE id = ?1"}
        .bind(account, to.id)
        .run();
    connection_.implementation().imported.add(account);
}

Result<Account> Portfolio::find_account(std::string_view text) {
    Query alias{
        connection_,
        "SELECT a.merged_into FROM accounts AS a WHERE a.key = ?1 AND a.merged_into IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM accounts AS b WHERE b.key = ?1 AND b.retired IS NULL)"};
    alias.bind(text);
    if (alias.step()) {
        return account(alias->id<AccountId>(0)).value();
    }
    return the_one(connection_, find_accounts(text), an_account, text);
}

std::optional<Person> Portfolio::person(PersonId id) {
    static const std::string sql = join(person_columns, "WHERE p.id = ?1");
    Query query{connection_, sql};
    query.bind(id);
    return query.step() ? std::optional{read_person(query)} : std::nullopt;
}

std::optional<Person> Portfolio::find_person(std::string_view key) {
    // One for each source that knows the key: to have SQLite sort them takes longer than to read
    // them.
    static const std::string sql = join(person_columns, "WHERE p.key = ?1");
    const auto order = [](const Person& person) {
        return std::pair{!person.is_active, person.id};
    };
    std::optional<Person> found;
    Query query{connection_, sql};
    query.bind(key);
    while (query.step()) {
        Person person = read_person(query);
        if (!found || order(person) < order(*found)) {
            found = std::move(person);
        }
    }
    return found;
}

Result<Person> Portfolio::match_person(std::string_view text) {
    static const Search people_named{"people"};
    std::vector<Person> found;
    for (const PersonId id : find<PersonId>(connection_, people_named, text, 20)) {
        found.push_back(person(id).value());
    }
    const Wanted wanted{
        "person", found.empty() ? hint_of(people()) : std::string{}, names_of_people};
    return the_one(connection_, std::move(found), wanted, text);
}

std::vector<Person> Portfolio::people() {
    static const std::string sql =
        join(person_columns, "WHERE p.retired IS NULL ORDER BY p.name, p.id");
    std::vector<Person> people;
    Query query{connection_, sql};
    while (query.step()) {
        people.push_back(read_person(query));
    }
    return people;
}

std::vector<Contact> Portfolio::contacts(AccountId account) {
    std::vector<Contact> contacts;
    Query query{
        connection_,
        "SELECT c.name, c.role, c.phone, c.email, c.language FROM contacts AS c"
        " JOIN sources AS s ON s.id = c.source_id AND c.generation <= s.generation"
        " WHERE c.account_id = ?1 AND c.retired IS NULL ORDER BY c.id"};
    query.bind(account);
    while (query.step()) {
        contacts.push_back(
            {query->text(0), query->text(1), query->text(2), query->text(3), query->text(4)}
        );
    }
    return contacts;
}

std::int64_t Portfolio::count(rules::Table table) {
    Query query{
        connection_, "SELECT coalesce(sum(active_rows), 0) FROM sources WHERE table_name = ?1"};
    query.bind(rules::name(table));
    return query.step() ? query->integer(0) : 0;
}

std::vector<Portfolio::OwnerCount> Portfolio::accounts_by_owner() {
    std::vector<OwnerCount> counts;
    Query query{
        connection_,
        "SELECT a.owner_id, count(*) FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation WHERE a.retired IS NULL GROUP BY a.owner_id"};
    while (query.step()) {
        counts.push_back({query->id<PersonId>(0), query->integer(1)});
    }
    return counts;
}

std::vector<AccountId> Portfolio::accounts_of(PersonId owner) {
    static const std::string all =
        "SELECT a.id FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation WHERE a.retired IS NULL AND a.owner_id ";
    static const std::string owned = all + "= ?1 ORDER BY a.id"; // `IS ?1` would not use the index
    static const std::string of_nobody = all + "IS NULL ORDER BY a.id";
    const bool is_somebody = owner != PersonId{};
    Query query{connection_, is_somebody ? owned : of_nobody};
    if (is_somebody) {
        query.bind(owner);
    }
    std::vector<AccountId> accounts;
    while (query.step()) {
        accounts.push_back(query->id<AccountId>(0));
    }
    return accounts;
}

std::vector<AccountId> Portfolio::accounts_of(PersonId owner, std::span<const AccountId> known) {
    std::vector<AccountId> accounts;
    if (owner == PersonId{}) {
        accounts = accounts_of(owner);
        std::erase_if(accounts, [&](AccountId account) {
            return std::binary_search(known.begin(), known.end(), account);
        });
        return accounts;
    }
    // The index tells who is known; of the few others it has to be looked up whether they are
    // active.
    std::vector<AccountId> others;
    Query query{connection_, "SELECT id FROM accounts WHERE owner_id = ?1 ORDER BY id"};
    query.bind(owner);
    while (query.step()) {
        const auto account = query->id<AccountId>(0);
        if (!std::binary_search(known.begin(), known.end(), account)) {
            others.push_back(account);
        }
    }
    for (const AccountId account : others) {
        Query active{
            connection_,
            "SELECT 1 FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
            " AND a.generation <= s.generation WHERE a.id = ?1 AND a.retired IS NULL"};
        active.bind(account);
        if (active.step()) {
            accounts.push_back(account);
        }
    }
    return accounts;
}

std::vector<Portfolio::Ownerless> Portfolio::ownerless(
    const std::optional<OwnerColumn>& owner_column
) {
    const std::string latest =
        owner_column ? latest_owner_key(schema_[owner_column->table], owner_column->person_column)
                     : std::string{"NULL"};
    const std::string sql = fmt::format(
        "SELECT a.id, coalesce({}, a.owner, {}, '') FROM accounts AS a JOIN sources AS s"
        " ON s.id = a.source_id AND a.generation <= s.generation"
        " WHERE a.retired IS NULL AND a.owner_id IS NULL ORDER BY a.id",
        handed_to,
        latest
    );
    Query query{connection_, sql};
    bind_custom(query, schema_, owner_column);
    std::vector<Ownerless> found;
    while (query.step()) {
        found.push_back({query->id<AccountId>(0), query->text(1)});
    }
    return found;
}

Result<std::optional<AccountId>> Portfolio::link_some(
    const std::optional<OwnerColumn>& owner_column, AccountId after
) {
    REVIEWD_ASSERT(connection_.is_writer());
    auto& database = static_cast<Database&>(connection_);
    return write(database, [&]() -> Result<std::optional<AccountId>> {
        if (after == AccountId{} && link_rows(connection_) > 0) {
            return std::optional{AccountId{}};
        }
        Query end{
            connection_,
            "SELECT max(id) FROM (SELECT id FROM accounts WHERE id > ?1 ORDER BY id LIMIT ?2)"};
        end.bind(after.value, linked_at_once);
        if (!end.step() || end->is_null(0)) {
            return std::optional<AccountId>{};
        }
        const auto last = end->id<AccountId>(0);
        Query{
            connection_,
            "DELETE FROM handovers WHERE account_id > ?1 AND account_id <= ?2 AND named IS NOT"
            " (SELECT a.owner FROM accounts AS a WHERE a.id = account_id)"}
            .bind(after.value, last.value)
            .run();
        std::string wanted =
            fmt::format("coalesce({}, {})", person_of(handed_to), person_of("a.owner"));
        if (owner_column) {
            const rules::TableSchema& table = schema_[owner_column->table];
            wanted = fmt::format(
                "coalesce({}, {})",
                wanted,
                person_of(latest_owner_key(table, owner_column->person_column))
            );
        }
        const std::string sql = fmt::format(
            "UPDATE accounts SET owner_id = found.owner FROM (SELECT a.id AS account, {} AS owner"
            " FROM accounts AS a WHERE a.id > ?1 AND a.id <= ?2) AS found"
            " WHERE accounts.id = found.account AND accounts.owner_id IS NOT found.owner"
            " RETURNING id",
            wanted
        );
        Query assign{connection_, sql};
        assign->bind(1, after.value);
        assign->bind(2, last.value);
        bind_custom(assign, schema_, owner_column);
        while (assign.step()) {
            connection_.implementation().imported.add(assign->id<AccountId>(0));
        }
        return std::optional{last};
    });
}

} // namespace reviewd::store
