#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/review_table.hpp"
#include "daemon/ctl/status_page.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/ctl/run.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

using reviewd::ctl::KnownFacts;
using reviewd::ctl::Screen;
using reviewd::ctl::test::Ran;
using reviewd::ctl::test::run;
using reviewd::test::source_path;
using reviewd::test::TemporaryDirectory;

TEST_CASE("without a daemon a command exits 69 and says what to do", "[ctl]") {
    const TemporaryDirectory directory;
    const std::string socket = directory.path() / "control.sock";
    const Ran ran = run({"--socket", socket, "status"});
    CHECK(ran.code == 69);
    CHECK(ran.out.empty());
    REVIEWD_CHECK_CONTAINS(ran.error, "the daemon is not running");
    REVIEWD_CHECK_CONTAINS(ran.error, "--offline");
    const Ran past = run({"--socket", socket, "--now", "2026-11-20", "status"});
    CHECK(past.code == 64);
    REVIEWD_CHECK_CONTAINS(past.error, "--now goes with --offline");
}

TEST_CASE("offline, a state directory that is not there is named", "[ctl]") {
    const TemporaryDirectory directory;
    const std::string config = source_path("config/example/reviewd.yaml");
    const std::string state = directory.path() / "nowhere";
    const Ran ran = run({"--config", config, "--state", state, "--offline", "status"});
    CHECK(ran.code == 66);
    REVIEWD_CHECK_CONTAINS(ran.error, state);
    const Ran reload = run({"--config", config, "--offline", "reload"});
    CHECK(reload.code == 64);
}

TEST_CASE("check exits 0 with a summary, or 78 with every error", "[ctl]") {
    const Ran good = run({"check", "--config", source_path("config/example/reviewd.yaml")});
    CHECK(good.code == 0);
    REVIEWD_CHECK_CONTAINS(good.out, "is good: 8 sources");
    CHECK(good.error.empty());
    const Ran missing = run({"check", "--config", "/nowhere/reviewd.yaml"});
    CHECK(missing.code == 78);
    const TemporaryDirectory directory;
    const std::string file = directory.write(
        "reviewd.yaml", "channels:\n  mail: { type: smpt }\nsorces: {}\ncompany: { zone: Mars }\n"
    );
    const Ran bad = run({"check", "--config", file});
    CHECK(bad.code == 78);
    CHECK(bad.out.empty());
    REVIEWD_CHECK_CONTAINS(bad.error, "did you mean `smtp`?");
    REVIEWD_CHECK_CONTAINS(bad.error, "did you mean `sources`?");
    REVIEWD_CHECK_CONTAINS(bad.error, "Mars");
    const Ran json = run({"--json", "check", "--config", file});
    CHECK(json.code == 78);
    CHECK(boost::json::parse(json.out).at("diagnostics").as_array().size() >= 3);
}

