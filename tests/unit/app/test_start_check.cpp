#include "daemon/app/source_check.hpp"
#include "daemon/app/start_check.hpp"
#include "tests/unit/app/stage.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace reviewd::test::test_start_check {

namespace {

namespace fs = std::filesystem;
using app::test::Stage;

constexpr std::string_view sources = R"(company: { name: Test, zone: UTC, rates: { USD: 0.9 } }
public_url: https://reviews.example
data_directory: data
rules: { directory: rules }
channels:
  desk: { type: file, path: reminders.jsonl }
people:
  defaults: { channels: [desk] }
sources:
  people: { file: people.csv }
)";

std::string render_start(const Stage& stage) {
    const config::LoadedConfiguration loaded = app::load(stage.places());
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration.has_value());
    return render(app::check_start(*loaded.configuration->settings));
}

std::string render_sources(const Stage& stage) {
    const config::LoadedConfiguration loaded = app::load(stage.places());
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration.has_value());
    return render(app::check_sources(*loaded.configuration->settings, loaded.configuration->schema)
    );
}

void write(const Stage& stage, const std::string& more) {
    stage.directory.write("reviewd.yaml", std::string{sources} + more);
}

} // namespace

TEST_CASE("a secret of links that keeps the daemon from starting is an error", "[app][check]") {
    const Stage stage;
    const fs::path file = stage.directory.path() / "link-key";
    write(
        stage,
        "  accounts: { file: accounts.csv }\n"
        "links:\n  listen: 127.0.0.1:8095\n  secret_file: link-key\n"
    );
    const auto keep = [&](std::string_view secret, fs::perms perms) {
        stage.directory.write("link-key", secret);
        fs::permissions(file, perms);
    };
    const std::string good(64, 'a');
    SECTION("missing") {}
    SECTION("open to everybody") {
        keep(good, fs::perms::owner_read | fs::perms::others_read);
    }
    SECTION("too short") {
        keep("short", fs::perms::owner_read);
    }
    SECTION("a directory") {
        fs::create_directory(file);
    }
    SECTION("good") {
        keep(good, fs::perms::owner_read);
        CHECK(render_start(stage).empty());
        return;
    }
    const std::string shown = render_start(stage);
    REVIEWD_CHECK_CONTAINS(shown, "reviewd.yaml:14:16: error");
    REVIEWD_CHECK_CONTAINS(shown, "link-key");
}

TEST_CASE("an address that is in no public network has to be meant", "[app][check]") {
    const Stage stage;
    const auto shown = [&](const std::string& keys) {
        write(stage, "  accounts: { file: accounts.csv }\n");
        stage.directory.write(
            "conf.d/hook.yaml",
            "channels:\n  crm: { type: webhook, secret_file: k, allow_http: true, " + keys
                + " }\n...\n"
        );
        const config::LoadedConfiguration loaded = app::load(stage.places());
        CHECK(loaded.configuration.has_value());
        return render(loaded.diagnostics);
    };
    const std::string warned = shown("url: 'http://10.0.0.7/hook'");
    REVIEWD_CHECK_CONTAINS(warned, "hook.yaml:2:64: warning: 10.0.0.7 is in no public network");
    REVIEWD_CHECK_CONTAINS(warned, "`allow_hosts: [10.0.0.7]`");
    REVIEWD_CHECK_CONTAINS(shown("url: 'http://[::1]:8080/'"), "`allow_hosts: [\"[::1]\"]`");
    for (const char* fine :
         {"url: 'http://10.0.0.7/hook', allow_hosts: [10.0.0.7]",
          "url: 'http://192.0.32.8/hook'",
          "url: 'http://crm.test/hook'"}) {
        CAPTURE(fine);
        CHECK(shown(fine).find("public network") == std::string::npos);
    }
}

