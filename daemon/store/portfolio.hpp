#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"
#include "scoring/rules/table.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// The few columns by which people know an account.
struct Account {
    AccountId id;
    std::string key;
    std::string name;
    std::string source; ///< name of its source
    PersonId owner;
    std::string owner_key; ///< of the owner in force; empty: nobody
    std::string owner_name;
    std::string segment, size, region, language;
    bool is_active = true;
};

/// Somebody who owns accounts or manages owners, as imported; configuration may say more.
struct Person {
    PersonId id;
    std::string key;
    std::string name;
    std::string email;
    std::string manager_key; ///< empty: none
    std::string zone;        ///< IANA; empty: the company's
    std::string language;    ///< empty: the company's
    std::string region;
    bool is_active = true;
};

struct Contact {
    std::string name, role, phone, email, language;
};

/// How an account without an owner column gets its owner: the latest row of `table` names a person.
struct OwnerColumn {
    rules::Table table = rules::Table::purchases;
    std::size_t person_column = 0; ///< index in the TableSchema; text
};

/// Who is who: look-ups over the imported tables, and what is derived from them after an import.
class Portfolio {
public:
    /// @param schema outlives the object
    Portfolio(Connection& connection, const rules::Schema& schema)
        : connection_(connection), schema_(schema) {}

    [[nodiscard]] std::optional<Account> account(AccountId id);

    /// Active accounts that `text` may mean: those with that key, else that name, else a name that
    /// only case and accents tell apart, else names that begin with it, else those with a word that
    /// does. By name.
    [[nodiscard]] std::vector<Account> find_accounts(std::string_view text, int limit = 20);

    /// The one account that `text` means.
    /// @errors `not_found`; `conflict` with the candidates' names and keys when there are several
    [[nodiscard]] Result<Account> find_account(std::string_view text);

    /// What the product table calls the product of that key, one that it has no more as well.
    [[nodiscard]] std::optional<std::string> product_name(const std::string& key);

    /// Active accounts whose parent it is, by name.
    [[nodiscard]] std::vector<Account> subsidiaries(AccountId parent);

    /// Gives an account to another owner, for as long as its source goes on naming the one that it
    /// names now. Inside a transaction.
    void hand_over(
        AccountId account,
        const Person& to,
        Date day,
        std::string_view who,
        std::string_view because
    );

    [[nodiscard]] std::optional<Person> person(PersonId id);
    [[nodiscard]] std::optional<Person> find_person(std::string_view key);
    /// The one person whom `text` means, in the same way.
    /// @errors `not_found`; `conflict` with the candidates
    [[nodiscard]] Result<Person> match_person(std::string_view text);
    /// Active ones, by name.
    [[nodiscard]] std::vector<Person> people();

    /// Active contacts of an account, in order of arrival.
    [[nodiscard]] std::vector<Contact> contacts(AccountId account);

    /// Active rows of a table.
    [[nodiscard]] std::int64_t count(rules::Table table);
    /// Active accounts per owner (PersonId{}: nobody's).
    struct OwnerCount {
        PersonId owner;
        std::int64_t accounts = 0;
    };
    [[nodiscard]] std::vector<OwnerCount> accounts_by_owner();

    /// Ids of active accounts of an owner, ascending.
    [[nodiscard]] std::vector<AccountId> accounts_of(PersonId owner);
    /// Those of them that are not among `known` (ascending).
    [[nodiscard]] std::vector<AccountId> accounts_of(
        PersonId owner, std::span<const AccountId> known
    );

    /// An active account that nobody owns, with the key of the person whom a handover or its
    /// sources name all the same: somebody who is gone, or was never there. Empty: they name
    /// nobody.
    struct Ownerless {
        AccountId account;
        std::string named;
    };
    /// By account.
    [[nodiscard]] std::vector<Ownerless> ownerless(const std::optional<OwnerColumn>& owner_column);

    /// After imports: connects rows with accounts that came later, and gives every account its
    /// owner: the owner column's person, else the person of `owner_column`'s latest row, else
    /// nobody. Works through ids from `after` on, one bounded transaction a call.
    /// @returns where to go on, or nothing when all is done
    [[nodiscard]] Result<std::optional<AccountId>> link_some(
        const std::optional<OwnerColumn>& owner_column, AccountId after
    );

private:
    Connection& connection_;
    const rules::Schema& schema_;
};

} // namespace reviewd::store
