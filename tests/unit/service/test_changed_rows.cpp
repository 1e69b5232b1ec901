// An import has only those accounts judged and looked at whose rows it changed. Here the same year
// is lived twice: once so, once with everything judged anew from nothing at every turn.
#include "daemon/store/account_reader.hpp"
#include "daemon/store/imports.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/scores.hpp"
#include "scoring/engine/fact_deriver.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <random>
#include <set>

namespace reviewd::test::test_changed_rows {

using namespace reviewd;
using std::chrono::days;
using test::at;

namespace {

const Date start = parse_date("2026-11-02").value();
const service::Actor ruth{"ruth", "socket"};

/// What the rules read beside rows.
enum class Reading { everything, no_counted_days, rows_only };

void prepare(test::World& world, Reading reading) {
    world.edit_settings(
        "channels:\n",
        "  products: { file: products.csv, every: 1 day }\n"
        "  tickets: { file: tickets.csv, every: 1 day }\n"
        "  interactions: { file: interactions.csv, every: 1 day }\n"
        "channels:\n"
    );
    world.edit_rules(
        "rules:\n",
        "  owned: { type: list, distinct: purchases.product }\n"
        "  spend_12m: { type: money, sum: purchases.amount, within: 12 months }\n"
        "  last_purchase: { type: date, latest: purchases.date }\n"
        "  complaints: { type: integer, count: tickets, where: closed == null }\n"
        "rules:\n"
        "  - { id: spends, when: spend_12m > 5000, points: 15 }\n"
        "  - { id: angry, when: complaints > 0, points: -20 }\n"
        "  - { id: owns-a, when: '\"p1\" in owned', points: 5 }\n"
    );
    if (reading == Reading::everything) { // these change with every day
        world.edit_rules(
            "rules:\n",
            "rules:\n"
            "  - { id: ages, when: months_to_replacement < 6, points: 10 }\n"
            "  - { id: quiet, when: last_contact_days > 40, points: -5 }\n"
        );
    }
    world.edit_rules("levels:\n", "keep_level: { margin: 3, at_least: 5 days }\nlevels:\n");
    world.edit_rules(
        "cadences:\n",
        "triggers:\n"
        "  - { id: complaint, source: tickets, when: closed == null, contact_within: 2 working days }\n"
        "cadences:\n"
    );
    if (reading != Reading::rows_only) {
        world.edit_rules(
            "triggers:\n",
            "triggers:\n  - { id: moved, score: moved, by: 20, contact_within: 5 working days }\n"
        );
    }
}

/// What the sources say, and how it changes.
class Tables {
public:
    explicit Tables(std::uint32_t seed) : random_(seed) {
        for (int n = 1; n <= 40; ++n) {
            add_account();
        }
        for (int n = 1; n <= 60; ++n) {
            add_purchase();
        }
    }

    void change() {
        for (int changes = below(4); changes >= 0; --changes) {
            change_one();
        }
    }

    void write(test::World& world) const {
        world.write_accounts(accounts_);
        std::string text;
        for (const auto& [key, row] : purchases_) {
            text += fmt::format("{},{}\n", key, row);
        }
        world.write_purchases(text);
        text = "key,account,title,opened,closed\n";
        for (const auto& [key, row] : tickets_) {
            text += fmt::format("{},{}\n", key, row);
        }
        world.write_data("tickets.csv", text);
        text = "key,account,kind,date\n";
        for (const auto& [key, row] : interactions_) {
            text += fmt::format("{},{}\n", key, row);
        }
        world.write_data("interactions.csv", text);
        text = "key,name,lifetime_months\n";
        for (const auto& [key, lifetime] : products_) {
            text += fmt::format("{},Product {},{}\n", key, key, lifetime);
        }
        world.write_data("products.csv", text);
        text = "key,name,email,manager\nruth,Ruth Okafor,ruth@example.test,\n"
               "karim,Karim Haddad,karim@example.test,ruth\n"
               "farah,Farah Khan,farah@example.test,karim\n";
        text += fmt::format("ana,{},ana@example.test,karim\n", ana_);
        text += has_ben_ ? "ben,Ben Moss,ben@example.test,karim\n" : "";
        world.write_data("people.csv", text);
    }

