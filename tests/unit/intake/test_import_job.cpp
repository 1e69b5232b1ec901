#include "daemon/intake/import_job.hpp"
#include "daemon/store/imports.hpp"
#include "daemon/store/instance_lock.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/intake/mapping.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace reviewd::test::test_import_job {

using namespace reviewd;
using namespace reviewd::intake;
using reviewd::test::Mapping;
using rules::Table;
using Kind = ImportJobOutcome::Kind;
using Mode = ImportJobRequest::Mode;
using namespace std::string_literals;

namespace {

constexpr Date some_day{std::chrono::year{2026} / 11 / 20};
constexpr TimePoint some_moment{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}};

struct ImportFixture {
    test::TemporaryDirectory state;
    test::TemporaryDirectory data;
    store::InstanceLock lock = store::InstanceLock::acquire(state.path()).value();
    std::unique_ptr<store::Database> database = store::Database::open(lock).value();
    Mapping mapping{Table::accounts};
    double hold_share = 0.2;
    std::size_t rows_per_step = 2000;
    std::function<void()> after_step = [] {
    };

    ImportJobRequest request(Mode mode) const {
        ImportJobRequest wanted;
        wanted.source = &mapping.source;
        wanted.schema = &mapping.schema;
        wanted.company = &mapping.company;
        wanted.data_directory = data.path().string();
        wanted.hold_share = hold_share;
        wanted.day = some_day;
        wanted.mode = mode;
        return wanted;
    }

    ImportJobOutcome run(ImportJobRequest wanted) {
        ImportJob job{*database, std::move(wanted)};
        while (job.advance(some_moment, rows_per_step) == ImportJob::Step::more) {
            after_step();
        }
        return job.outcome();
    }

    ImportJobOutcome import(const std::string& csv, Mode mode = Mode::when_changed) {
        static_cast<void>(data.write(mapping.source.file, csv));
        return run(request(mode));
    }

    store::Source source() const { return store::Sources{*database}.find("crm").value(); }
};

std::string many_accounts(int first, int last, std::string_view name = "Account") {
    std::string csv = "key,name\n";
    for (int i = first; i <= last; ++i) {
        csv += fmt::format("A{},{} {}\n", i, name, i);
    }
    return csv;
}

} // namespace

TEST_CASE_METHOD(ImportFixture, "good rows are kept, bad ones are named", "[intake][import][T9]") {
    mapping.custom("revenue", rules::ColumnType::money);
    const ImportJobOutcome outcome =
        import("key,name,revenue\n1,A,10\n2,B,\"1,5\"\n3,\"C\n4,D,12.5\r\n5,E\n,F,1\n6,,1\n");
    CHECK(outcome.kind == Kind::accepted);
    CHECK(outcome.counts.added == 2);
    CHECK(outcome.counts.bad == 5);
    REQUIRE(outcome.problems.size() == 5);
    CHECK(
        describe("crm/accounts.csv", outcome.problems[0])
        == "crm/accounts.csv:3:5: revenue: `1,5`: expected a number such as 1234.50; if the file "
           "writes 1234,50, add `decimal: \",\"` to the source"
    );
    CHECK(
        describe("a.csv", outcome.problems[1])
        == "a.csv:4:3: a quotation mark opens a field and nothing closes it"
    );
    CHECK(describe("a.csv", outcome.problems[2]) == "a.csv:6:4: 2 fields where the header has 3");
    CHECK(describe("a.csv", outcome.problems[3]) == "a.csv:7:1: key: is empty and must not be");
    CHECK(describe("a.csv", outcome.problems[4]) == "a.csv:8:3: name: is empty and must not be");
    CHECK(
        outcome.remarks
        == std::vector<std::string>{"some lines end with LF, others with CR LF; both are read"}
    );
    CHECK(store::Sources{*database}.problems(source().id).size() == 5);
    CHECK(source().active_rows == 2);
}