TEST_CASE("check warns of each source whose file is not there", "[ctl][check]") {
    const TemporaryDirectory directory;
    directory.write("data/people.csv", "key,name,email\nana,Ana,ana@example.test\n");
    directory.write(
        "rules/rules.yaml",
        "---\nfacts:\n  vip: { type: boolean, from: accounts.vip }\nrules:\n"
        "  - { id: a, when: vip, points: 1 }\nlevels:\n"
        "  low: { from: 0, not_before: 1 week, review_every: 1 month, at_latest: 6 weeks }\n...\n"
    );
    const std::string file = directory.write(
        "reviewd.yaml",
        "---\ncompany: { name: X }\ndata_directory: data\nrules: { directory: rules }\nsources:\n"
        "  people: { file: people.csv }\n  accounts: { file: acounts.csv }\nchannels:\n"
        "  mail: { type: smtp, host: localhost, from: a@example.test }\n"
        "people: { defaults: { channels: [mail] } }\n...\n"
    );
    const Ran absent = run({"check", "--config", file});
    CHECK(absent.code == 0);
    REVIEWD_CHECK_CONTAINS(absent.error, "reviewd.yaml:7:21: warning: the source `accounts`");
    REVIEWD_CHECK_CONTAINS(absent.error, "acounts.csv` cannot be opened: No such file");
    REVIEWD_CHECK_CONTAINS(absent.error, "people and owners are not checked");
    CHECK(absent.error.find("the source `people`") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(absent.out, "is good");
    directory.write("data/acounts.csv", "key,name,owner,vip\na1,A,ana,true\n");
    const Ran there = run({"check", "--config", file});
    CHECK(there.error.find("cannot be") == std::string::npos);
    CHECK(there.error.find("not checked") == std::string::npos);
}

TEST_CASE("a wrong day is told with the option that it was written for", "[ctl]") {
    using Words = std::vector<std::string>;
    for (const auto& [words, option] :
         {std::pair{Words{"review", "done", "12", "--on", "gestern"}, "--on: `gestern`"},
          std::pair{
              Words{"review", "done", "12", "--promise-due", "soon"}, "--promise-due: `soon`"},
          std::pair{Words{"review", "appoint", "12", "2026-02-30"}, "DAY: `2026-02-30`"},
          std::pair{Words{"review", "snooze", "12", "20.11.2026"}, "UNTIL: `20.11.2026`"},
          std::pair{Words{"score", "a1", "--as-of", "then"}, "--as-of: `then`"},
          std::pair{Words{"due", "--until", "x"}, "--until: `x`"},
          std::pair{Words{"leave", "add", "ana", "--from", "x"}, "--from: `x`"},
          std::pair{Words{"report", "--to", "x"}, "--to: `x`"},
          std::pair{Words{"contact", "a1", "--on", "x"}, "--on: `x`"}}) {
        const Ran ran = run(words);
        INFO(option);
        CHECK(ran.code == 64);
        REVIEWD_CHECK_CONTAINS(ran.error, option);
        REVIEWD_CHECK_CONTAINS(ran.error, "is no day; write one such as 2026-11-20");
    }
}

TEST_CASE("an empty name is refused where it would stand for everybody", "[ctl]") {
    using Words = std::vector<std::string>;
    for (const Words& words :
         {Words{"plan", "--owner", ""},
          Words{"due", "--owner", ""},
          Words{"forecast", "--owner", ""},
          Words{"audit", "--who", ""},
          Words{"audit", "--account", ""},
          Words{"audit", "--review", ""},
          Words{"outbox", "--channel", ""}}) {
        const Ran ran = run(words);
        INFO(words.front());
        CHECK(ran.code == 64);
        REVIEWD_CHECK_CONTAINS(ran.error, words[1] + ": the name is empty");
    }
}

TEST_CASE("the states of deliveries can be asked for with and without `list`", "[ctl]") {
    const TemporaryDirectory directory;
    const std::string socket = directory.path() / "control.sock";
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"outbox", "--state", "failed"},
          std::vector<std::string>{"outbox", "list", "--state", "failed"},
          std::vector<std::string>{"outbox", "--csv"},
          std::vector<std::string>{"outbox"}}) {
        std::vector<std::string> arguments{"--socket", socket};
        arguments.insert(arguments.end(), words.begin(), words.end());
        CHECK(run(arguments).code == 69); // understood, but nobody is there
    }
    CHECK(run({"--json", "outbox", "--csv"}).code == 64);
    CHECK(run({"outbox", "shw", "1"}).code == 64);
    CHECK(run({"outbox", "show", "one"}).code == 64);
    CHECK(run({"review", "skip", "1"}).code == 64);
    CHECK(run({"import", "--confirm", "--drop"}).code == 64);
}

TEST_CASE("a wrong command line is explained, with what to write", "[ctl]") {
    const Ran missing = run({"review", "skip", "1"});
    CHECK(missing.code == 64);
    CHECK(missing.out.empty());
    CHECK(
        missing.error
        == "reviewctl: error: --because is missing; write `reviewctl review skip REVIEW --because "
           "TEXT`\n`reviewctl review skip --help` says what there is\n"
    );
    REVIEWD_CHECK_CONTAINS(run({"backup"}).error, "DIR is missing; write `reviewctl backup DIR`");
    REVIEWD_CHECK_CONTAINS(run({"statsu"}).error, "did you mean `status`?");
}