    [[nodiscard]] int below(int end) {
        return static_cast<int>(random_() % static_cast<std::uint32_t>(end));
    }
    [[nodiscard]] std::string any_account() {
        return accounts_[static_cast<std::size_t>(below(static_cast<int>(accounts_.size())))].key;
    }
    void forget_account(const std::string& key) {
        std::erase_if(accounts_, [&](const AccountRow& row) { return row.key == key; });
    }
    Date today = start;

private:
    using Rows = std::map<std::string, std::string>;

    void add_account() {
        accounts_.push_back({fmt::format("a{}", ++last_account_), any_owner(), below(60) * 1000});
    }
    /// Sometimes of an account that comes later.
    [[nodiscard]] std::string account_of_row() {
        return below(12) == 0 ? fmt::format("a{}", last_account_ + 1) : any_account();
    }
    [[nodiscard]] std::string any_owner() {
        const std::array<std::string, 4> owners{"ana", "farah", "ben", ""};
        return owners[static_cast<std::size_t>(below(4))];
    }
    void add_purchase() { purchases_[fmt::format("s{}", ++last_row_)] = purchase(); }
    [[nodiscard]] std::string purchase() {
        return fmt::format(
            "{},p{},{},{}",
            account_of_row(),
            1 + below(4),
            to_string(today - days{below(700)}),
            below(9000)
        );
    }
    template <class Row>
    void change_rows(Rows& rows, const std::string& prefix, const Row& make) {
        const int kind = below(3);
        if (kind == 0 || rows.empty()) {
            rows[fmt::format("{}{}", prefix, ++last_row_)] = make();
            return;
        }
        const auto one = std::next(rows.begin(), below(static_cast<int>(rows.size())));
        if (kind == 1) {
            one->second = make();
        } else {
            rows.erase(one);
        }
    }

    void change_one() {
        const auto some = static_cast<std::size_t>(below(static_cast<int>(accounts_.size())));
        switch (below(16)) {
        case 0:
        case 1:
            add_account();
            break;
        case 2:
            gone_.push_back(accounts_[some]);
            accounts_.erase(accounts_.begin() + static_cast<std::ptrdiff_t>(some));
            break;
        case 3:
            if (!gone_.empty()) {
                accounts_.push_back(gone_.front());
                gone_.erase(gone_.begin());
            }
            break;
        case 4:
            accounts_[some].owner = any_owner();
            break;
        case 5:
        case 6:
            accounts_[some].budget = below(60) * 1000;
            accounts_[some].is_vip = below(5) == 0;
            break;
        case 7:
            products_[fmt::format("p{}", 1 + below(4))] = 6 + below(40);
            break;
        case 8:
            has_ben_ = !has_ben_;
            break;
        case 9:
            ana_ = below(2) == 0 ? "Ana Costa" : "Ana Costa Lima";
            break;
        case 10:
        case 11:
            change_rows(interactions_, "i", [&] {
                return fmt::format(
                    "{},call,{}", account_of_row(), to_string(today - days{below(60) - 5})
                );
            });
            break;
        case 12:
        case 13:
            change_rows(tickets_, "t", [&] {
                const Date opened = today - days{below(40)};
                return fmt::format(
                    "{},Jams,{},{}",
                    account_of_row(),
                    to_string(opened),
                    below(2) == 0 ? std::string{} : to_string(opened + days{below(30)})
                );
            });
            break;
        default:
            change_rows(purchases_, "s", [&] { return purchase(); });
        }
    }