TEST_CASE_METHOD(
    ImportFixture, "a second import of the same file changes nothing", "[intake][import]"
) {
    const std::string csv = many_accounts(1, 30);
    CHECK(import(csv).counts.added == 30);
    CHECK(import(csv).kind == Kind::unchanged);

    const ImportJobOutcome forced = import(csv, Mode::always);
    CHECK(forced.kind == Kind::accepted);
    CHECK(forced.counts.unchanged == 30);
    CHECK(forced.counts.added + forced.counts.changed + forced.counts.vanished == 0);

    SECTION("a changed mapping makes the file a new one") {
        mapping["region"].header.reset();
        mapping["region"].constant = "emea";
        CHECK(import(csv).counts.changed == 30);
    }
    SECTION("a changed row is an update") {
        const ImportJobOutcome changed = import(many_accounts(1, 29) + "A30,New name\n");
        CHECK(changed.counts.changed == 1);
        CHECK(changed.counts.unchanged == 29);
        CHECK(source().active_rows == 30);
    }
}

TEST_CASE_METHOD(
    ImportFixture, "accounts that vanish become inactive, many are held", "[intake][import]"
) {
    REQUIRE(import(many_accounts(1, 100)).kind == Kind::accepted);

    SECTION("up to the share") {
        CHECK(import(many_accounts(1, 80)).counts.vanished == 20);
        CHECK(source().active_rows == 80);
        CHECK(import(many_accounts(1, 100)).counts.changed == 20);
        CHECK(source().active_rows == 100);
    }
    SECTION("beyond it, until dropped: then not again as long as the file is that one") {
        const std::string few = many_accounts(1, 79);
        const ImportJobOutcome held = import(few);
        REQUIRE(held.kind == Kind::held);
        CHECK(store::source_state(source().last_error) == store::SourceState::held);
        REQUIRE(store::Imports{*database}.drop(held.import, some_moment).has_value());
        CHECK(store::source_state(source().last_error) == store::SourceState::dropped);
        const ImportJobOutcome again = import(few);
        CHECK(again.kind == Kind::dropped);
        REVIEWD_CHECK_CONTAINS(again.reason, "reviewctl import");
        CHECK(store::Imports{*database}.held().empty());
        CHECK(source().last_error == again.reason);
        CHECK(source().active_rows == 100);
        // Whoever asks for it is asked back.
        const ImportJobOutcome asked = import(few, Mode::always);
        CHECK(asked.kind == Kind::held);
        REQUIRE(store::Imports{*database}.drop(asked.import, some_moment).has_value());
        // Another file is read, and should the first one return, it is held once more.
        CHECK(import(many_accounts(1, 90)).kind == Kind::accepted);
        CHECK(import(many_accounts(1, 71)).kind == Kind::held);
    }
    SECTION("a dropped file that comes back after another one is held again") {
        const std::string few = many_accounts(1, 79);
        REQUIRE(store::Imports{*database}.drop(import(few).import, some_moment).has_value());
        CHECK(import(few).kind == Kind::dropped);
        CHECK(import(many_accounts(1, 100)).kind == Kind::unchanged);
        CHECK(store::source_state(source().last_error) == store::SourceState::good);
        CHECK(import(few).kind == Kind::held);
    }
    SECTION("beyond it, until confirmed") {
        const ImportJobOutcome held = import(many_accounts(1, 79));
        CHECK(held.kind == Kind::held);
        CHECK(
            held.reason
            == "21 of 100 accounts (21 %) are not in `accounts.csv` any more; more than 20 % waits "
               "for somebody to confirm it"
        );
        CHECK(source().active_rows == 100);
        REQUIRE(store::Imports{*database}.confirm(held.import, some_moment).has_value());
        REQUIRE(store::Imports{*database}.finish_all().has_value());
        CHECK(source().active_rows == 79);
    }
    SECTION("never by a load of changes") {
        mapping.source.load = config::SourceSettings::Load::changes;
        const ImportJobOutcome outcome = import(many_accounts(101, 101));
        CHECK(outcome.kind == Kind::accepted);
        CHECK(outcome.counts.vanished == 0);
        CHECK(source().active_rows == 101);
    }
    SECTION("a dry run says so and writes nothing") {
        const ImportJobOutcome tried = import(many_accounts(50, 120), Mode::dry_run);
        CHECK(tried.kind == Kind::tried);
        CHECK(tried.counts.added == 20);
        CHECK(tried.counts.vanished == 49);
        REVIEWD_CHECK_CONTAINS(tried.reason, "49 of 100 accounts");
        CHECK(source().active_rows == 100);
        CHECK(store::Imports{*database}.held().empty());
        CHECK(store::Imports{*database}.latest(10).size() == 1);
    }
}

