#include "config/loader/configuration.hpp"
#include "config/loader/rules_reader.hpp"
#include "config/node/secrets.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/temporary_directory.hpp"

#include <sys/stat.h>

#include <filesystem>

namespace reviewd::test::test_load {

using namespace reviewd;
using namespace reviewd::config;

namespace {

constexpr const char* plain_rules =
    "rules: [ { id: a, points: 1 } ]\nlevels:\n"
    "  low: { from: 0, not_before: 1 week, review_every: 1 month, at_latest: 6 weeks }\n...\n";
constexpr const char* plain_settings =
    "company: { name: X, zone: Europe/Berlin }\nsources: {}\nchannels: { out: { type: file } }\n"
    "...\n";

/// A folder with a configuration in it.
struct Folder {
    Folder() {
        directory.write("reviewd.yaml", plain_settings);
        directory.write("rules/rules.yaml", plain_rules);
    }
    [[nodiscard]] LoadedConfiguration load(const LoadOptions& options = {}) const {
        return load_configuration((directory.path() / "reviewd.yaml").string(), options);
    }
    [[nodiscard]] std::string shown() const { return render(load().diagnostics); }

    test::TemporaryDirectory directory;
};

} // namespace

TEST_CASE("what nobody sets comes from the built-in settings", "[loader][load]") {
    const Folder folder;
    const LoadedConfiguration loaded = folder.load();
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration);
    CHECK(loaded.diagnostics.empty());
    const Settings& settings = *loaded.configuration->settings;
    CHECK(settings.state_directory == "/var/lib/reviewd");
    CHECK(settings.control_socket == "/run/reviewd/control.sock");
    CHECK(settings.data_directory == folder.directory.path().string());
    CHECK(settings.hold_share == 0.2);
    CHECK(settings.person_defaults.remind_at == std::chrono::minutes{450});
    CHECK(settings.person_defaults.zone == "Europe/Berlin");
    CHECK(settings.person_defaults.channels == std::vector<std::string>{"out"});
    CHECK(settings.retry.give_up_after == std::chrono::hours{120});
    CHECK(loaded.configuration->agenda->questions.front().id == "satisfaction");
}

TEST_CASE(
    "a file that would be taken for two in the history of rules is refused", "[loader][rules]"
) {
    const Folder folder;
    const std::string line = "# ==== rules file: other.yaml\n";
    for (const std::string& text : {line + plain_rules, "facts: {}\n" + line + plain_rules}) {
        folder.directory.write("rules/rules.yaml", text);
        INFO(text);
        CHECK_FALSE(folder.load().configuration);
        REVIEWD_CHECK_CONTAINS(folder.shown(), "may not hold a line that begins with");
    }
    REVIEWD_CHECK_CONTAINS(folder.shown(), "rules.yaml:2:1: error");
    folder.directory.write(
        "rules/rules.yaml", std::string{"# see ==== rules file: x\n"} + plain_rules
    );
    CHECK(folder.load().configuration);
}

TEST_CASE("the caller's places win over the file's", "[loader][load]") {
    const Folder folder;
    folder.directory.write(
        "reviewd.yaml", std::string{"state_directory: state\n"} + plain_settings
    );
    LoadOptions options;
    CHECK(
        folder.load().configuration->settings->state_directory
        == (folder.directory.path() / "state").string()
    );
    options.state_directory = "/elsewhere";
    options.data_directory = "/data";
    const LoadedConfiguration loaded = folder.load(options);
    CHECK(loaded.configuration->settings->state_directory == "/elsewhere");
    CHECK(loaded.configuration->settings->data_directory == "/data");
}

TEST_CASE("drop-ins are laid on the main file in the order of their names", "[loader][drop-in]") {
    const Folder folder;
    folder.directory.write("conf.d/20-mail.yaml", "reminders: { ahead_days: 3 }\n...\n");
    folder.directory.write("conf.d/10-name.yaml", "company: { name: Y }\nhold_share: 0.5\n...\n");
    folder.directory.write("conf.d/ignored.txt", "company: [\n");
    const LoadedConfiguration loaded = folder.load();
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration);
    const Settings& settings = *loaded.configuration->settings;
    CHECK(settings.company.name == "Y");
    CHECK(settings.company.zone == "Europe/Berlin");
    CHECK(settings.hold_share == 0.5);
    CHECK(settings.reminders.ahead_days == 3);
    CHECK(settings.reminders.invite_days == 10);
}