TEST_CASE("a channel's secret that cannot be read is a warning at its key", "[app][check]") {
    const Stage stage;
    const fs::path file = stage.directory.path() / "state" / "smtp-password";
    write(stage, "  accounts: { file: accounts.csv }\n");
    stage.directory.write(
        "conf.d/m.yaml",
        "channels:\n"
        "  mail:\n    type: smtp\n    host: localhost\n    from: a@example.test\n    user: a\n"
        "    password_file: smtp-password\n"
    );
    const auto keep = [&](std::string_view secret, fs::perms perms) {
        stage.directory.write("state/smtp-password", secret);
        fs::permissions(file, perms);
    };
    std::string part = "cannot be opened: No such file";
    SECTION("missing") {}
    SECTION("open to everybody") {
        keep("geheim", fs::perms::owner_read | fs::perms::others_read);
        part = "is open to everybody";
    }
    SECTION("empty") {
        keep("\n", fs::perms::owner_read);
        part = "is empty";
    }
    SECTION("good") {
        keep("geheim", fs::perms::owner_read);
        CHECK(render_start(stage).empty());
        return;
    }
    const std::string shown = render_start(stage);
    REVIEWD_CHECK_CONTAINS(shown, "m.yaml:7:20: warning: the secret in " + file.string());
    REVIEWD_CHECK_CONTAINS(shown, part);
    CHECK(shown.find("geheim") == std::string::npos);
}

TEST_CASE("links and monitoring at one port are an error at the drop-in's key", "[app][check]") {
    const Stage stage;
    stage.directory.write("link-key", std::string(64, 'a'));
    fs::permissions(stage.directory.path() / "link-key", fs::perms::owner_read);
    write(
        stage,
        "  accounts: { file: accounts.csv }\n"
        "links: { listen: '127.0.0.1:8095', secret_file: link-key }\n"
    );
    stage.directory.write("conf.d/m.yaml", "monitoring: { listen: '127.0.0.1:8095' }\n");
    const std::string shown = render_start(stage);
    REVIEWD_CHECK_CONTAINS(shown, "m.yaml:1:23: error: links listen at port 8095 already");
    stage.directory.write("conf.d/m.yaml", "monitoring: { listen: '127.0.0.1:8096' }\n");
    CHECK(render_start(stage).empty());
}

TEST_CASE("a column that the file does not have is named at its key", "[app][check]") {
    const Stage stage;
    write(
        stage, "  accounts:\n    file: accounts.csv\n    columns:\n      budget: { from: budgt }\n"
    );
    const std::string shown = render_sources(stage);
    REVIEWD_CHECK_CONTAINS(
        shown, "reviewd.yaml:14:23: warning: accounts.csv has no column `budgt`"
    );
    REVIEWD_CHECK_CONTAINS(shown, "did you mean `budget`?");
    write(stage, "  accounts: { file: later.csv, columns: { budget: { from: budgt } } }\n");
    REVIEWD_CHECK_CONTAINS(render_sources(stage), "the source `accounts` cannot be read");
}

TEST_CASE("a file without a header row is one warning at its source", "[app][check]") {
    const Stage stage;
    write(stage, "  accounts: { file: accounts.csv, columns: { budget: worth, vip: tier } }\n");
    stage.directory.write("data/accounts.csv", "hartley,Hartley Print,ana\n");
    const std::string shown = render_sources(stage);
    REVIEWD_CHECK_CONTAINS(
        shown, "reviewd.yaml:11:21: warning: the source `accounts` has no header"
    );
    REVIEWD_CHECK_CONTAINS(shown, "found: hartley, Hartley Print, ana;");
    CHECK(shown.find("has no column") == std::string::npos);
}

TEST_CASE("a column that every row needs is named where it could be mapped", "[app][check]") {
    const Stage stage;
    stage.directory.write("data/accounts.csv", "id,company,owner\na,A,ana\n");
    write(stage, "  accounts:\n    file: accounts.csv\n    columns:\n      name: company\n");
    const std::string shown = render_sources(stage);
    REVIEWD_CHECK_CONTAINS(
        shown,
        "reviewd.yaml:14:7: warning: accounts.csv has no column `key`, which every row needs; say "
        "under `columns:` which one it is"
    );
    REVIEWD_CHECK_CONTAINS(shown, "did you mean `id`?");
    CHECK(shown.find("`name`") == std::string::npos);
    write(stage, "  accounts: { file: accounts.csv, columns: { key: id, name: company } }\n");
    CHECK(render_sources(stage).empty());
}