TEST_CASE("names from outside are shown as text, whatever they hold", "[ctl][T15]") {
    const auto reviews = boost::json::parse(
        R"([{"id": 1, "due": "2026-11-20", "latest": "2026-11-27", "level": "high", "points": 73,
             "state": "planned", "days_late": 2,
             "account": {"name": "\u001b[2Jx\u202ey", "owner": {"key": "a", "name": "A\nB"}}}])"
    );
    const std::string table = review_table(reviews.as_array(), Screen{});
    REVIEWD_CHECK_CONTAINS(table, "\\x1b[2Jx\\u202ey");
    REVIEWD_CHECK_CONTAINS(table, "A\\nB");
    REVIEWD_CHECK_CONTAINS(table, "2026-11-20  2 days late  2026-11-27");
    CHECK(table.find('\x1b') == std::string::npos);
}

TEST_CASE("late reviews and appointments fit a terminal of 80 columns", "[ctl][due]") {
    const auto reviews = boost::json::parse(
        R"([{"id": 12, "due": "2026-11-20", "latest": "2026-11-27", "level": "medium", "points": 73,
             "state": "planned", "days_late": 47, "reasons": ["renewal, 2027-01-15"],
             "account": {"name": "Hartley Print", "owner": {"key": "jo", "name": "Jonas Weber"}}},
            {"id": 13, "due": "2027-02-10", "latest": "2027-05-20", "level": "high", "points": 50,
             "state": "invited", "appointment_local": "2027-02-10 08:30",
             "account": {"name": "Meyer", "owner": {"key": "jo", "name": "Jonas Weber"}}}])"
    );
    const Screen narrow{.is_terminal = true, .columns = 80};
    CHECK(
        review_table(reviews.as_array(), narrow)
        == "REVIEW  DUE         LATEST      ACCOUNT        LEVEL   POINTS  OWNER\n"
           "    12  2026-11-20  2026-11-27  Hartley Print  medium      73  Jonas Weber\n"
           "        47 days late; renewal, 2027-01-15\n"
           "    13  2027-02-10  2027-05-20  Meyer          high        50  Jonas Weber\n"
           "        invited; at 08:30\n"
    );
    REVIEWD_CHECK_CONTAINS(review_table(reviews.as_array(), Screen{}), "invited  at 08:30  Jonas");
}

TEST_CASE("two owners of one name are told apart by their keys", "[ctl][due]") {
    const auto reviews = boost::json::parse(
        R"([{"id": 1, "account": {"name": "A", "owner": {"key": "ana", "name": "Ana Lima"}}},
            {"id": 2, "account": {"name": "B", "owner": {"key": "ana2", "name": "Ana Lima"}}},
            {"id": 3, "account": {"name": "C", "owner": {"key": "jo", "name": "Jo Li"}}},
            {"id": 4, "account": {"name": "D", "owner": {"key": "jo", "name": "Jo Li"}}},
            {"id": 5, "account": {"name": "E", "owner": null}}])"
    );
    const std::string table = review_table(reviews.as_array(), Screen{});
    REVIEWD_CHECK_CONTAINS(table, "Ana Lima (ana)");
    REVIEWD_CHECK_CONTAINS(table, "Ana Lima (ana2)");
    CHECK(table.find("(jo)") == std::string::npos);
}

