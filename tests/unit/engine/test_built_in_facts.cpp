#include "tests/support/catch.hpp"
#include "tests/unit/engine/portfolio.hpp"

#include <limits>

namespace reviewd::test::test_built_in_facts {
namespace {

using rules::Table;

void buy(Portfolio& portfolio, const char* product, const char* on) {
    portfolio.row(Table::purchases, {{"product", text(product)}, {"date", date(on)}});
}

rules::Product& sell(Portfolio& portfolio, const char* key) {
    rules::Product product;
    product.key = key;
    return portfolio.rules.products.emplace_back(std::move(product));
}

TEST_CASE("tenure counts whole years since the day they came, else bought", "[engine][facts]") {
    Portfolio portfolio;
    CHECK(portfolio.value("tenure_years").is_unknown());
    buy(portfolio, "A3", "2025-11-21");
    CHECK(identical(portfolio.value("tenure_years"), integer(0)));
    buy(portfolio, "A3", "2024-11-20");
    CHECK(identical(portfolio.value("tenure_years"), integer(2)));
    portfolio.account({{"since", date("2010-01-01")}});
    CHECK(identical(portfolio.value("tenure_years"), integer(16)));
    portfolio.account({{"since", date("2027-01-01")}});
    CHECK(identical(portfolio.value("tenure_years"), integer(2)));
}

TEST_CASE("offers are what is not owned and whose condition holds", "[engine][facts]") {
    Portfolio portfolio;
    CHECK(identical(portfolio.value("offers"), integer(0)));
    portfolio.context.loaded.reset(static_cast<std::size_t>(Table::products));
    CHECK(portfolio.value("offers").is_unknown());
    sell(portfolio, "A3");
    sell(portfolio, "B2");
    sell(portfolio, "C1").offer_when = portfolio.on_facts("tenure_years >= 1");
    buy(portfolio, "B2", "2026-11-01");
    CHECK(identical(portfolio.value("offers"), integer(1)));
    const auto keys = [&] {
        const engine::FactRow facts = portfolio.facts();
        return engine::offers(portfolio.rules, facts, portfolio.records, portfolio.context);
    };
    CHECK(keys() == std::vector<std::string>{"A3"});
    buy(portfolio, "B2", "2020-11-01");
    CHECK(keys() == std::vector<std::string>{"A3", "C1"});
    CHECK(identical(portfolio.value("offers"), integer(2)));
    portfolio.product_row({{"key", text("D9")}});
    portfolio.product_row({{"key", text("B2")}});
    portfolio.product_row({{"key", text("later")}}).recorded = day("2026-11-21");
    CHECK(keys() == std::vector<std::string>{"A3", "C1", "D9"});
    portfolio.context.loaded.reset(static_cast<std::size_t>(Table::purchases));
    CHECK(portfolio.value("offers").is_unknown());
    CHECK(keys().empty());
}

TEST_CASE("offers are missing when a condition cannot be judged", "[engine][facts]") {
    Portfolio portfolio;
    sell(portfolio, "A3").offer_when = portfolio.on_facts("last_review_days > 30");
    CHECK(portfolio.value("offers").is_unknown());
    portfolio.records.reviews_held = {day("2026-01-01")};
    CHECK(identical(portfolio.value("offers"), integer(1)));
}

TEST_CASE("the first owned product to age decides about replacement", "[engine][facts]") {
    Portfolio portfolio;
    sell(portfolio, "A3").lifetime = Period{5, Period::Unit::years};
    sell(portfolio, "B2");
    buy(portfolio, "B2", "2000-01-01");
    const double endless = std::numeric_limits<double>::infinity();
    CHECK(identical(portfolio.value("months_to_replacement"), number(endless)));
    buy(portfolio, "A3", "2020-11-20");
    CHECK(identical(portfolio.value("months_to_replacement"), number(-12)));
    buy(portfolio, "A3", "2022-11-20");
    CHECK(identical(portfolio.value("months_to_replacement"), number(12)));
    portfolio.product_row({{"key", text("B2")}, {"lifetime_months", integer(324)}});
    CHECK(portfolio.value("months_to_replacement").get_if<double>() != nullptr);
    CHECK(*portfolio.value("months_to_replacement").get_if<double>() == Approx(1 + 12.0 / 31));
}

TEST_CASE("days since the last review and the last contact", "[engine][facts]") {
    Portfolio portfolio;
    CHECK(portfolio.value("last_review_days").is_unknown());
    CHECK(portfolio.value("last_contact_days").is_unknown());
    portfolio.records.reviews_held = {day("2026-11-10"), day("2026-10-01"), day("2026-11-21")};
    CHECK(identical(portfolio.value("last_review_days"), integer(10)));
    CHECK(identical(portfolio.value("last_contact_days"), integer(10)));
    portfolio.row(Table::interactions, {{"date", date("2026-11-20")}});
    portfolio.row(Table::interactions, {{"date", date("2026-11-21")}});
    CHECK(identical(portfolio.value("last_review_days"), integer(10)));
    CHECK(identical(portfolio.value("last_contact_days"), integer(0)));
}

} // namespace
} // namespace reviewd::test::test_built_in_facts