TEST_CASE_METHOD(ImportFixture, "a broken file of any table is held", "[intake][import]") {
    const Table table = GENERATE(Table::people, Table::products, Table::contacts, Table::purchases);
    mapping = Mapping{table};
    const auto rows = [](int count) {
        std::string csv = "key,name,account,product,date\n";
        for (int i = 0; i < count; ++i) {
            csv += fmt::format("K{},N,A,P,2026-01-01\n", i);
        }
        return csv;
    };
    const auto first = [&](int count) {
        REQUIRE(import(rows(count)).kind == Kind::accepted);
    };

    SECTION("cut to its header, or to half") {
        first(10);
        CHECK(import(rows(0)).kind == Kind::held);
        const ImportJobOutcome held = import(rows(5));
        CHECK(held.kind == Kind::held);
        CHECK(
            held.reason
            == fmt::format(
                "5 of 10 {} (50 %) are not in `accounts.csv` any more; more than 20 % waits for "
                "somebody to confirm it",
                rules::name(table)
            )
        );
        CHECK(source().active_rows == 10);
        REQUIRE(store::Imports{*database}.confirm(held.import, some_moment).has_value());
        REQUIRE(store::Imports{*database}.finish_all().has_value());
        CHECK(source().active_rows == 5);
    }
    SECTION("not up to the share") {
        first(10);
        CHECK(import(rows(8)).kind == Kind::accepted);
    }
    SECTION("not where a row is a large share") {
        first(4);
        CHECK(import(rows(0)).kind == Kind::accepted);
    }
}

TEST_CASE_METHOD(ImportFixture, "a row that cannot be read keeps its account", "[intake][import]") {
    mapping.custom("since_year", rules::ColumnType::integer);
    REQUIRE(import("key,name,since_year\n1,A,2001\n2,B,2002\n3,C,2003\n").kind == Kind::accepted);
    const ImportJobOutcome outcome =
        import("key,name,since_year\n1,A,2001\n2,B,unknown\n3,C,2003\n");
    CHECK(outcome.kind == Kind::accepted);
    CHECK(outcome.counts.bad == 1);
    CHECK(outcome.counts.vanished == 0);
    CHECK(source().active_rows == 3);

    // A good row of the same key counts more than the bad one before it.
    const ImportJobOutcome mended =
        import("key,name,since_year\n1,A,2001\n2,B,unknown\n2,B,2020\n3,C,2003\n");
    CHECK(mended.counts.changed == 1);
    CHECK(mended.counts.duplicate == 0);
}

TEST_CASE_METHOD(
    ImportFixture, "a row that is no CSV keeps its account too", "[intake][import][T9]"
) {
    mapping.custom("since_year", rules::ColumnType::integer);
    const auto file = [](const std::string& row) {
        return "key,name,since_year\n1,A,2001\n" + row + "\n3,C,2003\n";
    };
    REQUIRE(import(file("2,B,2002")).kind == Kind::accepted);
    const std::string row = GENERATE(
        "2,B\xE9,2002"s,
        "2,B\0,2002"s,
        "2,B, Inc.,2002"s,
        "2,B"s,
        "2,B \"North\",2002"s,
        "2,\"B\" North,2002"s,
        "2,\"B,2002"s,
        "\"2\",B,\"2002"s
    );
    CAPTURE(row);
    const ImportJobOutcome outcome = import(file(row));
    CHECK(outcome.kind == Kind::accepted);
    CHECK(outcome.counts.bad == 1);
    CHECK(outcome.counts.vanished == 0);
    CHECK(outcome.remarks.empty());
    CHECK(source().active_rows == 3);
}