    std::mt19937 random_;
    std::vector<AccountRow> accounts_;
    std::vector<AccountRow> gone_;
    Rows purchases_, tickets_, interactions_;
    std::map<std::string, int> products_{{"p1", 12}, {"p2", 36}};
    bool has_ben_ = true;
    std::string ana_ = "Ana Costa";
    int last_account_ = 0;
    int last_row_ = 0;
};

/// All that scores, levels and occasions are, beside what World::describe tells.
std::string describe_all(test::World& world) {
    std::string text = world.describe();
    const config::Configuration& configuration = world.service().configuration();
    store::AccountReader reader{
        world.database(),
        configuration.rules->schema,
        configuration.settings->company.minor_digits,
        std::bitset<rules::table_count>{}.set(),
        first_date};
    for (const store::AccountEntry& entry : reader.read_after({}, 10'000)) {
        const auto score = store::Scores{world.database()}.find(entry.id);
        text += fmt::format("account {} owner {}", entry.id.value, entry.owner.value);
        text += score ? fmt::format(
                    " {} {} {} since {} replanned {}\n",
                    score->points,
                    score->level,
                    score->raw_level,
                    to_string(score->level_since),
                    score->replanned ? to_string(*score->replanned) : "-"
                )
                      : "\n";
        for (const store::ScoreChange& change : store::Scores{world.database()}.history(entry.id)) {
            text += fmt::format(
                "  {} {} {} {} {} {}\n",
                to_string(change.day),
                change.from,
                change.to,
                change.points,
                name(change.cause),
                change.detail
            );
        }
        for (const store::Occasion& one : store::Occasions{world.database()}.history(entry.id)) {
            text += fmt::format(
                "  {} {} {} {} {}\n",
                one.trigger,
                one.event,
                to_string(one.happened),
                static_cast<int>(one.state),
                one.stands
            );
        }
    }
    const auto held = world.service().rescorer().held();
    text += held ? fmt::format("held {} of {}\n", held->moving, held->accounts) : "";
    return text;
}

/// The columns are what the database says.
void check_columns(test::World& world, Date day) {
    const TimePoint now = at(day, 12);
    while (world.service().read_ahead(now)) {
    }
    const service::PortfolioColumns& columns = world.service().columns();
    REQUIRE(columns.are_current(day));
    const config::Configuration& configuration = world.service().configuration();
    store::AccountReader reader{
        world.database(),
        configuration.rules->schema,
        configuration.settings->company.minor_digits};
    const engine::PortfolioContext portfolio = reader.read_context(day);
    const engine::FactDeriver deriver{*configuration.rules, portfolio};
    const auto entries = reader.read_after({}, 10'000);
    REQUIRE(entries.size() == columns.facts().rows());
    for (std::size_t row = 0; row < entries.size(); ++row) {
        REQUIRE(columns.facts().accounts()[row] == entries[row].id);
        CHECK(columns.owner(row) == entries[row].owner);
        const engine::FactRow facts = deriver.derive(entries[row].records);
        const engine::FactRow kept = columns.facts().facts(row);
        for (std::size_t slot = 0; slot < facts.size(); ++slot) {
            REQUIRE(cel::to_string(kept[slot]) == cel::to_string(facts[slot]));
        }
        CHECK(
            columns.scores().score(row).points
            == engine::evaluate(*configuration.rules, facts).points
        );
    }
}

/// One of the two lives: what is asked of it, and how.
struct Life {
    test::World world;
    bool is_anew = false;

    void turn(const Tables& tables, TimePoint now) {
        tables.write(world);
        if (is_anew) {
            world.service().columns().forget();
        }
        world.run(now);
        REQUIRE(world.service().importer().request({}, service::Importer::Mode::always).has_value()
        );
        while (world.service().importer().is_busy()) {
            REQUIRE(world.service().tick(now).has_value());
        }
        if (is_anew) {
            world.service().columns().forget();
        }
        world.run(now);
    }
};

} // namespace

TEST_CASE("judging what an import changed does what judging all does", "[service][columns]") {
    const std::uint32_t seed = GENERATE(1U, 2U);
    const Reading reading =
        GENERATE(Reading::everything, Reading::no_counted_days, Reading::rows_only);
    CAPTURE(seed, static_cast<int>(reading));
    Tables tables{seed};
    Life usual;
    Life anew;
    anew.is_anew = true;
    int over_some = 0;
    for (Life* life : {&usual, &anew}) {
        prepare(life->world, reading);
        tables.write(life->world);
        life->world.open(at(start, 9));
        life->world.run(at(start, 9));
    }
    for (int turn = 1; turn <= 30; ++turn) {
        tables.today += days{tables.below(4)};
        const TimePoint now = at(tables.today, 10) + std::chrono::minutes{turn};
        tables.change();
        const std::string from = tables.any_account();
        const std::string into = tables.any_account();
        const bool is_merged = tables.below(6) == 0 && from != into;
        const bool is_confirmed = tables.below(4) == 0;
        const bool is_killed = tables.below(10) == 0;
        CAPTURE(turn, to_string(tables.today), from, into, is_merged, is_confirmed, is_killed);
        for (Life* life : {&usual, &anew}) {
            life->turn(tables, now);
            if (life->world.service().rescorer().held() && is_confirmed) {
                REQUIRE(life->world.service().rescorer().confirm(ruth, now).has_value());
                life->world.run(now);
            }
            if (is_merged) {
                store::Portfolio portfolio{
                    life->world.database(), life->world.service().configuration().rules->schema};
                static_cast<void>(life->world.service().accounts().merge(
                    life->world.account(from).id, life->world.account(into).id, ruth, now
                ));
                life->world.run(now);
            }
            if (is_killed) {
                life->world.close();
                life->world.open(now);
                life->world.run(now);
            }
        }
        over_some += usual.world.service().rescorer().was_over_all() ? 0 : 1;
        if (is_merged) {
            tables.forget_account(from);
        }
        const std::string expected = describe_all(anew.world);
        REQUIRE(describe_all(usual.world) == expected);
        check_columns(usual.world, tables.today);
    }
    CHECK(over_some > 10);
}

TEST_CASE("an import reads the accounts again whose rows it changed", "[service][columns]") {
    test::World world;
    std::vector<AccountRow> accounts;
    for (int n = 1; n <= 2500; ++n) {
        accounts.push_back({fmt::format("a{}", n), n % 2 == 0 ? "ana" : "farah", 100 * n});
    }
    world.write_accounts(accounts);
    world.open(at(start, 12));
    world.run(at(start, 12));
    world.run(at(start + days{1}, 9));
    const service::PortfolioColumns& columns = world.service().columns();
    const auto read_by = [&](int minute) {
        const std::size_t before = columns.accounts_read_ever();
        world.import(at(start + days{1}, 12, minute));
        return columns.accounts_read_ever() - before;
    };
    CHECK(read_by(0) == 0);
    accounts[10].budget += 1;               // a change
    accounts.erase(accounts.begin() + 100); // one that is gone
    accounts.push_back({"b1", "ana", 500}); // a new one
    accounts[20].owner = "ana";             // another owner
    world.write_accounts(accounts);
    world.write_purchases("s1,a7,p1,2026-11-01,10\ns2,a8,p1,2026-11-01,10\n");
    CHECK(read_by(1) == 5); // of two of them a purchase; what is gone is not there to be read
    CHECK(columns.facts().rows() == 2500);
    check_columns(world, start + days{1});
    CHECK_FALSE(world.service().rescorer().was_over_all());
    world.write_purchases("s1,a7,p1,2026-11-01,10\ns2,a9,p1,2026-11-01,10\n");
    CHECK(read_by(2) == 2); // the row's former account, and the one it has now
    CHECK(world.account("a9").id != world.account("a8").id);
    accounts.erase(accounts.begin() + 5); // nothing but one that is gone
    world.write_accounts(accounts);
    CHECK(read_by(3) == 0);
    CHECK(columns.facts().rows() == 2499);
    check_columns(world, start + days{1});
    for (AccountRow& account : accounts) {
        account.budget += 1;
    }
    world.write_accounts(accounts);
    CHECK(read_by(4) == 2499);
    CHECK(world.service().rescorer().was_over_all());
}

TEST_CASE("what would move too many waits, however few are judged", "[service][columns][guard]") {
    test::World world;
    std::vector<AccountRow> accounts;
    for (int n = 1; n <= 40; ++n) {
        accounts.push_back({fmt::format("a{}", n), "ana", 100});
    }
    world.write_accounts(accounts);
    world.open(at(start, 12));
    world.run(at(start, 12));
    const auto make_rich = [&](std::size_t first, std::size_t count) {
        for (std::size_t n = first; n < first + count; ++n) {
            accounts[n].budget = 50'000;
        }
        world.write_accounts(accounts);
    };
    make_rich(0, 8); // a fifth is not more than a fifth
    world.import(at(start, 13));
    CHECK_FALSE(world.service().rescorer().held().has_value());
    CHECK_FALSE(world.service().rescorer().was_over_all());
    make_rich(8, 9);
    world.import(at(start, 14));
    const auto held = world.service().rescorer().held();
    REQUIRE(held.has_value());
    CHECK(held->accounts == 40);
    CHECK(held->moving == 9);
    // More comes while it waits, and is counted with it.
    make_rich(17, 1);
    world.import(at(start, 15));
    REQUIRE(world.service().rescorer().held().has_value());
    CHECK(world.service().rescorer().held()->moving == 10);
    // What was held is judged again when it goes back.
    for (std::size_t n = 8; n < 18; ++n) {
        accounts[n].budget = n < 16 ? 50'000 : 100;
    }
    world.write_accounts(accounts);
    world.import(at(start, 16));
    CHECK_FALSE(world.service().rescorer().held().has_value());
    CHECK(store::Scores{world.database()}.find(world.account("a10").id)->level == "high");
    CHECK(store::Scores{world.database()}.find(world.account("a18").id)->level == "low");
}

TEST_CASE("people are the same until something of theirs changes", "[service][people]") {
    test::World world;
    world.open(at(start, 12));
    world.run(at(start, 12));
    const auto resolve = [&] {
        const config::Configuration& configuration = world.service().configuration();
        return service::People{
            world.database(), configuration.rules->schema, *configuration.settings};
    };
    const service::People before = resolve();
    world.import(at(start, 13));
    CHECK(before.are_same(resolve()));
    const auto read = [&](const std::string& ana, int minute) {
        world.write_data(
            "people.csv",
            "key,name,email,manager,zone\nruth,Ruth Okafor,ruth@example.test,,\n"
            "karim,Karim Haddad,karim@example.test,ruth,\n"
                + ana + "farah,Farah Khan,farah@example.test,karim,\n"
        );
        world.import(at(start, 14, minute));
        return before.are_same(resolve());
    };
    CHECK(read("ana,Ana Costa,ana@example.test,karim,\n", 1));
    CHECK_FALSE(read("ana,Ana Costa,ana@example.test,karim,Pacific/Auckland\n", 2));
    CHECK_FALSE(read("ana,Ana Lima,ana@example.test,karim,\n", 3));
    CHECK_FALSE(read("ana,Ana Costa,ana@example.test,ruth,\n", 4));
    CHECK_FALSE(read("", 5));
    CHECK(read("ana,Ana Costa,ana@example.test,karim,\n", 6));
    const service::LeaveDesk::Wanted leave{"ana", start + days{10}, start + days{12}, ""};
    REQUIRE(world.service().leave().add(leave, ruth, at(start, 15)).has_value());
    CHECK_FALSE(before.are_same(resolve()));
}

} // namespace reviewd::test::test_changed_rows
