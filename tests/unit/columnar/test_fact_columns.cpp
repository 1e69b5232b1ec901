#include "scoring/engine/columnar/fact_columns.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/columnar/random_rules.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>

namespace reviewd::test::test_fact_columns {
namespace {

using namespace engine::columnar;

FactColumns one_column(const std::vector<cel::Value>& values) {
    FactColumnsBuilder builder{1};
    for (std::size_t row = 0; row < values.size(); ++row) {
        builder.add(AccountId{static_cast<std::int64_t>(row)}, {values[row]});
    }
    return builder.finish();
}

std::vector<cel::Value> integers(std::int64_t count, std::int64_t step) {
    std::vector<cel::Value> values;
    for (std::int64_t i = 0; i < count; ++i) {
        values.push_back(cel::Value::of(i * step));
    }
    return values;
}

void check_rows(const FactColumns& columns, const std::vector<engine::FactRow>& rows) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const engine::FactRow found = columns.facts(row);
        for (std::size_t slot = 0; slot < found.size(); ++slot) {
            INFO("row " << row << ", slot " << slot);
            REQUIRE(cel::identical(found[slot], rows[row][slot]));
        }
    }
}

} // namespace

TEST_CASE("columns give back the facts that they were made of", "[columnar][columns]") {
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{1}, std::size_t{700}, std::size_t{5000}}) {
        RandomRules random{7};
        FactColumnsBuilder builder{random.facts().size()};
        std::vector<engine::FactRow> rows;
        for (std::size_t row = 0; row < count; ++row) {
            rows.push_back(random.facts());
            builder.add(AccountId{static_cast<std::int64_t>(row + 1)}, rows.back());
        }
        const FactColumns columns = builder.finish();
        CHECK(columns.rows() == count);
        check_rows(columns, rows);
    }
}

TEST_CASE("a column takes the narrowest form that holds it", "[columnar][columns]") {
    const auto width = [](const std::vector<cel::Value>& values) {
        return one_column(values).columns()[0].width;
    };
    CHECK(width(integers(9, 0)) == 0);
    CHECK(width(integers(100, 1)) == 1);
    CHECK(width(integers(3000, 1)) == 2);
    CHECK(width(integers(200, 1'000'000'000'000)) == 1);
    CHECK(width(integers(5000, 6)) == 2);
    CHECK(width(integers(5000, 1000)) == 4);
    CHECK(width(integers(5000, 1'000'000'000'000)) == 8);
    CHECK(one_column(integers(5000, 6)).columns()[0].encoding == Encoding::integers);
}

TEST_CASE("many different lists of few texts become sets", "[columnar][columns]") {
    std::vector<cel::Value> values;
    for (unsigned bits = 0; bits < 5000; ++bits) {
        cel::List list;
        for (unsigned bit = 0; bit < 13; ++bit) {
            if ((bits >> bit & 1U) != 0) {
                list.push_back(cel::Value::of(std::string(1, static_cast<char>('a' + bit))));
            }
        }
        values.push_back(cel::Value::list(std::move(list)));
    }
    FactColumns columns = one_column(values);
    CHECK(columns.columns()[0].encoding == Encoding::sets);
    CHECK(columns.columns()[0].width == 2);
    for (std::size_t row = 0; row < values.size(); row += 99) {
        REQUIRE(cel::identical(columns.facts(row)[0], values[row]));
    }
    const auto text = [](const char* one) {
        return cel::Value::of(std::string{one});
    };
    columns.update(4, {cel::Value::list({text("a"), text("m")})});
    CHECK(columns.columns()[0].bits(4) == 0x1001);
    columns.update(5, {cel::Value::list({text("m"), text("a")})});
    CHECK(cel::to_string(columns.facts(5)[0]) == R"(["m", "a"])");
    CHECK(cel::to_string(columns.facts(4)[0]) == R"(["a", "m"])");
}

TEST_CASE("values of another type than a column's are kept as they are", "[columnar][columns]") {
    const std::vector<cel::Value> values{
        cel::Value::of(std::int64_t{1}),
        cel::Value::of(1.5),
        cel::Value::unknown(0),
        cel::Value::of(std::string{"x"})};
    const FactColumns columns = one_column(values);
    for (std::size_t row = 0; row < values.size(); ++row) {
        CHECK(cel::identical(columns.facts(row)[0], values[row]));
    }
}

