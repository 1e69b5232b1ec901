// Accounts by their exact keys, and what they are part of.
#include "daemon/store/account_keys.hpp"
#include "daemon/store/account_merge.hpp"
#include "daemon/store/family.hpp"
#include "daemon/store/health.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <map>
#include <string>

namespace reviewd::test::test_accounts {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;
using rules::Table;

struct AccountsFixture : StoreFixture {
    ImportRow part(const std::string& key, const std::string& parent) const {
        Values more;
        if (!parent.empty()) {
            more.emplace_back("parent", parent);
        }
        return account(schema, key, "Account " + key, std::move(more));
    }
    AccountId id(const std::string& key) const {
        const std::string found = ask("SELECT min(id) FROM accounts WHERE key = '" + key + "'");
        return AccountId{std::stoll(found)};
    }
    void merge(const std::string& from, const std::string& into) {
        const auto merged = write(*database, [&]() -> Result<void> {
            merge_account(*database, id(from), id(into), some_day);
            return {};
        });
        REQUIRE(merged.has_value());
    }
    std::string parent(const std::string& key) {
        const auto found = parent_of(*database, id(key));
        return found ? found->key : std::string{};
    }
    std::string subsidiaries(const std::string& key) {
        std::string all;
        for (const Account& one : Portfolio{*database, schema}.subsidiaries(id(key))) {
            all += one.key + " ";
        }
        return all;
    }
    /// "2 a3": so many have lost their parent, that one among them.
    std::string lost() {
        const Health health = read_health(*database, some_day, some_moment);
        return std::to_string(health.accounts_with_lost_parent) + " " + health.lost_parent_of;
    }
};

} // namespace

TEST_CASE_METHOD(AccountsFixture, "an exact key finds its accounts alone", "[store][accounts]") {
    load(
        source("crm", Table::accounts),
        Table::accounts,
        {part("7", ""), part("77", ""), part("8", "")}
    );
    load(source("shop", Table::accounts), Table::accounts, {account(schema, "s7", "7")});
    const auto seven = std::vector<AccountId>{id("7")};
    CHECK(accounts_with_key(*database, "7") == seven);
    CHECK(accounts_with_key(*database, "Account 7").empty());
    CHECK(accounts_with_key(*database, "").empty());
    load(source("shop", Table::accounts), Table::accounts, {account(schema, "7", "Other")});
    CHECK(accounts_with_key(*database, "7").size() == 2);
    load(source("shop", Table::accounts), Table::accounts, {account(schema, "9", "Nine")});
    merge("7", "8");
    CHECK(accounts_with_key(*database, "7") == std::vector<AccountId>{id("8")});
}

TEST_CASE_METHOD(
    AccountsFixture, "subsidiaries go with their parent when it is merged", "[store][accounts]"
) {
    load(
        source("crm", Table::accounts),
        Table::accounts,
        {part("mother", ""),
         part("brook", "mother"),
         part("corner", "mother"),
         part("other", "mother"),
         part("last", "")}
    );
    CHECK(subsidiaries("mother") == "brook corner other ");
    CHECK(count_moving(*database, id("mother"), id("other")).at("subsidiaries") == 2);
    CHECK(count_moving(*database, id("brook"), id("other")).empty());
    merge("mother", "other");
    CHECK(parent("brook") == "other");
    CHECK(parent("other").empty()); // which is no mistake of its source
    CHECK(subsidiaries("other") == "brook corner ");
    CHECK(lost() == "0 ");
    CHECK(count_moving(*database, id("other"), id("last")).at("subsidiaries") == 2);
    merge("other", "last");
    CHECK(parent("corner") == "last");
    CHECK(subsidiaries("last") == "brook corner ");
    CHECK(lost() == "0 ");
    SECTION("as long as that one is there") {
        load(source("crm", Table::accounts), Table::accounts, {part("brook", "mother")});
        CHECK(parent("brook").empty());
        CHECK(lost() == "1 brook");
    }
}

TEST_CASE_METHOD(
    AccountsFixture, "a merge may lead an account back to itself", "[store][accounts]"
) {
    load(
        source("crm", Table::accounts),
        Table::accounts,
        {part("a", "b"), part("b", "c"), part("c", ""), part("d", "d")}
    );
    CHECK(lost() == "1 d");
    merge("c", "a");
    CHECK(lost() == "3 a");
}

TEST_CASE_METHOD(
    AccountsFixture, "an account of a held import is nobody's parent", "[store][accounts]"
) {
    const SourceId crm = source("crm", Table::accounts);
    load(crm, Table::accounts, {part("brook", "mother")});
    CHECK(lost() == "1 brook");
    ImportSession session = ImportSession::begin(*database, request(crm, Table::accounts)).value();
    static_cast<void>(session.add(std::vector{part("brook", "mother"), part("mother", "")}).value()
    );
    REQUIRE(session.hold(some_moment).has_value());
    CHECK(ask("SELECT count(*) FROM accounts WHERE key = 'mother'") == "1");
    CHECK(lost() == "1 brook");
}

} // namespace reviewd::test::test_accounts
