#include "daemon/ctl/doctor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/ctl/run.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <sys/stat.h>

using namespace reviewd;
using namespace reviewd::ctl;
using State = Finding::State;

namespace {

namespace json = boost::json;

const Finding* find(const Findings& findings, std::string_view name) {
    for (const Finding& each : findings) {
        if (each.name == name) {
            return &each;
        }
    }
    return nullptr;
}

} // namespace

TEST_CASE("room is wanted for the database, its backup and more", "[ctl][doctor]") {
    constexpr std::uint64_t mebibyte = 1024UL * 1024UL;
    CHECK(examine_room(2000 * mebibyte, 100 * mebibyte).state == State::good);
    CHECK(examine_room(2000 * mebibyte, 1000 * mebibyte).state == State::warning);
    CHECK(examine_room(400 * mebibyte, 0).state == State::warning);
    CHECK(examine_room(10 * mebibyte, 0).state == State::bad);
    CHECK_FALSE(examine_room(10 * mebibyte, 0).remedy.empty());
}

TEST_CASE("SQLite's known bug is named where the version has it", "[ctl][doctor]") {
    for (const char* version : {"3.40.1", "3.51.2", "3.50.6", "3.44.5", "3.7.17"}) {
        INFO(version);
        REVIEWD_CHECK_CONTAINS(examine_sqlite(version).found, "second writer");
    }
    for (const char* version : {"3.51.3", "3.50.7", "3.44.6", "3.52.0"}) {
        INFO(version);
        REVIEWD_CHECK_CONTAINS(examine_sqlite(version).found, "no known bug");
    }
}

TEST_CASE("each trouble that the daemon tells of comes with a remedy", "[ctl][doctor]") {
    const json::value status = json::parse(R"({
        "daemon": {"clock_suspect": "it jumped", "reload_problem": "bad"},
        "sources": [
            {"name": "fresh", "last_success": "2026-11-20 06:00:00", "last_error": null, "is_stale": false},
            {"name": "old", "last_success": "2026-11-01 06:00:00", "last_error": null, "is_stale": true},
            {"name": "broken", "last_success": null, "last_error": "no such file", "is_stale": false},
            {"name": "held", "last_success": "2026-11-20 06:00:00",
             "last_error": "held: 9 of 24 rows would become inactive", "is_stale": false},
            {"name": "dropped", "last_success": "2026-11-20 06:00:00",
             "last_error": "dropped: this file is passed over", "is_stale": false},
            {"name": "strange", "last_success": "2026-11-20 06:00:00", "last_error": null, "is_stale": false,
             "unknown_accounts": {"rows": 2, "are_more": false, "keys": ["0a1"]},
             "unknown_products": {"rows": 1, "are_more": false, "keys": ["GTK"]}},
            {"name": "new", "last_success": null, "last_error": null, "is_stale": false}],
        "paused": [{"channel": "mail", "reason": "535 login refused", "limit": false},
                   {"channel": "crm", "reason": "daily limit of 9 messages in all", "limit": true,
                    "until": "2026-11-21 07:30:00"}],
        "restored": "2026-11-20 07:00:00", "last_backup": null})");
    const Findings findings = examine_daemon(status, TimePoint{});
    for (const Finding& each : findings) {
        INFO(each.name);
        CHECK((each.state == State::good) == each.remedy.empty());
    }
    for (const char* bad : {"clock", "source broken", "hold", "channel mail", "configuration"}) {
        INFO(bad);
        REQUIRE(find(findings, bad) != nullptr);
        CHECK(find(findings, bad)->state == State::bad);
    }
    REVIEWD_CHECK_CONTAINS(find(findings, "configuration")->found, "the last reload failed: bad");
    REQUIRE(find(findings, "channel crm") != nullptr);
    CHECK(find(findings, "channel crm")->state == State::warning);
    REVIEWD_CHECK_CONTAINS(find(findings, "channel crm")->found, "goes on by itself at 2026-11-21");
    CHECK(find(findings, "channel crm")->remedy.find("resume") == std::string::npos);
    CHECK(find(findings, "source fresh")->state == State::good);
    CHECK(find(findings, "source old")->state == State::warning);
    REQUIRE(find(findings, "source held") != nullptr);
    CHECK(find(findings, "source held")->state == State::warning);
    REVIEWD_CHECK_CONTAINS(find(findings, "source held")->remedy, "import --confirm held");
    REQUIRE(find(findings, "source dropped") != nullptr);
    CHECK(find(findings, "source dropped")->state == State::warning);
    const Finding* const strange = find(findings, "source strange");
    REQUIRE(strange != nullptr);
    CHECK(strange->state == State::warning);
    CHECK(
        strange->found
        == "2 rows name accounts that no source has (`0a1`); a row names a product that no source "
           "has (`GTK`)"
    );
    CHECK(find(findings, "backup")->state == State::warning);
}