TEST_CASE("long names can still be told from each other at 80 columns", "[ctl][due][audit]") {
    const auto reviews = boost::json::parse(
        R"([{"id": 12, "due": "2026-11-20", "latest": "2026-11-27", "level": "medium", "points": 73,
             "state": "planned", "days_late": 0,
             "account": {"name": "Hartley Print & Sons International Ltd",
                         "owner": {"key": "jo", "name": "Jonas Weber, Northern Region"}}}])"
    );
    const Screen narrow{.is_terminal = true, .columns = 80};
    CHECK(
        review_table(reviews.as_array(), narrow)
        == "REVIEW  DUE         LATEST      ACCOUNT                   LEVEL   OWNER\n"
           "    12  2026-11-20  2026-11-27  Hartley Print & Sons In…  medium  Jonas Weber, …\n"
    );
    const auto trail = boost::json::parse(
        R"([{"at": "2027-01-06T12:00:00.000Z", "who": "root", "origin": "command line, uid 0",
             "what": "rescheduled", "review": 9, "account": "Hartley Print & Sons International Ltd",
             "details": {"to": "2027-01-12"}}])"
    );
    CHECK(
        trail_table(trail.as_array(), narrow)
        == "WHEN (UTC)        WHO   WHAT         REVIEW  ACCOUNT\n"
           "2027-01-06 12:00  root  rescheduled       9  Hartley Print & Sons International…\n"
           "        command line, uid 0; to 2027-01-12\n"
    );
}

TEST_CASE("a review that is due beyond its latest day says so", "[ctl][due]") {
    const auto reviews = boost::json::parse(
        R"([{"id": 12, "due": "2026-11-28", "latest": "2026-11-27", "level": "high", "points": 73,
             "state": "planned", "days_late": 0, "reasons": ["renewal, 2027-01-15", "sale"],
             "account": {"name": "Orbis", "owner": {"key": "jo", "name": "Jo"}}},
            {"id": 13, "due": "2026-11-27", "latest": "2026-11-27", "level": "high", "points": 73,
             "state": "planned", "days_late": 0,
             "account": {"name": "Meyer", "owner": {"key": "jo", "name": "Jo"}}}])"
    );
    CHECK(
        review_table(reviews.as_array(), Screen{.is_terminal = true, .columns = 80})
        == "REVIEW  DUE         LATEST      ACCOUNT  LEVEL  POINTS  STATE    OWNER\n"
           "    12  2026-11-28  2026-11-27  Orbis    high       73  planned  Jo\n"
           "        after its latest day; renewal, 2027-01-15 (and 1 more)\n"
           "    13  2026-11-27  2026-11-27  Meyer    high       73  planned  Jo\n"
    );
}

TEST_CASE("an appointment that may be a slip is doubted, and stands", "[ctl]") {
    const auto answer = [](const std::string& appointment, bool is_working_day, bool is_full) {
        boost::json::value review{
            {"due", appointment.substr(0, 10)},
            {"owner", "amina"},
            {"appointment_local", appointment},
            {"is_due_on_working_day", is_working_day}};
        review.as_object()["account"] = {{"owner", {{"key", "amina"}, {"name", "Amina Rahman"}}}};
        return boost::json::value{{"review", review}, {"is_day_full", is_full}};
    };
    const auto doubts = [&](const std::string& appointment, bool is_working_day, const char* time) {
        return appointment_doubts(answer(appointment, is_working_day, false), time);
    };
    using Doubts = std::vector<std::string>;
    CHECK(doubts("2027-03-26 10:30", true, "10:30").empty());
    CHECK(doubts("2027-03-26", true, "").empty());
    CHECK(doubts("2027-03-26", true, "00:00").empty());
    CHECK(
        doubts("2027-03-27", false, "") == Doubts{"2027-03-27 is no working day of Amina Rahman"}
    );
    CHECK(
        doubts("2027-03-28 02:30", true, "01:30")
        == Doubts{"on that day there is no 01:30 where Amina Rahman works; noted is 2027-03-28 02:30"}
    );
    CHECK(
        appointment_doubts(answer("2027-03-26 10:30", true, true), "10:30")
        == Doubts{"2027-03-26 is full already: Amina Rahman has no room for one more review"}
    );
}

