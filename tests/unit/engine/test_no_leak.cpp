// Two histories that agree up to a day give the same facts on that day, whatever comes after it.
#include "scoring/engine/fact_horizon.hpp"
#include "scoring/engine/timeline.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/engine/portfolio.hpp"

#include <algorithm>
#include <random>

namespace reviewd::test::test_no_leak {
namespace {

using rules::Aggregate;
using rules::FactType;
using rules::Table;

class History {
public:
    explicit History(unsigned seed) : random_(seed) {
        define_facts();
        for (const Table table :
             {Table::purchases, Table::contracts, Table::tickets, Table::interactions}) {
            const int rows = below(12);
            for (int i = 0; i < rows; ++i) {
                add_row(table, below(1200), below(100) - 50);
            }
        }
        for (int i = below(6); i > 0; --i) {
            add_answer(below(1200));
            portfolio.records.reviews_held.push_back(at(below(1200)));
        }
        const std::size_t budget = column("budget");
        for (int i = 5; i > 0; --i) {
            portfolio.records.former_values.push_back(
                {budget, at(100 + i * 200 + below(150)), number(below(9))}
            );
        }
        portfolio.account({{"budget", number(10)}, {"since", date("2020-01-01")}});
    }

    /// Changes everything that was not known on the context's day.
    void alter_the_future() {
        const Date today = portfolio.context.as_of;
        for (std::size_t table = 0; table < rules::table_count; ++table) {
            for (engine::Record& row : portfolio.records.rows[table]) {
                alter(row, static_cast<Table>(table));
            }
            if (table > static_cast<std::size_t>(Table::contacts)) {
                for (int i = below(8); i > 0; --i) {
                    add_row(static_cast<Table>(table), days_to_today() + 1 + below(300), 0);
                }
            }
            auto& rows = portfolio.records.rows[table];
            std::shuffle(rows.begin(), rows.end(), random_);
        }
        for (engine::Answer& answer : portfolio.records.answers) {
            answer.value = answer.day > today ? number(below(9)) : answer.value;
        }
        add_answer(days_to_today() + 1 + below(300));
        for (Date& held : portfolio.records.reviews_held) {
            held += std::chrono::days{held > today ? 1 + below(30) : 0};
        }
        std::erase_if(portfolio.records.former_values, [&](const engine::FormerValue& former) {
            return former.until <= today && former.column != column("budget");
        });
        alter_budget(today);
    }

    int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

    Portfolio portfolio;

private:
    static Date at(int days) { return day("2024-01-01") + std::chrono::days{days}; }

    int days_to_today() const {
        return static_cast<int>((portfolio.context.as_of - at(0)).count());
    }

    std::size_t column(const char* name) const {
        return portfolio.rules.schema[Table::accounts].index_of(name).value();
    }

    /// A row that happened on that day and became known `delay` days later (or earlier).
    void add_row(Table table, int days, int delay) {
        const rules::TableSchema& schema = portfolio.rules.schema[table];
        Portfolio::Cells cells;
        for (const rules::Column& cell : schema.columns) {
            const bool is_named = cell.role == rules::ColumnRole::plain;
            if (is_named && cell.type == rules::ColumnType::text) {
                cells.emplace_back(
                    cell.name,
                    below(5) == 0 ? cel::Value{} : text(names[static_cast<std::size_t>(below(4))])
                );
            } else if (cell.type == rules::ColumnType::money) {
                cells.emplace_back(cell.name, number(below(1000) / 10.0));
            } else if (cell.role == rules::ColumnRole::happened) {
                cells.emplace_back(cell.name, engine::to_value(at(days)));
            } else if (cell.type == rules::ColumnType::date && below(2) == 0) {
                cells.emplace_back(cell.name, engine::to_value(at(days + below(200))));
            }
        }
        engine::Record& row = portfolio.row(table, cells);
        row.recorded = at(days + delay);
        if (below(4) == 0) {
            row.retired = at(days + delay + 1 + below(300));
        }
    }

    void add_answer(int days) {
        portfolio.records.answers.push_back({"satisfaction", number(below(11)), at(days)});
    }

    void alter(engine::Record& row, Table table) {
        const Date today = portfolio.context.as_of;
        const engine::TableAsOf view{portfolio.rules.schema[table], today};
        if (row.retired && *row.retired > today) {
            row.retired =
                below(2) == 0 ? std::nullopt : std::optional{today + std::chrono::days{1}};
        }
        const auto ended = portfolio.rules.schema[table].index_of(rules::ColumnRole::ended);
        const auto closed = ended ? engine::to_date(row.values[*ended]) : std::nullopt;
        if (closed && *closed > today) {
            row.values[*ended] =
                below(2) == 0 ? cel::Value{} : engine::to_value(*closed + std::chrono::days{9});
        }
        if (row.recorded > today || view.day_of(row) > today) {
            for (cel::Value& value : row.values) {
                value = value.get_if<double>() != nullptr ? number(below(99)) : value;
            }
            row.recorded = today + std::chrono::days{1 + below(90)};
        }
    }

    /// The budget of the day moves into the history; what it became since is anything.
    void alter_budget(Date today) {
        const std::size_t budget = column("budget");
        const cel::Value held = engine::account_value_as_of(
            portfolio.records, portfolio.rules.schema[Table::accounts], budget, today
        );
        auto& former = portfolio.records.former_values;
        std::erase_if(former, [&](const engine::FormerValue& value) {
            return value.until > today;
        });
        former.insert(former.begin(), {budget, today + std::chrono::days{1 + below(50)}, held});
        portfolio.account({{"budget", number(below(99))}});
    }