TEST_CASE_METHOD(
    ImportFixture, "a filter that leaves out everything is remarked", "[intake][import]"
) {
    mapping.source.where = "row[\"key\"] == \"nobody\"";
    const ImportJobOutcome outcome = import(many_accounts(1, 8));
    CHECK(outcome.counts.skipped == 8);
    REQUIRE(outcome.remarks.size() == 1);
    REVIEWD_CHECK_CONTAINS(outcome.remarks.front(), "`where:` leaves out all 8 rows");
}

TEST_CASE_METHOD(
    ImportFixture, "nothing vanishes beside a row whose key cannot be read", "[intake][import][T9]"
) {
    REQUIRE(import(many_accounts(1, 10)).kind == Kind::accepted);
    const std::string row = GENERATE(
        "A10\xE9,Ten"s,     // the key itself
        "\"A10,Ten"s,       // likewise
        ",Ten"s,            // somebody emptied it
        "A1\"0,Ten"s,       // a quotation mark in it
        "A9,\"9\nA10,10\"," // two rows in one
    );
    CAPTURE(row);
    const ImportJobOutcome outcome = import(many_accounts(1, 8) + row + "\n");
    CHECK(outcome.kind == Kind::accepted);
    CHECK(outcome.counts.vanished == 0);
    REQUIRE(outcome.remarks.size() == 1);
    REVIEWD_CHECK_CONTAINS(
        outcome.remarks.front(),
        "2 of the rows that were there before are not found, and 1 row has no key that can be read"
    );
    CHECK(source().active_rows == 10);
    CHECK(import(many_accounts(1, 8)).counts.vanished == 2);
}

TEST_CASE_METHOD(
    ImportFixture, "a row that the filter cannot judge keeps its account", "[intake][import]"
) {
    mapping.source.where = "int(row['rank']) > 0";
    REQUIRE(import("key,name,rank\n1,A,1\n2,B,2\n3,C,3\n").kind == Kind::accepted);
    const ImportJobOutcome outcome = import("key,name,rank\n1,A,1\n2,B,?\n3,C,3\n");
    CHECK(outcome.counts.bad == 1);
    CHECK(outcome.counts.vanished == 0);
    CHECK(source().active_rows == 3);
}

TEST_CASE_METHOD(
    ImportFixture, "one key twice: once, or a bad row that names both", "[intake][import]"
) {
    const ImportJobOutcome outcome =
        import("key,name\n1,A\n2,\"B\nB\"\n1,A\n3,C\n3,other\n 1 ,A\n");
    CHECK(outcome.counts.added == 2);
    CHECK(outcome.counts.duplicate == 2);
    CHECK(outcome.counts.bad == 2);
    CHECK(
        describe("a.csv", outcome.problems.back())
        == "a.csv:7: the key `3` stands in line 6 already, with other values; the first one counts"
    );
}

TEST_CASE_METHOD(
    ImportFixture, "rows without a key are known by their content", "[intake][import]"
) {
    mapping = Mapping{Table::purchases};
    const std::string header = "account,product,date\n";
    const ImportJobOutcome first =
        import(header + "A,X,2026-01-01\nA,X,2026-01-01\nB,X,2026-01-01\n");
    CHECK(first.counts.added == 3);
    const ImportJobOutcome second =
        import(header + "B,X,2026-01-01\nA,X,2026-01-01\nC,X,2026-01-01\nA,X,2026-01-01\n");
    CHECK(second.counts.unchanged == 3);
    CHECK(second.counts.added == 1);
    CHECK(second.counts.vanished == 0);
    // What such a row said before is another row: kept, it would count beside its mended self.
    const ImportJobOutcome third =
        import(header + "B,X,2026-01-01\nA,X,2026-01-01\nC,X,2026-01\nA,X,2026-01-01\n");
    CHECK(third.counts.bad == 1);
    CHECK(third.counts.vanished == 1);
}