TEST_CASE("zones, regions and languages that mean nothing here are doubted", "[ctl][doctor]") {
    const json::value status = json::parse(R"({"daemon": {}, "sources": [], "paused": [],
        "lost_zones": ["the zone `Mars/A` of `ana` is not there", "the zone `Mars/B` of `jo`"],
        "lost_regions": ["`holidays:` has no region `London`"],
        "lost_parents": ["the parent of `a3` is no account"],
        "lost_links": ["the substitute of `jo`, `anna`, is nobody"],
        "lost_channels": ["a delivery waits on `mail`"],
        "lost_languages": ["`ana` reads `de`: no template is in `de`"]})");
    const Findings findings = examine_daemon(status, TimePoint{});
    const Finding* const zones = find(findings, "people's zones");
    REQUIRE(zones != nullptr);
    CHECK(zones->state == State::warning);
    CHECK(
        zones->found == "the zone `Mars/A` of `ana` is not there (and 1 more in `reviewctl status`)"
    );
    REVIEWD_CHECK_CONTAINS(zones->remedy, "tzdata");
    const Finding* const regions = find(findings, "people's holidays");
    REQUIRE(regions != nullptr);
    CHECK(regions->state == State::warning);
    CHECK(regions->found == "`holidays:` has no region `London`");
    const Finding* const languages = find(findings, "people's languages");
    REQUIRE(languages != nullptr);
    CHECK(languages->state == State::warning);
    CHECK(languages->found == "`ana` reads `de`: no template is in `de`");
    REVIEWD_CHECK_CONTAINS(languages->remedy, "template_directory");
    REQUIRE(find(findings, "parents of accounts") != nullptr);
    CHECK(find(findings, "parents of accounts")->found == "the parent of `a3` is no account");
    const Finding* const links = find(findings, "managers and substitutes");
    REQUIRE(links != nullptr);
    CHECK(links->state == State::warning);
    CHECK(links->found == "the substitute of `jo`, `anna`, is nobody");
    const Finding* const channels = find(findings, "lost channels");
    REQUIRE(channels != nullptr);
    CHECK(channels->found == "a delivery waits on `mail`");
    const Findings well = examine_daemon(
        json::parse(R"({"lost_zones": [], "lost_regions": [], "lost_languages": []})"), TimePoint{}
    );
    CHECK(find(well, "people's zones") == nullptr);
    CHECK(find(well, "people's holidays") == nullptr);
    CHECK(find(well, "people's languages") == nullptr);
}

TEST_CASE("a backup that would not serve is worse than an old one", "[ctl][doctor]") {
    const json::value status = json::parse(R"({"daemon": {}, "sources": [], "paused": [],
        "last_backup": "2026-11-20 07:00:00", "drill_problem": "page 7 is damaged"})");
    const Findings findings = examine_daemon(status, TimePoint{});
    REQUIRE(find(findings, "backup") != nullptr);
    CHECK(find(findings, "backup")->state == State::bad);
    REVIEWD_CHECK_CONTAINS(find(findings, "backup")->found, "page 7 is damaged");
}