    void define_facts() {
        const auto add = [&](const char* name, FactType type, rules::AggregateFact fact) {
            portfolio.fact(name, type, std::move(fact));
        };
        const auto where = [&](rules::AggregateFact fact, const char* condition) {
            fact.where = portfolio.on_row(fact.table, condition);
            return fact;
        };
        const auto within = [](rules::AggregateFact fact, int months) {
            fact.within = Period{months, Period::Unit::months};
            return fact;
        };
        const auto over = [&](Aggregate aggregate, Table table, const char* name) {
            return portfolio.over(aggregate, table, name);
        };
        portfolio.fact("budget", FactType::money, rules::ColumnFact{column("budget")});
        add("count", FactType::integer, over(Aggregate::count, Table::purchases, ""));
        add("kinds", FactType::integer, over(Aggregate::count_distinct, Table::purchases, "product")
        );
        add("owned", FactType::list, over(Aggregate::distinct, Table::purchases, "product"));
        add("spend", FactType::money, within(over(Aggregate::sum, Table::purchases, "amount"), 12));
        add("last", FactType::date, over(Aggregate::latest, Table::purchases, "date"));
        add("open",
            FactType::integer,
            where(over(Aggregate::count, Table::tickets, ""), "closed == null"));
        add("renewal",
            FactType::date,
            where(over(Aggregate::earliest, Table::contracts, "end"), "end >= today"));
        add("referrals",
            FactType::integer,
            where(over(Aggregate::count, Table::interactions, ""), R"(kind == "referral")"));
        portfolio.fact("satisfaction", FactType::number, rules::AnswerFact{"satisfaction"});
        portfolio.fact(
            "quiet",
            FactType::number,
            rules::ExpressionFact{portfolio.on_facts("months_between(last, today)")}
        );
        rules::Product product;
        product.key = "visit";
        product.lifetime = Period{3, Period::Unit::years};
        portfolio.rules.products.push_back(product);
        product.key = "other";
        portfolio.rules.products.push_back(product);
    }

    static constexpr std::array<const char*, 4> names{"referral", "visit", "A3", "B2"};
    std::mt19937 random_;
};

TEST_CASE("altering and shuffling all that comes later changes no fact", "[engine][facts]") {
    const unsigned seed = GENERATE(range(1U, 120U));
    CAPTURE(seed);
    History history{seed};
    history.portfolio.context.as_of = day("2024-01-01") + std::chrono::days{history.below(1300)};
    const engine::FactRow before = history.portfolio.facts();
    history.alter_the_future();
    const engine::FactRow after = history.portfolio.facts();
    REQUIRE(before.size() == after.size());
    for (std::size_t slot = 0; slot < before.size(); ++slot) {
        INFO(history.portfolio.rules.facts.facts[slot].name);
        CHECK(cel::to_string(before[slot]) == cel::to_string(after[slot]));
    }
}

TEST_CASE("facts stand as long as their horizon says", "[engine][facts]") {
    const unsigned seed = GENERATE(range(1U, 120U));
    CAPTURE(seed);
    History history{seed};
    Portfolio& portfolio = history.portfolio;
    const Date today = day("2024-01-01") + std::chrono::days{history.below(1300)};
    portfolio.rules.facts.facts[portfolio.rules.facts.slot_of("satisfaction").value()].expires =
        Period{1 + history.below(18), Period::Unit::months};
    portfolio.context.as_of = today;
    const engine::FactRow before = portfolio.facts();
    std::vector<Date> last;
    for (std::uint32_t slot = 0; slot < before.size(); ++slot) {
        portfolio.rules.rules.clear();
        portfolio.rule("one", "known(" + portfolio.rules.facts.facts[slot].name + ")", 1);
        const engine::FactHorizon horizon{
            portfolio.rules, engine::slots_in_use(portfolio.rules), today};
        last.push_back(horizon.stands_until(portfolio.records));
        CHECK(last.back() >= today);
    }
    for (int later = 1; later < 500; ++later) {
        portfolio.context.as_of = today + std::chrono::days{later};
        const engine::FactRow after = portfolio.facts();
        for (std::size_t slot = 0; slot < before.size(); ++slot) {
            if (portfolio.context.as_of <= last[slot]
                && cel::to_string(before[slot]) != cel::to_string(after[slot])) {
                FAIL(portfolio.rules.facts.facts[slot].name << " changes after " << later);
            }
        }
    }
    // It says more than "today" of what counts no days.
    const auto stands = [&](const char* name) {
        return last[portfolio.rules.facts.slot_of(name).value()];
    };
    CHECK(stands("today") == today);
    CHECK(stands("budget") > today);
    portfolio.records = {};
    portfolio.records.account.recorded = today;
    portfolio.rules.rules.clear();
    portfolio.rule("rest", "spend > 10.0 || satisfaction > 3.0 || open > 0 || known(renewal)", 1);
    const engine::FactHorizon empty{portfolio.rules, engine::slots_in_use(portfolio.rules), today};
    CHECK(empty.stands_until(portfolio.records) == last_date);
}

} // namespace
} // namespace reviewd::test::test_no_leak