TEST_CASE("a promise is shown with the command that keeps it, which is no talk", "[ctl][due]") {
    const auto promises = boost::json::parse(
        R"([{"id": 7, "text": "send the prices", "due": "2026-12-01", "made_on": "2026-11-20",
             "account": {"key": "pixel", "name": "Pixel"}}])"
    );
    CHECK(
        promise_page(promises.as_array(), Screen{})
        == "Pixel was promised for 2026-12-01: send the prices\n"
           "  when it is kept: `reviewctl promise kept 7`\n"
    );
}

TEST_CASE("a day that was agreed without a time is no time", "[ctl][due]") {
    const auto reviews = boost::json::parse(
        R"([{"id": 12, "due": "2026-12-08", "latest": "2026-12-08", "level": "high", "points": 73,
             "state": "appointment", "appointment_local": "2026-12-08",
             "account": {"name": "Orbis", "owner": {"key": "jo", "name": "Jo"}}}])"
    );
    const std::string table = review_table(reviews.as_array(), Screen{});
    REVIEWD_CHECK_CONTAINS(table, "appointment  on 2026-12-08  Jo");
}

TEST_CASE("a late review that waits for its next try says so", "[ctl][due]") {
    const auto reviews = boost::json::parse(
        R"([{"id": 12, "due": "2026-11-20", "latest": "2026-11-27", "level": "high", "points": 73,
             "state": "planned", "days_late": 22, "quiet_until": "2026-12-14",
             "next_try": "2026-12-14",
             "account": {"name": "Orbis", "owner": {"key": "jo", "name": "Jo"}}},
            {"id": 13, "due": "2026-11-20", "latest": "2026-11-27", "level": "high", "points": 73,
             "state": "planned", "days_late": 22, "quiet_until": "2026-12-15", "next_try": null,
             "account": {"name": "Meyer", "owner": {"key": "jo", "name": "Jo"}}}])"
    );
    CHECK(
        review_table(reviews.as_array(), Screen{.is_terminal = true, .columns = 80})
        == "REVIEW  DUE         LATE          LATEST      ACCOUNT  LEVEL  POINTS  OWNER\n"
           "    12  2026-11-20  22 days late  2026-11-27  Orbis    high       73  Jo\n"
           "        next try 2026-12-14\n"
           "    13  2026-11-20  22 days late  2026-11-27  Meyer    high       73  Jo\n"
           "        quiet until 2026-12-15\n"
    );
}

TEST_CASE("what became of a review is told with all that a person should know", "[ctl]") {
    const auto page = [](const char* answer) {
        return change_page(boost::json::parse(answer), "");
    };
    CHECK(
        page(R"({"review": {"id": 9, "state": "done", "due": "2026-12-10", "held_on": "2026-12-01",
             "closed_at": "2026-12-01T12:00:00.000Z", "account": {"name": "Orbis"}},
             "next": {"id": 12, "state": "planned", "due": "2027-01-05",
             "account": {"name": "Orbis"}}, "with_it": [{"review": {"id": 10, "state": "done",
             "due": "2026-12-10", "held_on": "2026-12-01", "closed_at": "2026-12-01T12:00:00.000Z",
             "account": {"name": "Orbis East"}}, "next": null}]})")
        == "review 9 of Orbis: done, held on 2026-12-01\n"
           "next review 12 of Orbis: planned, due 2027-01-05\n"
           "held with it: review 10 of Orbis East: done, held on 2026-12-01\n"
    );
    CHECK(
        page(R"({"review": {"id": 9, "state": "planned", "due": "2027-03-02",
             "latest": "2027-01-04", "is_chosen": false, "account": {"name": "Orbis"}}})")
        == "review 9 of Orbis: planned, due 2027-03-02 for now, beyond its latest day 2027-01-04: "
           "`reviewctl plan` tells whether that stays, and why\n"
    );
    CHECK(
        page(R"({"review": {"id": 9, "state": "planned", "due": "2027-03-02",
             "latest": "2027-01-04", "is_chosen": true, "account": {"name": "Orbis"}}})")
        == "review 9 of Orbis: planned, due 2027-03-02\n"
    );
    CHECK(
        page(R"({"review": {"id": 9, "state": "invited", "due": "2026-12-10",
             "account": {"name": "Orbis"}}, "called_off": {"appointment_local": "2026-12-08 10:30"}})"
        )
        == "review 9 of Orbis: invited, due 2026-12-10\n"
           "note: the appointment of 2026-12-08 10:30 is no longer agreed\n"
    );
    CHECK(
        page(R"({"review": {"id": 9, "state": "planned", "due": "2026-12-10",
             "quiet_until": "2026-12-08", "next_try": "2026-12-08", "account": {"name": "Orbis"}},
             "still_done": [{"id": 10, "account": {"name": "Orbis East"}}]})")
        == "review 9 of Orbis: planned, due 2026-12-10, next try on 2026-12-08\n"
           "note: review 10 of Orbis East was held with it and stays done; `reviewctl review reopen "
           "review:10` opens it, too\n"
    );
    CHECK(
        page(R"({"review": {"id": 9, "state": "missed", "due": "2026-12-10", "held_on": null,
             "closed_at": "2026-12-11T12:00:00.000Z", "account": {"name": "Orbis"}}})")
        == "review 9 of Orbis: missed, was due 2026-12-10\n"
    );
}

