// What a working service asks of SQLite, and how SQLite finds it: the tables that grow with the
// company and with the years are read by an index, in ranges, or in pieces.
#include "daemon/simulation/simulation.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/uncounted_products.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace reviewd;

namespace {

/// A few rows each, or as many as the company has employees, sources or versions of its rules.
constexpr std::array small_tables{
    "handovers",
    "leaves",
    "markers",
    "owner_plans",
    "people",
    "products",
    "rules_candidate",
    "rules_events",
    "rules_files",
    "rules_texts",
    "sources",
    "sqlite_schema"};

/// Statements that may walk through a whole table, by how they begin.
struct Allowed {
    std::string_view beginning;
    std::string_view because;
};
constexpr std::string_view inspection = "an inspection reads everything; so it is meant";
constexpr std::array allowed{
    Allowed{"PRAGMA ", inspection},
    Allowed{"SELECT 'account ' ||", inspection},
    Allowed{"SELECT 'delivery ' ||", inspection},
    Allowed{"SELECT 'reminders ' ||", inspection},
    Allowed{"SELECT 'review ' ||", inspection},
    Allowed{"SELECT max(id) || ' is the last of '", inspection},
    Allowed{"SELECT last || ' is the last of '", "the last thousand, found by the largest"},
    Allowed{"SELECT message_id FROM messages JOIN deliveries", inspection},
    Allowed{"SELECT channel, state, count(*) FROM deliveries", "counts, out of an index alone"},
    Allowed{"WITH RECURSIVE channels(name)", "one step into the index for each channel"},
    Allowed{
        "SELECT id, owner_id, due, appointment_ms FROM reviews WHERE appointment_ms IS NOT NULL",
        "once in the life of a database, see agreement.hpp"},
    Allowed{"SELECT a.owner_id, count(*) FROM accounts", "once a week, for the managers' report"},
    Allowed{
        "SELECT a.id FROM accounts AS a JOIN sources AS s ON s.id = a.source_id"
        " AND a.generation <= s.generation WHERE a.retired IS NULL AND a.owner_id IS NULL",
        "the accounts of nobody; an index would cost every row of an import"},
};

bool is_allowed(std::string_view sql) {
    return std::any_of(allowed.begin(), allowed.end(), [&](const Allowed& one) {
        return sql.starts_with(one.beginning);
    });
}

/// Every statement that runs on any connection of this process while it lives.
class Watch {
public:
    Watch() {
        seen().clear();
        sqlite3_auto_extension(reinterpret_cast<void (*)()>(&begin));
    }
    ~Watch() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&begin)); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    [[nodiscard]] static const std::set<std::string>& statements() { return seen(); }

private:
    static std::set<std::string>& seen() {
        static std::set<std::string> statements;
        return statements;
    }
    static int note(unsigned /*event*/, void* /*context*/, void* statement, void* /*text*/) {
        if (const char* sql = sqlite3_sql(static_cast<sqlite3_stmt*>(statement))) {
            seen().emplace(sql);
        }
        return 0;
    }
    static int begin(sqlite3* connection, char** /*error*/, const sqlite3_api_routines* /*api*/) {
        return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, &note, nullptr);
    }
};

/// The b-trees of the schema by their first page; a partial index is as small as what it is for.
std::map<int, std::string> large_trees(SQLite::Database& database) {
    std::map<int, std::string> trees;
    SQLite::Statement query{
        database,
        "SELECT rootpage, name, tbl_name, coalesce(sql, '') LIKE '%WHERE%' AND type = 'index'"
        " FROM sqlite_schema WHERE rootpage > 0"};
    while (query.executeStep()) {
        const std::string table = query.getColumn(2).getString();
        const bool is_small =
            query.getColumn(3).getInt() != 0
            || std::find(small_tables.begin(), small_tables.end(), table) != small_tables.end();
        if (!is_small) {
            trees.emplace(query.getColumn(0).getInt(), query.getColumn(1).getString());
        }
    }
    return trees;
}