TEST_CASE_METHOD(ImportFixture, "edited rows without a key have not vanished", "[intake][import]") {
    mapping = Mapping{Table::interactions};
    const auto rows = [](int count, std::string_view note, int edited) {
        std::string csv = "account,date,note\n";
        for (int i = 0; i < count; ++i) {
            csv += fmt::format("A{},2026-01-01,{}\n", i, i < edited ? note : "called");
        }
        return csv;
    };
    REQUIRE(import(rows(20, "", 0)).kind == Kind::accepted);

    SECTION("as many as before") {
        const ImportJobOutcome edited = import(rows(20, "visited", 19));
        CHECK(edited.kind == Kind::accepted);
        CHECK(edited.counts.vanished == 19);
        CHECK(edited.counts.added == 19);
        CHECK(source().active_rows == 20);
        CHECK(import(rows(20, "", 0)).kind == Kind::accepted); // and back
        CHECK(source().active_rows == 20);
    }
    SECTION("and new ones") {
        CHECK(import(rows(25, "visited", 19)).kind == Kind::accepted);
    }
    SECTION("fewer, up to the share") {
        CHECK(import(rows(16, "visited", 10)).kind == Kind::accepted);
    }
    SECTION("many fewer, and the reason tells both") {
        const ImportJobOutcome held = import(rows(12, "visited", 3));
        CHECK(held.kind == Kind::held);
        CHECK(
            held.reason
            == "11 of 20 interactions are not in `accounts.csv` any more, and 3 are new, which "
               "leaves 40 % less; more than 20 % waits for somebody to confirm it"
        );
        CHECK(source().last_error == "held: 11 of 20 rows would become inactive, 3 would be new");
        CHECK(import(rows(12, "visited", 3)).reason == held.reason); // passed over
        CHECK(
            import(rows(12, "", 0)).reason
            == "8 of 20 interactions (40 %) are not in `accounts.csv` any more; more than 20 % "
               "waits for somebody to confirm it"
        );
    }
}

TEST_CASE_METHOD(
    ImportFixture, "keys of another format are held, however many rows come", "[intake][import]"
) {
    REQUIRE(import(many_accounts(1, 10)).kind == Kind::accepted);
    const ImportJobOutcome held = import(many_accounts(11, 20));
    CHECK(held.kind == Kind::held);
    CHECK(
        held.reason
        == "10 of 10 accounts (100 %) are not in `accounts.csv` any more, and 10 are new; more than "
           "20 % waits for somebody to confirm it"
    );
}

TEST_CASE_METHOD(
    ImportFixture, "a NUL costs its row, in the first one too", "[intake][import][T9]"
) {
    const ImportJobOutcome outcome = import(std::string{"key,name\n1,A\0B\n2,C\n", 19});
    CHECK(outcome.kind == Kind::accepted);
    CHECK(outcome.counts.added == 1);
    REQUIRE(outcome.problems.size() == 1);
    CHECK(outcome.problems.front().line == 2);
}

