#include "daemon/message/habits.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test {
namespace {

using namespace message;

TEST_CASE("days and numbers follow the reader's habits", "[message][habits]") {
    const Date today = parse_date("2026-11-27").value();
    const Date last_year = parse_date("2025-03-01").value();
    CHECK(show_date(today, today, habits_of("en")) == "27 Nov");
    CHECK(show_date(last_year, today, habits_of("en")) == "1 Mar 2025");
    CHECK(show_date(today, today, habits_of("en-US")) == "Nov 27");
    CHECK(show_date(last_year, today, habits_of("en-US")) == "Mar 1 2025");
    CHECK(show_date(today, today, habits_of("bn")) == "২৭ নভে");
    CHECK(show_date(today, today, {"en", DateStyle::iso, {}}) == "2026-11-27");
    CHECK(show_signed_points(45'000, habits_of("en")) == "+45");
    CHECK(show_points(12'500, habits_of("de")) == "12,5");
    CHECK(show_points(12'500, habits_of("bn")) == "১২.৫");
    rules::Fact budget;
    budget.type = rules::FactType::money;
    const cel::Value amount = cel::Value::of(1'042'000.5);
    CHECK(show_fact(budget, amount, {"EUR", 2}, habits_of("en")) == "EUR 1,042,000.50");
    CHECK(show_fact(budget, amount, {"EUR", 2}, habits_of("de-AT")) == "EUR 1.042.000,50");
    CHECK(show_fact(budget, amount, {"BDT", 2}, habits_of("bn")) == "BDT ১,০৪২,০০০.৫০");
    rules::Fact months;
    months.type = rules::FactType::number;
    CHECK(show_fact(months, cel::Value::of(1.677), {"EUR", 2}, habits_of("en")) == "1.7");
    CHECK(show_fact(months, cel::Value::of(0.126), {"EUR", 2}, habits_of("de")) == "0,13");
    CHECK(show_fact(budget, cel::Value::of(true), {"EUR", 2}, habits_of("bn")) == "হ্যাঁ");
}

TEST_CASE("a text is found in the reader's language, then in English", "[message][habits]") {
    CHECK(text_in({{"bn", "বাংলা"}, {"en", "english"}}, "bn") == "বাংলা");
    CHECK(text_in({{"bn", "বাংলা"}, {"en", "english"}}, "fr") == "english");
    CHECK(text_in({{"bn", "বাংলা"}}, "fr") == "বাংলা");
    CHECK(text_in({}, "fr").empty());
}

} // namespace
} // namespace reviewd::test