TEST_CASE("a list of a drop-in replaces the list below it", "[loader][drop-in]") {
    const Folder folder;
    folder.directory.write("conf.d/a.yaml", "reminders: { overdue: [2 days] }\n...\n");
    const LoadedConfiguration loaded = folder.load();
    REQUIRE(loaded.configuration);
    CHECK(
        loaded.configuration->settings->reminders.overdue
        == std::vector{Period{2, Period::Unit::days}}
    );
}

TEST_CASE("a key that two drop-ins set is an error that names both", "[loader][drop-in]") {
    const Folder folder;
    folder.directory.write("conf.d/a.yaml", "company: { name: Y }\n...\n");
    folder.directory.write("conf.d/b.yaml", "company:\n  name: Z\n...\n");
    CHECK_FALSE(folder.load().configuration);
    const std::string shown = folder.shown();
    REVIEWD_CHECK_CONTAINS(shown, "b.yaml:2:9: error: `company.name` is set in two drop-ins");
    REVIEWD_CHECK_CONTAINS(shown, "a.yaml:1:18");
}

TEST_CASE("an empty drop-in may be cut off and is refused", "[loader][drop-in][T4]") {
    const Folder folder;
    folder.directory.write("conf.d/a.yaml", "# company: { name: Y }\n");
    REVIEWD_CHECK_CONTAINS(folder.shown(), "a.yaml:1:1: error: the file holds nothing");
    folder.directory.write("conf.d/a.yaml", "{}\n...\n");
    CHECK(folder.load().configuration);
}

TEST_CASE("a file whose ending keeps it from being read is named", "[loader][load]") {
    const Folder folder;
    folder.directory.write("conf.d/50-mail.yml", "---\ncompany: { name: Y }\n...\n");
    folder.directory.write("rules/more.YAML", plain_rules);
    folder.directory.write("agenda.yml", "---\nquestions: []\n...\n");
    folder.directory.write("rules/.hidden.yml", "");
    folder.directory.write("rules/notes.txt", "");
    const LoadedConfiguration loaded = folder.load();
    REQUIRE(loaded.configuration);
    CHECK(loaded.configuration->settings->company.name == "X");
    CHECK(loaded.diagnostics.size() == 3);
    const std::string shown = render(loaded.diagnostics);
    for (const char* part :
         {"conf.d/50-mail.yml: warning: the file is not read\n  rename it to `50-mail.yaml`",
          "rules/more.YAML: warning: the file is not read\n  rename it to `more.yaml`",
          "agenda.yml: warning: the file is not read\n  rename it to `agenda.yaml`"}) {
        REVIEWD_CHECK_CONTAINS(shown, part);
    }
    folder.directory.write("agenda.yaml", "---\ninvitation: { en: Hello }\n...\n");
    CHECK(folder.shown().find("agenda.yml") == std::string::npos);
}

TEST_CASE("errors of all files are shown at once", "[loader][load]") {
    const Folder folder;
    folder.directory.write("reviewd.yaml", "company: {}\nsources: {}\nchannels: {}\nx: 1\n...\n");
    folder.directory.write("rules/rules.yaml", "rules: []\n...\n");
    const std::string shown = folder.shown();
    REVIEWD_CHECK_CONTAINS(shown, "reviewd.yaml:4:1: error: unknown key `x`");
    REVIEWD_CHECK_CONTAINS(shown, "no rules file has `levels:`");
}

TEST_CASE("what cannot be opened for want of descriptors is no mistake", "[loader][load][F49]") {
    const Folder folder;
    REQUIRE(folder.load().configuration); // a sanitizer looks at classes that it sees first here
    LoadedConfiguration starved;
    {
        const test::NoDescriptors nothing_left;
        starved = folder.load();
    }
    CHECK_FALSE(starved.configuration);
    CHECK(is_temporary(starved.diagnostics));
    std::filesystem::remove(folder.directory.path() / "reviewd.yaml");
    CHECK_FALSE(is_temporary(folder.load().diagnostics));
}

TEST_CASE("a drop-in folder that cannot be read is not taken for none", "[loader][drop-in][F49]") {
    const Folder folder;
    // A folder whose name leads in a circle is there, and cannot be read.
    std::filesystem::create_symlink("conf.d", folder.directory.path() / "conf.d");
    CHECK_FALSE(folder.load().configuration);
    REVIEWD_CHECK_CONTAINS(folder.shown(), "conf.d: error: the folder cannot be read");
}