TEST_CASE_METHOD(ImportFixture, "what is no source file is refused whole", "[intake][import][T9]") {
    REQUIRE(import(many_accounts(1, 10)).kind == Kind::accepted);
    const auto refused = [&](const ImportJobOutcome& outcome, std::string_view part) {
        CHECK(outcome.kind == Kind::failed);
        REVIEWD_CHECK_CONTAINS(outcome.reason, std::string{part});
        REVIEWD_CHECK_CONTAINS(source().last_error, std::string{part});
        CHECK(source().active_rows == 10);
        REQUIRE(store::Imports{*database}.finish_all().has_value());
    };
    refused(import(""), "is empty");
    refused(
        import(std::string(
            "\x7F"
            "ELF\0\0",
            6
        )),
        "a binary file"
    );
    refused(import("key;name\n1;A\n"), "delimiter: \";\"");
    refused(import("id,nam\n1,A\n"), "has no column `name`");
    const ImportJobOutcome unread = import("key,name\n1,\n2,\n");
    refused(unread, "none of the 2 rows can be read");
    CHECK(unread.counts == store::ImportCounts{.bad = 2});

    std::filesystem::remove(data.path() / "accounts.csv");
    refused(run(request(Mode::when_changed)), "No such file or directory");
    std::filesystem::create_directory(data.path() / "accounts.csv");
    refused(run(request(Mode::when_changed)), "is no regular file");
    std::filesystem::remove(data.path() / "accounts.csv");
    REQUIRE(mkfifo((data.path() / "accounts.csv").c_str(), 0600) == 0);
    refused(run(request(Mode::when_changed)), "is no regular file");
}

TEST_CASE_METHOD(
    ImportFixture, "a file that breaks off within its last row is refused", "[intake][import][T9]"
) {
    REQUIRE(import(many_accounts(1, 10)).kind == Kind::accepted);
    const auto refused = [&](const std::string& csv) {
        const ImportJobOutcome outcome = import(csv);
        CHECK(outcome.kind == Kind::failed);
        CHECK(outcome.code == ErrorCode::bad_data);
        const store::ImportCounts& counts = outcome.counts;
        CHECK(counts.added + counts.changed + counts.unchanged + counts.vanished == 0);
        REVIEWD_CHECK_CONTAINS(outcome.reason, "accounts.csv:11:");
        REVIEWD_CHECK_CONTAINS(outcome.reason, "breaks off here");
        CHECK(source().active_rows == 10);
        CHECK(source().generation == 1);
    };
    const std::string nine = many_accounts(1, 9);
    SECTION("before a field") {
        refused(nine + "A0010");
    }
    SECTION("within a field in quotation marks") {
        refused(nine + "A0010,\"Nor");
    }
    // What has a line end is a bad row, and a good row needs none.
    SECTION("not before a line end") {
        CHECK(import(nine + "A0010\n").kind == Kind::accepted);
    }
    SECTION("not behind a good row") {
        CHECK(import(nine + "A0010,North").kind == Kind::accepted);
    }
}

TEST_CASE_METHOD(
    ImportFixture, "a file that changes while it is read is refused", "[intake][import]"
) {
    REQUIRE(import(many_accounts(1, 10)).kind == Kind::accepted);
    rows_per_step = 100;
    int steps = 0;
    const auto file = data.path() / "accounts.csv";
    SECTION("it grows") {
        after_step = [&] {
            if (++steps == 5) {
                std::ofstream{file, std::ios::app} << "A9999,late\n";
            }
        };
    }
    SECTION("it shrinks") {
        after_step = [&] {
            if (++steps == 5) {
                std::filesystem::resize_file(file, 5000);
            }
        };
    }
    const ImportJobOutcome outcome = import(many_accounts(1, 1000));
    CHECK(outcome.kind == Kind::failed);
    CHECK(outcome.code == ErrorCode::try_later);
    REVIEWD_CHECK_CONTAINS(outcome.reason, "was changed while it was read");
    CHECK(source().active_rows == 10);
    CHECK(source().generation == 1);
    after_step = [] {
    };
    CHECK(import(many_accounts(1, 1000)).counts.added == 990);
}

