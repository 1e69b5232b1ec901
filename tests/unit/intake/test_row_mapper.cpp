#include "daemon/intake/byte_source.hpp"
#include "daemon/intake/csv_header.hpp"
#include "daemon/intake/csv_reader.hpp"
#include "daemon/intake/row_mapper.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/intake/mapping.hpp"

#include <string>
#include <vector>

namespace reviewd::test::test_row_mapper {

using namespace reviewd;
using namespace reviewd::intake;
using namespace std::chrono_literals;
using reviewd::test::Mapping;
using rules::ColumnType;
using rules::Table;

namespace {

struct MappedFile {
    std::string refusal;
    std::vector<store::ImportRow> rows;
    std::vector<FieldProblem> problems;
    int filtered = 0;
};

MappedFile map_file(const Mapping& mapping, const std::string& csv) {
    MappedFile result;
    MemorySource bytes{csv};
    CsvReader reader{bytes, {mapping.source.delimiter}};
    const auto headers = read_header("accounts.csv", bytes, reader, mapping.source.delimiter);
    auto mapper = RowMapper::compile(
        mapping.source, mapping.schema, mapping.company, "accounts.csv", headers.value()
    );
    if (!mapper) {
        result.refusal = mapper.error().message;
        return result;
    }
    while (reader.next().value() == CsvReader::Row::good) {
        store::ImportRow row;
        switch (mapper->map(reader.fields(), FieldReader::Bytes::utf8, row)) {
        case RowMapper::Outcome::mapped:
            result.rows.push_back(std::move(row));
            break;
        case RowMapper::Outcome::filtered:
            ++result.filtered;
            break;
        case RowMapper::Outcome::bad:
            result.problems.push_back(mapper->problem());
            break;
        }
    }
    return result;
}

std::string text(const Mapping& mapping, const store::ImportRow& row, std::string_view column) {
    const store::Field& field = row.fields.at(mapping.schema.index_of(column).value());
    const auto* value = std::get_if<std::string>(&field);
    return value == nullptr ? "(nothing)" : *value;
}

const store::Field& field(
    const Mapping& mapping, const store::ImportRow& row, std::string_view column
) {
    return row.fields.at(mapping.schema.index_of(column).value());
}

} // namespace

TEST_CASE("an Excel export is read as its author sees it", "[intake][mapper]") {
    Mapping mapping{Table::accounts};
    mapping.source.delimiter = ';';
    mapping.source.decimal = ',';
    mapping.from("key", "Nr").from("name", "Firma").from("budget", "Umsatz").from("vip", "VIP");
    mapping.from("since", "Kunde seit");
    mapping["vip"].aliases = {{"ja", "yes"}, {"nein", "no"}};
    mapping["since"].date_format = "%d.%m.%Y";
    const MappedFile file = map_file(
        mapping,
        "\xEF\xBB\xBFNr;Firma;Umsatz;Kunde seit;VIP\r\n"
        "7; Müller & Söhne ;1.234,50;1.3.2019;ja\r\n"
        "8;\"\";5;;nein\r\n"
        "9;Bäcker;5 €;;\r\n"
        "10;Bäcker;;2019-03-01;\r\n"
        "11;Bäcker;;;vielleicht\r\n"
    );
    CHECK(file.refusal.empty());
    REQUIRE(file.rows.size() == 1);
    CHECK(text(mapping, file.rows[0], "key") == "7");
    CHECK(text(mapping, file.rows[0], "name") == "Müller & Söhne");
    CHECK(std::get<Money>(field(mapping, file.rows[0], "budget")).minor == 123450);
    CHECK(std::get<Date>(field(mapping, file.rows[0], "since")) == Date{2019y / 3 / 1});
    CHECK(std::get<bool>(field(mapping, file.rows[0], "vip")));
    CHECK(field(mapping, file.rows[0], "owner") == store::Field{});

    REQUIRE(file.problems.size() == 4);
    CHECK(file.problems[0].reason == "Firma: is empty and must not be");
    CHECK(file.problems[0].field == 1U);
    CHECK(
        file.problems[1].reason
        == "Umsatz: `5 €`: expected a number such as 1234,50, without a unit or a currency sign"
    );
    CHECK(
        file.problems[2].reason
        == "Kunde seit: `2019-03-01`: expected a date as DD.MM.YYYY; if the file writes days like "
           "this, set `date_format: \"%Y-%m-%d\"`"
    );
    CHECK(
        file.problems[3].reason
        == "VIP: `vielleicht`: expected true, false, yes, no, 1 or 0; other words need `aliases`"
    );
}

TEST_CASE("aliases come before `when_empty`, a constant stands in every row", "[intake][mapper]") {
    Mapping mapping{Table::accounts};
    mapping["segment"].aliases = {{"n/a", ""}, {"technolgy", "technology"}};
    mapping["segment"].when_empty = "unknown";
    mapping["region"].header.reset();
    mapping["region"].constant = "emea";
    const MappedFile file =
        map_file(mapping, "key,name,segment\n1,A,technolgy\n2,B,n/a\n3,C,\n4,D,x\n");
    REQUIRE(file.rows.size() == 4);
    CHECK(text(mapping, file.rows[0], "segment") == "technology");
    CHECK(text(mapping, file.rows[1], "segment") == "unknown");
    CHECK(text(mapping, file.rows[2], "segment") == "unknown");
    CHECK(text(mapping, file.rows[3], "segment") == "x");
    CHECK(text(mapping, file.rows[3], "region") == "emea");
}

TEST_CASE("money is converted by its row's currency, or the row is bad", "[intake][mapper]") {
    Mapping mapping{Table::accounts};
    mapping.company.currency = "EUR";
    mapping.company.rates = {{"USD", 0.5}, {"JPY", 0.006}};
    mapping["budget"].currency_header = "currency";
    const MappedFile file = map_file(
        mapping,
        "key,name,budget,currency\n1,A,10,USD\n2,B,10,EUR\n3,C,10,\n4,D,10,CHF\n5,E,,CHF\n6,F,1000,JPY\n"
    );
    REQUIRE(file.rows.size() == 5);
    CHECK(std::get<Money>(field(mapping, file.rows[0], "budget")).minor == 500);
    CHECK(std::get<Money>(field(mapping, file.rows[1], "budget")).minor == 1000);
    CHECK(std::get<Money>(field(mapping, file.rows[2], "budget")).minor == 1000);
    CHECK(std::get<Money>(field(mapping, file.rows[4], "budget")).minor == 600);
    REQUIRE(file.problems.size() == 1);
    CHECK(
        file.problems[0].reason
        == "budget: no rate for the currency `CHF`; `company: rates:` knows EUR, JPY, USD"
    );
}

TEST_CASE("expressions see headers as texts, and filters leave rows out", "[intake][mapper]") {
    Mapping mapping{Table::people};
    mapping.from("key", "Sales Agent").from("name", "Sales Agent").from("region", "office");
    mapping.computed(
        "email", "row[\"Sales Agent\"].lowerAscii().replace(\" \", \".\") + \"@crm.example\""
    );
    mapping.source.where = "office != \"closed\"";
    const MappedFile file =
        map_file(mapping, "Sales Agent,office\nMoses Frase, West\nOld Hand,closed\n");
    CHECK(file.refusal.empty());
    CHECK(file.filtered == 1);
    REQUIRE(file.rows.size() == 1);
    CHECK(text(mapping, file.rows[0], "email") == "moses.frase@crm.example");
    CHECK(text(mapping, file.rows[0], "region") == "West");
}

TEST_CASE("an expression that fails costs its row", "[intake][mapper]") {
    Mapping mapping{Table::accounts};
    mapping.computed("size", "string(int(row[\"employees\"]) / 100)");
    mapping.source.where = "int(employees) > 0";
    const MappedFile file = map_file(mapping, "key,name,employees\n1,A,250\n2,B,many\n");
    REQUIRE(file.rows.size() == 1);
    CHECK(text(mapping, file.rows[0], "size") == "2");
    REQUIRE(file.problems.size() == 1);
    CHECK(file.problems[0].reason.starts_with("where: "));
}

TEST_CASE("exported texts lose their guard, once", "[intake][mapper][T10]") {
    const Mapping mapping{Table::accounts};
    const MappedFile file = map_file(
        mapping, "key,name\n1,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\n2,''=1\n3,'tis\n4,=1\n"
    );
    REQUIRE(file.rows.size() == 4);
    CHECK(text(mapping, file.rows[0], "name") == "=HYPERLINK(\"http://x\",\"y\")");
    CHECK(text(mapping, file.rows[1], "name") == "'=1");
    CHECK(text(mapping, file.rows[2], "name") == "'tis");
    CHECK(text(mapping, file.rows[3], "name") == "=1");
}

TEST_CASE("names in all scripts come through, control characters do not", "[intake][mapper][T9]") {
    const Mapping mapping{Table::accounts};
    const MappedFile file = map_file(
        mapping,
        "key,name\n1,শুভ বাজার\n2,شركة النور\n"
        "3,🙂👩‍👩‍👧 GmbH\n4,\x1B[31mred\n5,\"two\nlines\"\n"
    );
    REQUIRE(file.rows.size() == 3);
    CHECK(text(mapping, file.rows[0], "name") == "শুভ বাজার");
    CHECK(text(mapping, file.rows[1], "name") == "شركة النور");
    CHECK(text(mapping, file.rows[2], "name") == "🙂👩‍👩‍👧 GmbH");
    REQUIRE(file.problems.size() == 2);
    CHECK(
        file.problems[0].reason
        == "name: `\\x1b[31mred`: a control character, which no text should have"
    );
}

TEST_CASE(
    "a file without a column of the mapping is refused with all findings", "[intake][mapper][T9]"
) {
    Mapping mapping{Table::accounts};
    mapping.from("key", "acount").from("name", "Name").from("region", "Land");
    mapping.custom("employees", ColumnType::integer);
    mapping["budget"].date_format = "%Y";
    mapping.computed("owner", "sectr + 1");
    const MappedFile file = map_file(mapping, "account,name,sector,Land,Land\n");
    CAPTURE(file.refusal);
    REVIEWD_CHECK_CONTAINS(
        file.refusal,
        "`accounts.csv` has no column `acount`, which `key` is read from; did you mean `account`?"
    );
    REVIEWD_CHECK_CONTAINS(file.refusal, "did you mean `name`?");
    REVIEWD_CHECK_CONTAINS(file.refusal, "`accounts.csv` has more than one column `Land`");
    REVIEWD_CHECK_CONTAINS(
        file.refusal,
        "`accounts.csv` has no column `employees`, which `employees` is read from; its columns are "
        "account, name, sector, Land, Land"
    );
    REVIEWD_CHECK_CONTAINS(file.refusal, "owner: `sectr + 1`");
}

TEST_CASE("a column that every row needs and nothing fills is said once", "[intake][mapper]") {
    const Mapping mapping{Table::purchases};
    const MappedFile file = map_file(mapping, "account,item,date\nA,B,2020-01-01\n");
    CHECK(
        file.refusal
        == "`accounts.csv` has no column `product`, which `product` is read from; its columns are "
           "account, item, date; say under `columns:` which one it is"
    );
}

TEST_CASE("a file without a header row is refused with what is missing", "[intake][mapper][T9]") {
    Mapping mapping{Table::accounts};
    mapping.from("name", "company").from("budget", "budget_k");
    mapping.source.where = "status == \"live\"";
    const std::string refusal = map_file(mapping, "hartley,Hartley Print,42\n").refusal;
    REVIEWD_CHECK_CONTAINS(refusal, "the first row of `accounts.csv` must name the columns");
    mapping.from("owner", "company");
    CHECK(headers_of(mapping.source).size() + 1 == mapping.source.columns.size());
    REVIEWD_CHECK_CONTAINS(refusal, "found: hartley, Hartley Print, 42;");
    CHECK(refusal.find('\n') == std::string::npos);
    CHECK(map_file(mapping, "key,company\n").refusal.find("must name") == std::string::npos);
}

TEST_CASE("what other rows name needs a key", "[intake][mapper]") {
    const auto refusal = [](Table table, const std::string& header) {
        return map_file(Mapping{table}, header + "\n").refusal;
    };
    CHECK(
        refusal(Table::accounts, "Key,name,owner")
        == "`accounts.csv` has no column `key`, which `key` is read from; did you mean `Key`?; say "
           "under `columns:` which one it is"
    );
    REVIEWD_CHECK_CONTAINS(refusal(Table::people, "name,Person ID"), "did you mean `Person ID`?");
    REVIEWD_CHECK_CONTAINS(refusal(Table::products, "name,paid"), "its columns are name, paid");
    CHECK(refusal(Table::contacts, "account,name").empty());
    CHECK(refusal(Table::purchases, "id,account,product,date").empty());
    CHECK(refusal(Table::contracts, "account").empty());
    CHECK(refusal(Table::tickets, "account,opened").empty());
    CHECK(refusal(Table::interactions, "account,date").empty());

    Mapping computed{Table::accounts};
    computed.computed("key", "'K' + row['no']");
    CHECK(map_file(computed, "no,name\n1,A\n").rows.size() == 1);
}

TEST_CASE("a filter must say yes or no", "[intake][mapper]") {
    Mapping mapping{Table::accounts};
    mapping.source.where = "name";
    REVIEWD_CHECK_CONTAINS(map_file(mapping, "key,name\n").refusal, "a filter must say yes or no");
    mapping.source.where = "deal_stage == \"Won\"";
    REVIEWD_CHECK_CONTAINS(map_file(mapping, "key,name,deal_stag\n").refusal, "deal_stage");
}

TEST_CASE(
    "a person's zone that there is not is a bad row with the nearest one", "[intake][mapper]"
) {
    const Mapping mapping{Table::people};
    const MappedFile file =
        map_file(mapping, "key,name,zone\nana,Ana,Europe/Pariss\njo,Jo,Nowhere\n");
    REQUIRE(file.problems.size() == 2);
    CHECK(
        file.problems[0].reason
        == "zone: `Europe/Pariss`: there is no such time zone on this system; "
           "did you mean `Europe/Paris`?"
    );
    CHECK(file.problems[1].reason.ends_with("no such time zone on this system"));
}

TEST_CASE("a filter that names no column of the file is said once", "[intake][mapper]") {
    Mapping mapping{Table::accounts};
    const auto refusal = [&](const std::string& where) {
        mapping.source.where = where;
        return map_file(mapping, "key,name,status\n1,A,won\n").refusal;
    };
    CHECK(
        refusal("row[\"statu\"] == \"won\" && row[\"statu\"] != \"\"")
        == "where: `row[\"statu\"] == \"won\" && row[\"statu\"] != \"\"`: at 1: the file has no column "
           "`statu` (did you mean `status`?)"
    );
    REVIEWD_CHECK_CONTAINS(
        refusal("'' != row.colour"),
        "at 7: the file has no column `colour` (its columns are key, name, status)"
    );
    CHECK(refusal("row.status == 'won' && row['name'] != ''").empty());
    // Whoever asks first knows that it may be absent.
    CHECK(refusal("!('colour' in row) || row['colour'] == 'red'").empty());
    CHECK(refusal("!has(row.colour) || row.colour == 'red'").empty());
}

TEST_CASE("hostile texts are texts", "[intake][mapper][T26]") {
    Mapping mapping{Table::accounts};
    const std::string attack = "x'); DROP TABLE accounts; --";
    const MappedFile file = map_file(mapping, "key,name\n\"" + attack + "\",\"" + attack + "\"\n");
    REQUIRE(file.rows.size() == 1);
    CHECK(text(mapping, file.rows[0], "key") == attack);
}

} // namespace reviewd::test::test_row_mapper