TEST_CASE("a file in the place of the drop-ins is not passed over", "[loader][drop-in]") {
    const Folder folder;
    folder.directory.write("conf.d", "company: { name: Other }\n...\n");
    CHECK_FALSE(folder.load().configuration);
    REVIEWD_CHECK_CONTAINS(folder.shown(), "conf.d: error: the folder cannot be read: Not a dir");
}

TEST_CASE("a pipe among the files holds nobody up", "[loader][load]") {
    const Folder folder;
    const std::string name = GENERATE("conf.d/50-pipe.yaml", "rules/pipe.yaml");
    const std::filesystem::path pipe = folder.directory.path() / name;
    std::filesystem::create_directories(pipe.parent_path());
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_FALSE(folder.load().configuration);
    REVIEWD_CHECK_CONTAINS(
        folder.shown(), pipe.filename().string() + ": error: cannot read the file"
    );
    REVIEWD_CHECK_CONTAINS(folder.shown(), "it is no ordinary file");
}

TEST_CASE("a folder without rules is an error, not an empty set", "[loader][load]") {
    const Folder folder;
    std::filesystem::remove(folder.directory.path() / "rules/rules.yaml");
    CHECK_FALSE(folder.load().configuration);
    REVIEWD_CHECK_CONTAINS(folder.shown(), "holds no file *.yaml");
}

TEST_CASE("several rules files are one set, and their text gives the same set", "[loader][rules]") {
    const Folder folder;
    folder.directory.write(
        "rules/a.yaml", "facts: { vip: { type: boolean, from: accounts.vip } }\n..."
    );
    folder.directory.write("rules/b.yaml", "rules: [ { id: b, when: vip, points: 2.5 } ]\n...\n");
    const LoadedConfiguration loaded = folder.load();
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration);
    const rules::RuleSet& set = *loaded.configuration->rules;
    REQUIRE(set.rules.size() == 2);
    CHECK(std::get<rules::Points>(set.rules.at(0).points) == 2500);
    Report report;
    const auto again = parse_rules("version 1", set.content, rules::built_in_schema(), report);
    INFO(render(report.diagnostics()));
    REQUIRE(again != nullptr);
    CHECK(again->content_hash == set.content_hash);
    CHECK(again->rules.size() == 2);
    CHECK(again->file_names == std::vector<std::string>{"a.yaml", "b.yaml", "rules.yaml"});
}

TEST_CASE("published rules need no readable files, and bring the agenda along", "[loader][rules]") {
    const Folder folder;
    folder.directory.write(
        "reviewd.yaml", std::string{"rules: { authority: published }\n"} + plain_settings
    );
    folder.directory.write(
        "agenda.yaml",
        "invitation: { en: Well }\nquestions:\n"
        "  - { id: always, topic: needs, text: { en: What else } }\n"
        "  - { id: vip, topic: needs, when: vip, text: { en: How } }\n...\n"
    );
    folder.directory.write(
        "rules/rules.yaml", "rules: [ { id: b, when: nobody, points: 2 } ]\n..."
    );
    const LoadedConfiguration loaded = folder.load();
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration);
    CHECK(loaded.configuration->rules == nullptr);
    CHECK_FALSE(has_errors(loaded.diagnostics));
    REVIEWD_CHECK_CONTAINS(
        render(loaded.diagnostics), "warning: there is nothing called `nobody` here"
    );
    const std::string levels =
        "levels: { low: { from: 0, not_before: 1 week, review_every: 1 month, at_latest: 2 months "
        "} }\n...\n";
    Report report;
    const auto strict =
        with_rules(*loaded.configuration, {{"v1/rules.yaml", levels}}, AgendaFit::required, report);
    CHECK_FALSE(strict.has_value());
    REVIEWD_CHECK_CONTAINS(
        render(report.diagnostics()), "error: there is nothing called `vip` here"
    );
    Report silent;
    const auto lenient =
        with_rules(*loaded.configuration, {{"v1/rules.yaml", levels}}, AgendaFit::left_out, silent);
    REQUIRE(lenient);
    REQUIRE(lenient->agenda->questions.size() == 1);
    CHECK(lenient->agenda->questions.front().id == "always");
    const auto full = with_rules(
        *loaded.configuration,
        {{"v1/rules.yaml", "facts: { vip: { type: boolean, from: accounts.vip } }\n" + levels}},
        AgendaFit::required,
        silent
    );
    REQUIRE(full);
    REQUIRE(full->agenda->questions.size() == 2);
    CHECK(full->agenda->questions.back().when.has_value());
}