TEST_CASE("what was done fits a terminal of 80 columns, its details below", "[ctl][audit]") {
    const auto trail = boost::json::parse(
        R"([{"at": "2027-01-06T12:00:00.000Z", "who": "root", "origin": "command line, uid 0",
             "what": "attempt", "review": 9, "account": "Meyer Druckerei",
             "details": {"result": "hesitated", "next_try": "2027-01-12"}}])"
    );
    CHECK(
        trail_table(trail.as_array(), Screen{.is_terminal = true, .columns = 80})
        == "WHEN (UTC)        WHO   ORIGIN               WHAT     REVIEW  ACCOUNT\n"
           "2027-01-06 12:00  root  command line, uid 0  attempt       9  Meyer Druckerei\n"
           "        result hesitated, next try 2027-01-12\n"
    );
}

TEST_CASE("the status page lists the facts and rules that are not known for all", "[ctl]") {
    const auto status = boost::json::parse(
        R"({"known": {"accounts": 200,
            "facts": [{"name": "budget", "known": 200}, {"name": "effort", "known": 1}],
            "rules": [{"name": "rich", "known": 200}, {"name": "easy", "known": 199}]}})"
    );
    const std::string all = status_page(status, Screen{}, KnownFacts::all);
    REVIEWD_CHECK_CONTAINS(all, "budget");
    REVIEWD_CHECK_CONTAINS(all, "rich");
    const std::string page = status_page(status, Screen{}, KnownFacts::incomplete);
    REVIEWD_CHECK_CONTAINS(page, "effort");
    REVIEWD_CHECK_CONTAINS(page, "0.5 %");
    REVIEWD_CHECK_CONTAINS(page, "99.5 %");
    CHECK(page.find("budget") == std::string::npos);
    CHECK(page.find("rich") == std::string::npos);
}

TEST_CASE("the status page asks nobody to reload rules that were dropped", "[ctl]") {
    const auto page_of = [](const std::string& dropped) {
        return status_page(
            boost::json::parse(
                R"({"rules": {"authority": "files", "directory": "rules", "dropped": )" + dropped
                + R"(, "drift": [{"file": "scoring.yaml", "kind": "differs"}]}})"
            ),
            Screen{}
        );
    };
    REVIEWD_CHECK_CONTAINS(page_of("null"), "`reviewctl reload` reads the files again");
    const std::string page = page_of(R"("v3")");
    REVIEWD_CHECK_CONTAINS(
        page, "v3 of the files was dropped, and is passed over until they change"
    );
    CHECK(page.find("reviewctl reload") == std::string::npos);
}