TEST_CASE(
    "a clock that nobody keeps is named, or that the service cannot ask after", "[ctl][doctor]"
) {
    const json::value trusted = json::parse(R"({"clock_suspect": null, "clock_kept": true})");
    const json::value unseen = json::parse(R"({"clock_suspect": null, "clock_kept": false})");
    const json::value doubted =
        json::parse(R"({"clock_suspect": "it jumped", "clock_kept": false})");
    for (const ClockSeen seen : {ClockSeen::kept, ClockSeen::unkept}) {
        CHECK(examine_clock(trusted, seen).state == State::good);
        CHECK(examine_clock(unseen, seen).state == State::warning);
        CHECK(examine_clock(doubted, seen).state == State::bad);
    }
    REVIEWD_CHECK_CONTAINS(
        examine_clock(unseen, ClockSeen::kept).remedy, "30-other-time-service.conf"
    );
    REVIEWD_CHECK_CONTAINS(
        examine_clock(unseen, ClockSeen::unkept).found, "nothing keeps it right"
    );
    const auto drop_in = reviewd::test::source_path("systemd/drop-ins/30-other-time-service.conf");
    CHECK(std::filesystem::exists(drop_in));
}

TEST_CASE("a credential that the service was not given is named", "[ctl][doctor]") {
    const reviewd::test::TemporaryDirectory directory;
    const std::string place = directory.path().string();
    directory.write("smtp-password", "x");
    const auto examine = [](const std::string& where, const std::string& credential) {
        return examine_credential("secret of mail", where, credential);
    };
    CHECK(examine(place, "smtp-password").state == State::good);
    CHECK(examine(place, "smtp-pasword").state == State::bad);
    REVIEWD_CHECK_CONTAINS(
        examine(place, "smtp-pasword").remedy, "LoadCredential=smtp-pasword:FILE"
    );
    CHECK(examine(place + "/none", "smtp-password").state == State::warning);
}

TEST_CASE("files that everybody may read or write are named", "[ctl][doctor]") {
    const reviewd::test::TemporaryDirectory directory;
    const auto chmod = [&](const std::string& name, unsigned mode) {
        REQUIRE(::chmod((directory.path() / name).c_str(), mode) == 0);
    };
    config::Settings settings;
    settings.file = directory.write("reviewd.yaml", "");
    settings.state_directory = directory.path() / "state";
    settings.rules.directory = directory.path() / "rules";
    settings.links = config::LinkSettings{};
    settings.links->secret_file = directory.write("links.key", "x");
    for (const char* name : {"conf.d/a.yaml", "rules/scoring.yaml", "state/x"}) {
        directory.write(name, "");
        chmod(name, 0640);
    }
    for (const char* name : {"", "conf.d", "rules"}) {
        chmod(name, 0750);
    }
    chmod("state", 0700);
    chmod("reviewd.yaml", 0640);
    chmod("links.key", 0640); // root's, and read by the service's group
    const auto state_of = [&](std::string_view name) {
        const Findings findings = examine_host(settings);
        REQUIRE(find(findings, name) != nullptr);
        return find(findings, name)->state;
    };
    CHECK(state_of("file modes") == State::good);
    CHECK(state_of("secret of links") == State::good);
    for (const char* name : {"conf.d/a.yaml", "conf.d", "rules/scoring.yaml", "rules"}) {
        INFO(name);
        const unsigned before = std::string_view{name}.ends_with(".yaml") ? 0640 : 0750;
        chmod(name, 0777);
        CHECK(state_of("file modes") == State::warning);
        chmod(name, before);
    }
    chmod("links.key", 0644);
    CHECK(state_of("secret of links") == State::bad); // the daemon does not take it
}

TEST_CASE("doctor says that there is no daemon, and what to do", "[ctl][doctor]") {
    const auto ran = ctl::test::run(
        {"doctor",
         "--config",
         REVIEWD_SOURCE_DIR "/config/example/reviewd.yaml",
         "--socket",
         "/nowhere/control.sock"}
    );
    CHECK(ran.code == 69);
    REVIEWD_CHECK_CONTAINS(ran.out, "systemctl start reviewd");
    const auto as_json = ctl::test::run({"--json", "doctor", "--config", "/nowhere/reviewd.yaml"});
    CHECK(as_json.code == 69);
    CHECK(json::parse(as_json.out).at("checks").as_array().size() >= 2);
}