TEST_CASE("what is given in two rules files is refused with both places", "[loader][rules]") {
    const Folder folder;
    folder.directory.write("rules/z.yaml", std::string{plain_rules});
    const std::string shown = folder.shown();
    REVIEWD_CHECK_CONTAINS(shown, "`levels:` is given in a second file");
    REVIEWD_CHECK_CONTAINS(shown, "the rule `a` is given a second time");
    REVIEWD_CHECK_CONTAINS(shown, "rules/rules.yaml:1:16");
}

TEST_CASE("a fact may wait for the answer of a question that is asked", "[loader][agenda]") {
    const Folder folder;
    const auto with = [&](const char* fact) {
        folder.directory.write(
            "rules/f.yaml",
            std::string{"facts: { s: "} + fact
                + " }\nrules: [ { id: s, when: s != null, points: 1 } ]\n...\n"
        );
        return folder.shown();
    };
    CHECK(with("{ type: number, latest_answer: satisfaction }").empty());
    REVIEWD_CHECK_CONTAINS(
        with("{ type: number, latest_answer: satisfacton }"), "did you mean `satisfaction`?"
    );
    REVIEWD_CHECK_CONTAINS(
        with("{ type: number, latest_answer: needs }"), "the answer to `needs` is of kind text"
    );
}