TEST_CASE("an import that found no room is tried again, a bad file is not", "[ctl][F5]") {
    const auto code = [](const char* answer) {
        return import_exit_code(boost::json::parse(answer));
    };
    CHECK(code(R"({"imports": [{"outcome": "accepted"}], "still_held": []})") == 0);
    CHECK(code(R"({"imports": [{"outcome": "failed", "try_later": true}]})") == 75);
    CHECK(
        code(R"({"imports": [{"outcome": "failed", "try_later": true},
                               {"outcome": "failed", "try_later": false}]})")
        == 65
    );
    CHECK(code(R"({"imports": [], "still_held": ["crm"]})") == 75);
}

TEST_CASE("the status page says what to do about what is not well", "[ctl]") {
    const auto status = boost::json::parse(
        R"({"accounts": {"active": 24, "without_owner": 2}, "levels": [{"level": "high", "accounts": 24}],
            "reviews": {"open": 24, "due_today": 1, "overdue": 0},
            "sources": [{"name": "crm", "rows": 24, "bad_rows": 3, "last_error": "no such file"}],
            "deliveries": [{"channel": "mail", "state": "failed", "deliveries": 2}],
            "daemon": {"reload_problem": "/etc/reviewd/key: Permission denied"},
            "paused": [{"channel": "mail", "reason": "wrong password", "limit": false},
                       {"channel": "crm", "reason": "daily limit of 9 messages in all", "limit": true,
                        "until": "2026-11-21 07:30:00"}],
            "imports_held": [{"source": "crm", "counts": {"vanished": 9}}],
            "levels_held": {"accounts": 24, "moving": 12}})"
    );
    const std::string page = status_page(status, Screen{});
    for (const char* part :
         {"24 active: 24 high",
          "failed: no such file",
          "reviewctl notifier resume mail",
          "the last reload failed: /etc/reviewd/key: Permission denied; mend it",
          "channel crm has its daily limit of 9 messages in all; it goes on by itself at 2026-11-21 07:30",
          "raise its `per_day:`",
          "reviewctl import --confirm crm",
          "12 of 24 accounts",
          "outbox list --state failed",
          "2 accounts belong to nobody; `reviewctl plan --owner none` lists them",
          "reviewctl review reassign --from none --to PERSON"}) {
        REVIEWD_CHECK_CONTAINS(page, part);
    }
    REVIEWD_CHECK_CONTAINS(page, "2 deliveries on mail are failed");
    const auto lone = boost::json::parse(
        R"({"deliveries": [{"channel": "mail", "state": "failed", "deliveries": 1}]})"
    );
    REVIEWD_CHECK_CONTAINS(
        status_page(lone, Screen{}),
        "1 delivery on mail is failed; `reviewctl outbox list --state failed` shows it"
    );
    CHECK(page.find("all is well") == std::string::npos);
    CHECK(page.find("resume crm") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(status_page(boost::json::object{}, Screen{}), "all is well");
}

TEST_CASE("the status page says which rows wait for what no source has", "[ctl][unknown]") {
    const auto page = [](const char* source) {
        return status_page(
            boost::json::object{{"sources", {boost::json::parse(source)}}}, Screen{}
        );
    };
    const std::string strange = page(
        R"({"name": "sales", "last_success": "2026-11-20T06:00:00Z",
            "unknown_accounts": {"rows": 9000, "are_more": true, "keys": ["\u001b[2J", "b", "c"]},
            "unknown_products": {"rows": 1, "are_more": false, "keys": ["GTXPro"]}})"
    );
    REVIEWD_CHECK_CONTAINS(
        strange,
        "in sales, at least 9000 rows name accounts that no source has (such as "
        R"(`\x1b[2J`, `b`, `c`): such a row counts for nothing until its account comes)"
    );
    REVIEWD_CHECK_CONTAINS(
        strange, "in sales, a row names a product that no source has (`GTXPro`): nothing but"
    );
    CHECK(strange.find("all is well") == std::string::npos);
    const std::string known = page(
        R"({"name": "sales", "last_success": "2026-11-20T06:00:00Z",
            "unknown_accounts": {"rows": 0, "are_more": false, "keys": []}})"
    );
    REVIEWD_CHECK_CONTAINS(known, "all is well");
}