TEST_CASE("an expression that names no column of the file is seen", "[app][check]") {
    const Stage stage;
    stage.directory.write("data/accounts.csv", "key,name,owner,status\na,A,ana,open\n");
    write(
        stage,
        "  accounts:\n    file: accounts.csv\n    columns:\n"
        "      region: { expression: 'row[\"land\"]' }\n"
        "    where: 'row[\"state\"] == \"open\"'\n"
    );
    const std::string shown = render_sources(stage);
    REVIEWD_CHECK_CONTAINS(
        shown, "reviewd.yaml:15:12: warning: no row of accounts.csv can be read"
    );
    REVIEWD_CHECK_CONTAINS(
        shown, "the file has no column `state` (its columns are key, name, owner, status)"
    );
    REVIEWD_CHECK_CONTAINS(
        shown, "reviewd.yaml:14:29: warning: no row of accounts.csv can be read"
    );
    REVIEWD_CHECK_CONTAINS(shown, "its columns are key, name, owner, status");
}

TEST_CASE("a currency of the data without a rate is named once", "[app][check]") {
    const Stage stage;
    write(
        stage,
        "  accounts:\n    file: accounts.csv\n    columns:\n"
        "      budget: { from: budget, currency_from: currency }\n"
    );
    stage.directory.write(
        "data/accounts.csv",
        "key,name,owner,budget,currency\na,A,ana,1,EUR\nb,B,ana,1,USD\nc,C,ana,1,\n"
        "d,D,ana,1,JPY\ne,E,ana,1,JPY\n"
    );
    const std::string shown = render_sources(stage);
    REVIEWD_CHECK_CONTAINS(
        shown, "reviewd.yaml:14:46: warning: line 5 of accounts.csv is in `JPY`"
    );
    CHECK(shown.find("line 6") == std::string::npos);
    CHECK(shown.find("USD") == std::string::npos);
}

TEST_CASE("a filter that leaves everything out is seen", "[app][check]") {
    const Stage stage;
    stage.directory.write(
        "data/accounts.csv", "key,name,owner,status\na,A,ana,open\nb,B,ana,open\n"
    );
    write(stage, "  accounts:\n    file: accounts.csv\n    where: 'row[\"status\"] == \"Open\"'\n");
    REVIEWD_CHECK_CONTAINS(
        render_sources(stage),
        "reviewd.yaml:13:12: warning: `where:` leaves out all 2 rows of accounts.csv"
    );
    stage.directory.write(
        "data/accounts.csv", "key,name,owner,status\na,A,ana,Open\nb,B,ana,open\n"
    );
    CHECK(render_sources(stage).empty());
}

TEST_CASE("rows that the configuration makes bad are seen", "[app][check]") {
    const Stage stage;
    std::string rows = "key,name,owner,vip\n";
    for (int i = 0; i < 20; ++i) {
        rows += fmt::format("a{0},A{0},ana,{1}\n", i, i < 2 ? "gold" : "no");
    }
    stage.directory.write("data/accounts.csv", rows);
    write(
        stage,
        "  accounts:\n    file: accounts.csv\n    columns:\n"
        "      vip: { from: vip, aliases: { gold: vip } }\n"
    );
    const std::string shown = render_sources(stage);
    REVIEWD_CHECK_CONTAINS(
        shown,
        "the source `accounts` has 2 that cannot be read among 20 rows of accounts.csv; the first "
        "one, line 2: "
    );
    // A single one in more rows is the file's.
    stage.directory.write("data/accounts.csv", rows.replace(rows.find("gold"), 4, "yes"));
    CHECK(render_sources(stage).empty());
}

} // namespace reviewd::test::test_start_check