TEST_CASE_METHOD(ImportFixture, "an import that is given up leaves nothing", "[intake][import]") {
    static_cast<void>(data.write("accounts.csv", many_accounts(1, 500)));
    {
        ImportJob job{*database, request(Mode::when_changed)};
        for (int i = 0; i < 6; ++i) {
            REQUIRE(job.advance(some_moment, 50) == ImportJob::Step::more);
        }
        CHECK(job.progress().phase == ImportJobProgress::Phase::reading);
        CHECK(job.progress().rows > 0);
        CHECK(job.progress().bytes < job.progress().total_bytes);
    }
    CHECK(source().generation == 0);
    CHECK(run(request(Mode::when_changed)).counts.added == 500);
}

TEST_CASE_METHOD(
    ImportFixture, "what a large import replaces or retires goes piece by piece", "[intake][import]"
) {
    using Phase = ImportJobProgress::Phase;
    constexpr int known = 11'000;
    constexpr int staged = 4'000;
    rows_per_step = 20'000;
    REQUIRE(import(many_accounts(1, known)).counts.added == known);
    // The steps of the job in each phase; it is destroyed at the last of `most` of one phase.
    const auto steps_of = [&](const std::string& csv, Phase phase, int most) {
        static_cast<void>(data.write("accounts.csv", csv));
        ImportJob job{*database, request(Mode::when_changed)};
        int steps = 0;
        while (steps < most && job.advance(some_moment, rows_per_step) == ImportJob::Step::more) {
            steps += job.progress().phase == phase ? 1 : 0;
        }
        return steps;
    };
    const auto restart = [&] {
        store::Imports imports{*database};
        REQUIRE(imports.resume(some_moment).has_value());
        REQUIRE(imports.finish_all().has_value());
    };
    const std::string others = many_accounts(known + 1, known + staged);
    CHECK(steps_of(others, Phase::retiring, 2) == 2);
    restart();
    CHECK(store::Imports{*database}.held().empty());
    CHECK(source().active_rows == known);

    CHECK(steps_of(others, Phase::retiring, 100) >= known / 5'000 + 1);
    REQUIRE(store::Imports{*database}.held().size() == 1);
    const std::string more = many_accounts(1, known + 1);
    CHECK(steps_of(more, Phase::clearing, 2) == 2);
    CHECK(store::Imports{*database}.held().empty());
    SECTION("the daemon goes on") {
        CHECK(steps_of(more, Phase::reading, 100) > 0); // behind what it had left
    }
    SECTION("the daemon starts again") {
        restart();
        CHECK(import(more).counts.added == 1);
    }
    SECTION("the file is not the right one after all") {
        CHECK(import("key\n1\n").kind == Kind::failed);
        CHECK(import(more).counts.added == 1);
    }
    CHECK(source().active_rows == known + 1);
    CHECK(store::Imports{*database}.latest(9).size() == 4);
}

TEST_CASE_METHOD(
    ImportFixture, "a file with another header does not replace what is held", "[intake][import]"
) {
    REQUIRE(import(many_accounts(1, 10)).kind == Kind::accepted);
    REQUIRE(import(many_accounts(11, 12)).kind == Kind::held);
    CHECK(import("key\n1\n").kind == Kind::failed);
    CHECK(store::Imports{*database}.held().size() == 1);
}

TEST_CASE_METHOD(
    ImportFixture, "nothing is held once the file is the accepted one again", "[intake][import]"
) {
    const std::string good = many_accounts(1, 3000);
    REQUIRE(import(good).kind == Kind::accepted);
    const ImportJobOutcome held = import(many_accounts(3001, 6000));
    REQUIRE(held.kind == Kind::held);
    CHECK(import(good).kind == Kind::unchanged);
    store::Imports imports{*database};
    CHECK(imports.held().empty());
    CHECK_FALSE(source().held.has_value());
    CHECK(store::source_state(source().last_error) == store::SourceState::good);
    CHECK(imports.find(held.import)->state == store::ImportState::dropped); // nothing is left of it
    CHECK(imports.confirm(held.import, some_moment).error().code == ErrorCode::conflict);
    CHECK(source().active_rows == 3000);
    CHECK(import(many_accounts(3001, 6000)).kind == Kind::held); // somebody is asked anew
}

TEST_CASE_METHOD(
    ImportFixture, "a file that is held already is not staged again", "[intake][import]"
) {
    REQUIRE(import(many_accounts(1, 100)).kind == Kind::accepted);
    const std::string few = many_accounts(1, 60);
    const ImportJobOutcome held = import(few);
    REQUIRE(held.kind == Kind::held);
    CHECK_FALSE(held.is_held_still);
    const auto number = [&] {
        return source().held.value_or(ImportId{});
    };
    const ImportJobOutcome again = import(few);
    CHECK(again.kind == Kind::held);
    CHECK(again.is_held_still);
    CHECK(again.import == held.import);
    CHECK(again.reason == held.reason);
    CHECK(again.counts == held.counts);
    CHECK(number() == held.import);

    SECTION("not behind a file that could not be read either") {
        REQUIRE(import("key\n1\n").kind == Kind::failed);
        CHECK(import(few).import == held.import);
        CHECK(store::source_state(source().last_error) == store::SourceState::held);
    }
    SECTION("its rows vanish on the day of the last look") {
        ImportJobRequest later = request(Mode::when_changed);
        later.day = some_day + std::chrono::days{3};
        CHECK(run(std::move(later)).import == held.import);
        CHECK(store::Imports{*database}.find(held.import)->day == some_day + std::chrono::days{3});
    }
    SECTION("but another file is") {
        const ImportJobOutcome other = import(many_accounts(1, 61));
        CHECK(other.kind == Kind::held);
        CHECK_FALSE(other.is_held_still);
        CHECK(number() == other.import);
    }
    SECTION("and with another mapping the file is another one") {
        mapping["region"].header.reset();
        mapping["region"].constant = "emea";
        const ImportJobOutcome other = import(few);
        CHECK(other.kind == Kind::held);
        CHECK_FALSE(other.is_held_still);
        CHECK(number() != held.import);
    }
    SECTION("until more may vanish") {
        hold_share = 0.3;
        const ImportJobOutcome tighter = import(few);
        CHECK(tighter.kind == Kind::held);
        REVIEWD_CHECK_CONTAINS(tighter.reason, "more than 30 % waits");
        hold_share = 0.4;
        CHECK(import(few).kind == Kind::accepted);
        CHECK(source().active_rows == 60);
        CHECK(number() == ImportId{});
    }
    SECTION("whoever asks for it gets it") {
        const ImportJobOutcome asked = import(few, Mode::always);
        CHECK(asked.kind == Kind::held);
        CHECK(asked.is_held_still);
        CHECK(number() == asked.import);
        CHECK(asked.import != held.import);
    }
    SECTION("nor is one that somebody asked for after it was dropped") {
        REQUIRE(store::Imports{*database}.drop(held.import, some_moment).has_value());
        const ImportJobOutcome asked = import(few, Mode::always);
        REQUIRE(asked.kind == Kind::held);
        CHECK(import(few).kind == Kind::held);
        CHECK(number() == asked.import);
    }
}

TEST_CASE_METHOD(
    ImportFixture, "hostile texts change no table but their own row", "[intake][import][T26]"
) {
    std::string csv = "key,name,owner,segment\n";
    csv += fmt::format(
        "\"{0}\"\"\",\"{0}\"\"\",'; DELETE FROM people; --,\" OR 1=1\n",
        "x'); DROP TABLE accounts; -- "
    );
    csv += "k2,\"'; UPDATE accounts SET name='owned'\",\"%s%n\",NULL\n";
    const ImportJobOutcome outcome = import(csv);
    CHECK(outcome.counts.added + outcome.counts.bad == 2);
    CHECK(import(csv, Mode::always).counts.changed == 0);
    CHECK(source().active_rows == outcome.counts.added);
}

} // namespace reviewd::test::test_import_job