TEST_CASE("a secret is named, explained and never shown", "[loader][secret]") {
    const Folder folder;
    folder.directory.write(
        "reviewd.yaml",
        "company: {}\nsources: {}\nchannels:\n  mail:\n    type: smtp\n    password: 'hunter2'\n"
        "    nested: [ { \"token\": hunter2, x: [ } ]\n"
    );
    std::string shown = folder.shown(); // a syntax error on a line that holds a secret
    CHECK(shown.find("hunter2") == std::string::npos);
    folder.directory.write(
        "reviewd.yaml",
        "company: { password: hunter2 }\nsources: {}\nchannels:\n  mail:\n    type: smtp\n"
        "    secret: hunter2\n...\n"
    );
    shown = folder.shown();
    CHECK(shown.find("hunter2") == std::string::npos);
    CHECK(shown.find("unknown key") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(shown, "`password_file: /path`");
    REVIEWD_CHECK_CONTAINS(shown, "`secret_file: /path`");
    REVIEWD_CHECK_CONTAINS(shown, "`secret_credential: NAME`");
}

TEST_CASE("a secret behind a misspelt key, or in an address, is not shown", "[loader][secret]") {
    using config::without_secrets;
    CHECK(without_secrets("  pasword: hunter2") == "  pasword: ***");
    CHECK(
        without_secrets("  { type: smtp, \"Pass\" : hunter2 }") == "  { type: smtp, \"Pass\" : ***"
    );
    CHECK(without_secrets("  password_file: /etc/key") == "  password_file: /etc/key");
    CHECK(without_secrets("  remind_at: 07:30 # password") == "  remind_at: 07:30 # password");
    CHECK(
        without_secrets("url: 'https://u:hunter2@crm.example/hook?key=hunter2', x")
        == "url: 'https://***@crm.example/***', x"
    );
    CHECK(
        without_secrets("public_url: https://u@crm.example/hook?key=hunter2")
        == "public_url: https://***@crm.example/hook?***"
    );
    CHECK(
        without_secrets("a: https://one.example/x b: http://two.example")
        == "a: https://one.example/*** b: http://two.example"
    );
    const Folder folder;
    folder.directory.write(
        "reviewd.yaml", "company: { name: X, zone: Europe/Berlin, pasword: hunter2 }\n...\n"
    );
    const std::string shown = folder.shown();
    CHECK(shown.find("hunter2") == std::string::npos);
    CHECK(shown.find("did you mean `password`") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(shown, "a secret never stands in YAML");
}

TEST_CASE("a channel's secret is not found fault with twice", "[loader][secret]") {
    const Folder folder;
    folder.directory.write(
        "reviewd.yaml",
        "company: { name: X, zone: Europe/Berlin }\nsources: {}\n"
        "channels: { mail: { type: smtp, password: hunter2 } }\n...\n"
    );
    LoadOptions options;
    options.check_channel = [](const ChannelSettings& channel, Report& report) {
        report.error(*channel.node.find("password"), "a secret does not stand in a file");
        return ChannelTraits{};
    };
    const Diagnostics found = folder.load(options).diagnostics;
    INFO(render(found));
    REQUIRE(found.size() == 1);
    REVIEWD_CHECK_CONTAINS(found.front().message, "a secret never stands in YAML");
}

TEST_CASE("a main file without keys is the only fault that is found", "[loader][load]") {
    const Folder folder;
    folder.directory.write(
        "rules/rules.yaml",
        std::string{"facts: { staff: { type: integer, from: accounts.employees } }\n"} + plain_rules
    );
    const auto [text, part] = GENERATE(table<std::string, std::string>({
        {"- a\n...\n", "expected keys with values here, found a list"},
        {"a\n...\n", "expected keys with values here, found `a`"},
        {"", "the file holds nothing"},
    }));
    folder.directory.write("reviewd.yaml", text);
    const Diagnostics found = folder.load().diagnostics;
    INFO(render(found));
    REQUIRE(found.size() == 1);
    REVIEWD_CHECK_CONTAINS(found.front().message, part);
}

TEST_CASE("a channel's own settings are judged by whoever knows them", "[loader][channel]") {
    const Folder folder;
    LoadOptions options;
    options.check_channel = [](const ChannelSettings& channel, Report& report) {
        report.error(channel.node, "no notifier " + channel.type);
        return ChannelTraits{};
    };
    const LoadedConfiguration loaded = folder.load(options);
    CHECK_FALSE(loaded.configuration);
    REVIEWD_CHECK_CONTAINS(render(loaded.diagnostics), "no notifier file");
}

TEST_CASE("what a channel can do stands beside its settings", "[loader][channel]") {
    const Folder folder;
    folder.directory.write(
        "reviewd.yaml",
        "company: { name: X }\nsources: {}\nchannels: { crm: { type: pipe } }\n"
        "events: { channels: [crm] }\n...\n"
    );
    LoadOptions options;
    options.check_channel = [](const ChannelSettings& channel, Report&) {
        return ChannelTraits{.takes_events = channel.type == "pipe", .keeps_inbox = true};
    };
    const LoadedConfiguration loaded = folder.load(options);
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration);
    const ChannelTraits& traits = loaded.configuration->settings->channels.at(0).traits;
    CHECK(traits.takes_events);
    CHECK(traits.keeps_inbox);
    CHECK_FALSE(traits.shows_html);
    options.check_channel = nullptr;
    REVIEWD_CHECK_CONTAINS(
        render(folder.load(options).diagnostics), "`crm` is of type pipe, which takes no events"
    );
}

TEST_CASE("a source's filter may name headers it cannot know yet", "[loader][source]") {
    const Folder folder;
    const auto with = [&](const std::string& where) {
        folder.directory.write(
            "reviewd.yaml",
            "company: {}\nchannels: {}\nsources:\n  accounts:\n    file: a.csv\n    where: >-\n      "
                + where + "\n...\n"
        );
        return folder.shown();
    };
    CHECK(with("deal_stage == \"Won\" && row[\"Close date\"] != \"\"").empty());
    REVIEWD_CHECK_CONTAINS(with("deal_stage == 3"), "reviewd.yaml:7:");
    REVIEWD_CHECK_CONTAINS(with("deal_stage.upperr() == \"x\""), "reviewd.yaml:7:");
}

TEST_CASE("holidays come from the files of each region", "[loader][holidays]") {
    Folder folder;
    const std::string people = "holidays: { gb: gb.ics, all: [gb.ics, more.ics] }\n"
                               "people: { ana: { region: all, leave: more.ics } }\n";
    const std::string new_year =
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270101\nEND:VEVENT\nEND:VCALENDAR\n";
    folder.directory.write("reviewd.yaml", people + plain_settings);
    folder.directory.write("gb.ics", new_year);
    folder.directory.write(
        "more.ics",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270105\nEND:VEVENT\nEND:VCALENDAR\n"
    );
    const LoadedConfiguration loaded = folder.load();
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration);
    const Settings& settings = *loaded.configuration->settings;
    CHECK(settings.holidays.at("gb").size() == 1);
    CHECK(settings.holidays.at("all").size() == 2);
    CHECK(settings.people.at("ana").region == "all");
    REQUIRE(settings.people.at("ana").leave.size() == 1);
    CHECK(to_string(settings.people.at("ana").leave.front().first) == "2027-01-05");

    // A file that was cut off, one that is not there, and a region that is not there.
    folder.directory.write("gb.ics", new_year.substr(0, new_year.find("END:VEVENT")));
    CHECK_FALSE(folder.load().configuration);
    CHECK(
        folder.shown().find(
            "gb.ics:4:1: error: the file ends inside `VEVENT`, which began on line 2"
        )
        != std::string::npos
    );
    folder.directory.write("gb.ics", new_year);
    folder.directory.write(
        "reviewd.yaml",
        std::string{"holidays: { gb: gb.ics, x: none.ics }\npeople: { ana: { region: bg } }\n"}
            + plain_settings
    );
    const std::string shown = folder.shown();
    INFO(shown);
    CHECK(shown.find("reviewd.yaml:1:28: error: ") != std::string::npos);
    CHECK(shown.find("none.ics: cannot read the file") != std::string::npos);
    CHECK(
        shown.find("reviewd.yaml:2:26: error: `holidays:` has no region `bg`") != std::string::npos
    );
    CHECK(shown.find("did you mean `gb`?") != std::string::npos);
    folder.directory.write(
        "reviewd.yaml",
        std::string{"holidays: { gb: gb.ics }\npeople: { ana: { region: nowhere } }\n"}
            + plain_settings
    );
    CHECK(folder.shown().find("it has gb") != std::string::npos);
}