TEST_CASE(
    "an update stores any value and says when programs no longer fit", "[columnar][columns]"
) {
    RandomRules random{11};
    FactColumnsBuilder builder{random.facts().size()};
    std::vector<engine::FactRow> rows;
    for (std::size_t row = 0; row < 5000; ++row) {
        rows.push_back(random.facts());
        builder.add(AccountId{1}, rows.back());
    }
    FactColumns columns = builder.finish();
    const auto revisions = [&columns] {
        std::vector<std::uint64_t> all;
        for (std::uint32_t slot = 0; slot < columns.columns().size(); ++slot) {
            all.push_back(columns.revision(slot));
        }
        return all;
    };
    std::vector<std::uint64_t> before = revisions();
    columns.update(17, rows[17]);
    CHECK(revisions() == before);
    for (std::size_t row = 0; row < 40; ++row) {
        rows[row] = random.facts();
        columns.update(row, rows[row]);
    }
    before = revisions();
    const std::uint32_t slot = 6;
    rows[3][slot] = cel::Value::of(std::string{"no boolean at all"});
    columns.update(3, rows[3]);
    CHECK(columns.revision(slot) != before[slot]);
    before[slot] = columns.revision(slot);
    CHECK(revisions() == before); // programs that do not read the column fit as before
    check_rows(columns, rows);
}

TEST_CASE("rows come and go as if columns were built anew", "[columnar][columns]") {
    const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
    RandomRules random{seed};
    const std::size_t fact_count = random.facts().size();
    std::map<AccountId, engine::FactRow> rows;
    std::mt19937 pick{seed};
    const auto build = [&] {
        FactColumnsBuilder builder{fact_count};
        for (const auto& [account, facts] : rows) {
            builder.add(account, facts);
        }
        return builder.finish();
    };
    for (std::int64_t id = 10; id < (seed == 1 ? 10 : 3000); id += 3) {
        rows[AccountId{id}] = random.facts();
    }
    FactColumns columns = build();
    for (int turn = 0; turn < 25; ++turn) {
        std::set<AccountId> leaving;
        std::set<AccountId> coming;
        for (auto n = pick() % 40; n > 0; --n) {
            const AccountId account{
                static_cast<std::int64_t>(1 + pick() % (turn % 5 == 0 ? 9000 : 3100))};
            (rows.contains(account) ? leaving : coming).insert(account);
        }
        if (turn == 20) { // all of them
            for (const auto& [account, facts] : rows) {
                leaving.insert(account);
            }
        }
        if (turn % 4 == 1 && !rows.empty() && rows.begin()->first.value > 1) {
            leaving = {rows.begin()->first}; // the first one gives way to another first one
            coming = {AccountId{rows.begin()->first.value - 1}};
        }
        const std::vector<AccountId> gone(leaving.begin(), leaving.end());
        const std::vector<AccountId> come(coming.begin(), coming.end());
        std::vector<engine::FactRow> facts;
        for (const AccountId account : come) {
            facts.push_back(random.facts());
            rows[account] = facts.back();
        }
        for (const AccountId account : gone) {
            rows.erase(account);
        }
        const RowMoves moves{columns.accounts(), gone, come};
        std::vector<std::int64_t> beside;
        for (const AccountId account : columns.accounts()) {
            beside.push_back(account.value);
        }
        moves.apply(beside, 1, moves.rows());
        columns.move_rows(moves, come, facts);
        REQUIRE(columns.rows() == rows.size());
        REQUIRE(moves.rows() == rows.size());
        std::vector<engine::FactRow> expected;
        for (const auto& [account, each] : rows) {
            REQUIRE(columns.accounts()[expected.size()] == account);
            const std::int64_t kept = beside[expected.size()];
            REQUIRE(kept == (coming.contains(account) ? 0 : account.value));
            expected.push_back(each);
        }
        check_rows(columns, expected);
        // What lies behind the last row is as in columns that were built so.
        for (const Column& column : columns.columns()) {
            REQUIRE(column.cells.size() == padded(columns.rows()) * column.width);
            const auto end =
                column.cells.begin() + static_cast<std::ptrdiff_t>(columns.rows() * column.width);
            REQUIRE(std::all_of(end, column.cells.end(), [](std::byte each) {
                return each == std::byte{0};
            }));
            REQUIRE((column.known.empty() || column.known.size() == padded(columns.rows())));
        }
    }
}

TEST_CASE("a null is a missing fact", "[columnar][columns]") {
    FactColumns columns = one_column(integers(3, 1));
    columns.update(1, {cel::Value{}});
    CHECK(columns.facts(1)[0].is_unknown());
    CHECK(columns.facts(2)[0].get_if<std::int64_t>() != nullptr);
}

} // namespace reviewd::test::test_fact_columns