/// Whether SQLite calls any part of it a scan; a smallest or a largest value is none.
bool has_scan(SQLite::Database& database, const std::string& sql) {
    SQLite::Statement plan{database, "EXPLAIN QUERY PLAN " + sql};
    while (plan.executeStep()) {
        if (plan.getColumn(3).getString().starts_with("SCAN")) {
            return true;
        }
    }
    return false;
}

/// The large b-trees that the statement walks through from one end to the other.
/// @source https://www.sqlite.org/opcode.html: OpenRead, OpenWrite, Rewind, Last, Next, Prev
std::vector<std::string> walked_trees(
    SQLite::Database& database, const std::map<int, std::string>& trees, const std::string& sql
) {
    std::vector<std::string> walked;
    if (!has_scan(database, sql)) {
        return walked;
    }
    std::map<int, std::string> cursors;
    std::set<int> at_an_end;
    SQLite::Statement program{database, "EXPLAIN " + sql};
    while (program.executeStep()) {
        const std::string opcode = program.getColumn(1).getString();
        const int cursor = program.getColumn(2).getInt();
        if (opcode == "OpenRead" || opcode == "OpenWrite") {
            const auto tree = trees.find(program.getColumn(3).getInt());
            if (tree != trees.end()) {
                cursors[cursor] = tree->second;
            }
        } else if (opcode == "Rewind" || opcode == "Last") {
            at_an_end.insert(cursor);
        } else if (opcode == "Next" || opcode == "Prev") {
            if (at_an_end.contains(cursor) && cursors.contains(cursor)) {
                walked.push_back(cursors[cursor]);
            }
        }
    }
    return walked;
}

/// What people ask for by hand, and the simulation does not.
void ask_for_trails(store::Database& database) {
    store::Audit audit{database};
    const AccountId account{1};
    const ReviewId review{1};
    for (const std::string who : {"", "ruth"}) {
        CHECK(audit.trail({account, {}, who}).empty());
        CHECK(audit.trail({{}, review, who}).empty());
        CHECK(audit.trail({account, review, who}).empty());
    }
}

/// What the simulation's company does not keep: a list of products, that comes after what was sold.
void count_products(store::Database& database, const std::string& file) {
    SQLite::Database beside{file, SQLite::OPEN_READWRITE};
    beside.exec("INSERT INTO sources (name, table_name, generation)"
                " VALUES ('catalogue', 'products', 1), ('sales', 'purchases', 1)");
    store::UncountedProducts uncounted{database};
    CHECK_FALSE(uncounted.look_on());
    CHECK(uncounted.has_counted());
}

} // namespace

TEST_CASE("no statement of a working service walks through a whole table that grows", "[sim]") {
    const Watch watch;
    const test::TemporaryDirectory directory;
    const std::string file = (directory.path() / "reviewd.db").string();
    const auto asked = store::Database::open_simulated(file, "unix");
    REQUIRE(asked.has_value());
    const std::set<std::string> of_making = Watch::statements();
    ask_for_trails(**asked);
    count_products(**asked, file);

    simulation::Plan plan;
    plan.from = Date{std::chrono::year{2026} / 1 / 5};
    plan.days = 60;
    plan.quiet_days = 10;
    plan.accounts = 24;
    for (plan.seed = 1; plan.seed <= 6; ++plan.seed) {
        const simulation::Report report = simulation::simulate(plan);
        CHECK_FALSE(report.violation.has_value());
    }
    REQUIRE(Watch::statements().size() > of_making.size() + 200);

    SQLite::Database database{file};
    const std::map<int, std::string> trees = large_trees(database);
    for (const std::string& sql : Watch::statements()) {
        if (of_making.contains(sql) || is_allowed(sql)) {
            continue;
        }
        INFO(sql);
        CHECK(walked_trees(database, trees, sql) == std::vector<std::string>{});
    }
}