TEST_CASE("an import that is held is no source that cannot be read", "[ctl]") {
    const auto status = boost::json::parse(
        R"({"sources": [{"name": "crm", "rows": 24,
                         "last_error": "held: 9 of 24 rows would become inactive"}],
            "imports_held": [{"source": "crm", "counts": {"vanished": 9}}]})"
    );
    const std::string page = status_page(status, Screen{});
    REVIEWD_CHECK_CONTAINS(page, "  held: 9 of 24 rows would become inactive");
    REVIEWD_CHECK_CONTAINS(page, "the import of crm is held");
    CHECK(page.find("failed") == std::string::npos);
    CHECK(page.find("cannot be read") == std::string::npos);
}

TEST_CASE("an import that was dropped is no source that cannot be read", "[ctl]") {
    const auto status = boost::json::parse(
        R"({"sources": [{"name": "crm", "rows": 24, "last_success": "2026-11-20T06:00:00Z",
                         "last_error": "dropped: this file is passed over"}]})"
    );
    const std::string page = status_page(status, Screen{});
    REVIEWD_CHECK_CONTAINS(page, "  dropped: this file is passed over");
    REVIEWD_CHECK_CONTAINS(page, "the file of crm was dropped");
    for (const char* wrong : {"failed", "cannot be read", "never read"}) {
        INFO(wrong);
        CHECK(page.find(wrong) == std::string::npos);
    }
}

TEST_CASE("the status page says when nothing more can be written", "[ctl][F5]") {
    const auto page = [](const char* daemon) {
        return status_page(boost::json::object{{"daemon", boost::json::parse(daemon)}}, Screen{});
    };
    REVIEWD_CHECK_CONTAINS(page(R"({"room_bytes": 900000000, "problem": null})"), "all is well");
    REVIEWD_CHECK_CONTAINS(
        page(R"({"room_bytes": 2048, "state_directory": "/var/lib/reviewd"})"),
        "the disk of /var/lib/reviewd has 2 KiB of room"
    );
    REVIEWD_CHECK_CONTAINS(
        page(R"x({"room_bytes": 900000000, "problem": "the disk is full (SQLite 13)"})x"),
        "the work of now cannot be done, and is tried again: the disk is full (SQLite 13)"
    );
}

TEST_CASE(
    "the status page names stale sources and overdue reviews, not that all is well", "[ctl]"
) {
    const std::vector<std::pair<const char*, const char*>> troubles{
        {R"({"sources": [{"name": "crm", "last_success": "2026-11-20T06:00:00Z", "is_stale": true}]})",
         "the source crm is stale, it was last read at"},
        {R"({"sources": [{"name": "crm"}]})", "the source crm was never read"},
        {R"({"sources": [{"name": "crm", "last_error": "no such file"}]})",
         "the source crm cannot be read; mend it, then `reviewctl import crm`"},
        {R"({"sources": [{"name": "crm", "last_success": "2026-11-20T06:00:00Z", "bad_rows": 1}]})",
         "a row of crm was left out"},
        {R"({"reviews": {"overdue": 1}})", "a review is overdue; `reviewctl due` shows it"},
        {R"({"reviews": {"overdue": 3}})", "3 reviews are overdue"},
        {R"({"deliveries": [{"channel": "mail", "state": "wait", "deliveries": 1}]})",
         "a delivery waits on mail for another try; `reviewctl outbox list --state wait` says why"},
        {R"({"deliveries": [{"channel": "mail", "state": "wait", "deliveries": 4}]})",
         "4 deliveries wait on mail for another try"},
        {R"({"accounts": {"without_review": 2}})", "2 active accounts have no review planned"},
        {R"({"late": [{"account": "Hartley", "due": "2026-12-01"}]})",
         "a review has no room before its latest day; the first is Hartley on 2026-12-01"},
    };
    for (const auto& [status, line] : troubles) {
        CAPTURE(status);
        const std::string page = status_page(boost::json::parse(status), Screen{});
        REVIEWD_CHECK_CONTAINS(page, line);
        CHECK(page.find("all is well") == std::string::npos);
    }
}