TEST_CASE("hours and leave say how they are written", "[loader][people]") {
    const Folder folder;
    folder.directory.write(
        "reviewd.yaml",
        std::string{"people: { ana: { hours: 9-17, leave: [{ from: 2026-12-01 }] } }\n"}
            + plain_settings
    );
    const std::string shown = folder.shown();
    REVIEWD_CHECK_CONTAINS(shown, "expected working hours, found `9-17`");
    REVIEWD_CHECK_CONTAINS(shown, "for instance `{ from: 09:00, to: 17:00 }`");
    REVIEWD_CHECK_CONTAINS(shown, "expected the name of an iCalendar file, found keys with values");
}

TEST_CASE("the web server of the same machine is believed without being told", "[loader][load]") {
    const Folder folder;
    const auto load_with = [&](const std::string& links) {
        folder.directory.write(
            "reviewd.yaml",
            "company: { name: X, zone: Europe/Berlin }\nsources: {}\n"
            "channels: { out: { type: file } }\npublic_url: https://reviews.example\n"
            "links: { secret_file: link-key, listen: "
                + links + " }\n...\n"
        );
        LoadedConfiguration loaded = folder.load();
        INFO(render(loaded.diagnostics));
        REQUIRE(loaded.configuration);
        return loaded;
    };
    using Proxies = std::vector<std::string>;
    const std::vector<std::pair<std::string, Proxies>> vectors{
        {"127.0.0.1:8095", {"127.0.0.1", "::1"}},
        {"\"[::1]:8095\"", {"127.0.0.1", "::1"}},
        // Behind the one of this machine stands another.
        {"127.0.0.1:8095, proxies: 10.0.0.5", {"10.0.0.5", "127.0.0.1", "::1"}},
        {"127.0.0.1:8095, proxies: [127.0.0.1]", {"127.0.0.1"}},
        {"127.0.0.1:8095, proxies: []", {}},
        {"10.0.0.1:8095, proxies: [10.0.0.5]", {"10.0.0.5"}},
    };
    for (const auto& [links, expected] : vectors) {
        INFO(links);
        const LoadedConfiguration loaded = load_with(links);
        CHECK(loaded.diagnostics.empty());
        CHECK(loaded.configuration->settings->links->proxies == expected);
    }
    const LoadedConfiguration open = load_with("10.0.0.1:8095");
    CHECK(open.configuration->settings->links->proxies.empty());
    REVIEWD_CHECK_CONTAINS(render(open.diagnostics), "warning: this listener speaks no TLS");
}

TEST_CASE("a slip in a zone is told the name in use, not an old alias", "[loader][load]") {
    Folder folder;
    folder.directory.write(
        "reviewd.yaml",
        "company: { name: X, zone: Asia/Dakha }\nsources: {}\nchannels: { out: { type: file } }\n"
        "...\n"
    );
    REVIEWD_CHECK_CONTAINS(folder.shown(), "did you mean `Asia/Dhaka`?"); // not Asia/Dacca
}

} // namespace reviewd::test::test_load
