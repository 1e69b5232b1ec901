#include "config/node/parse.hpp"
#include "daemon/app/people_check.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace reviewd;

namespace {

struct Story {
    config::Settings settings;
    std::vector<intake::PersonRow> rows;
    std::vector<std::string> owners;

    Story() {
        settings.file = "reviewd.yaml";
        settings.person_defaults.channels = {"mail"};
        add("ruth", "ruth@example.test", "");
        add("karim", "karim@example.test", "ruth");
        add("ana", "ana@example.test", "karim");
        owners = {"ana"};
    }

    void add(const std::string& key, const std::string& email, const std::string& manager) {
        const int line = static_cast<int>(rows.size()) + 2;
        rows.push_back({key, email, manager, "people.csv", line});
    }

    /// Has `people:` and `operators:` of this file for places.
    void place_in(const std::string& yaml) {
        config::Report report;
        const auto root = config::parse_yaml("reviewd.yaml", yaml, report);
        REQUIRE(root.has_value());
        const auto copy = [&](std::string_view key) {
            const config::Node* node = root->find(key);
            return node == nullptr ? std::nullopt : std::optional{*node};
        };
        settings.people_node = copy("people");
        settings.operators_node = copy("operators");
    }

    [[nodiscard]] std::string findings() const {
        const app::AddressCheck check = [](std::string_view channel, std::string_view address) {
            if (channel != "mail") {
                return std::string{"there is no such channel"};
            }
            return std::string{
                address.find('@') == std::string_view::npos ? "is no e-mail address" : ""};
        };
        return render(app::check_people(settings, rows, owners, check));
    }
};

} // namespace

TEST_CASE("people who fit together give no finding", "[app][people]") {
    CHECK(Story{}.findings().empty());
}

TEST_CASE("a manager or substitute whom nobody knows is named with its line", "[app][people]") {
    Story story;
    story.rows[2].manager = "karin";
    story.settings.people["karim"].substitute = "rut";
    const std::string findings = story.findings();
    REVIEWD_CHECK_CONTAINS(findings, "people.csv:4");
    REVIEWD_CHECK_CONTAINS(findings, "the manager of `ana`, `karin`, is nobody");
    REVIEWD_CHECK_CONTAINS(findings, "did you mean `karim`?");
    REVIEWD_CHECK_CONTAINS(findings, "the substitute of `karim`, `rut`, is nobody");
    REVIEWD_CHECK_CONTAINS(findings, "warning");
}

TEST_CASE("managers in a circle are named once", "[app][people]") {
    Story story;
    story.settings.people["ruth"].manager = "ana"; // table and configuration together
    const std::string findings = story.findings();
    REVIEWD_CHECK_CONTAINS(
        findings, "managers go in a circle: `ana` -> `karim` -> `ruth` -> `ana`"
    );
    CHECK(findings.find("circle", findings.find("circle") + 1) == std::string::npos);
}

TEST_CASE("a circle of thousands is found as fast as a short one, and cut", "[app][people]") {
    Story story;
    constexpr int members = 20'000;
    const auto key = [](int number) {
        return "p" + std::to_string(100'000 + number % members);
    };
    for (int number = 0; number < members; ++number) {
        story.add(key(number), "p@example.test", key(number + 1));
        story.add("q" + key(number), "q@example.test", key(number)); // leads to it
    }
    const std::string findings = story.findings();
    REVIEWD_CHECK_CONTAINS(findings, "circle: `p100000` -> `p100001` -> ");
    REVIEWD_CHECK_CONTAINS(findings, " -> … (20000 people)");
    CHECK(findings.find("circle", findings.find("circle") + 1) == std::string::npos);
    CHECK(findings.size() < 1000);
}

TEST_CASE("a common substitute who is nobody is named", "[app][people]") {
    Story story;
    story.settings.person_defaults.substitute = "anna";
    REVIEWD_CHECK_CONTAINS(story.findings(), "the substitute of `karim`, `anna`, is nobody");
    story.settings.person_defaults.substitute = "karim"; // which is no mistake of his
    story.settings.person_defaults.manager = "ruth";
    CHECK(story.findings().empty());
}

TEST_CASE("what the configuration says of people is named at its key", "[app][people]") {
    Story story;
    story.settings.people["ruth"].manager = "ana";
    story.settings.people["karim"].substitute = "rut";
    story.settings.people["zed"].email = "zed@example.test";
    story.settings.operators = {"ruth", "anna"};
    story.place_in("people:\n"
                   "  ruth: { manager: ana }\n"
                   "  karim:\n    remind_at: 08:00\n    substitute: rut\n"
                   "  zed: { email: zed@example.test }\n"
                   "operators: [ruth, anna]\n");
    const std::string findings = story.findings();
    REVIEWD_CHECK_CONTAINS(findings, "reviewd.yaml:2:20: warning: managers go in a circle");
    REVIEWD_CHECK_CONTAINS(findings, "reviewd.yaml:5:17: warning: the substitute of `karim`");
    REVIEWD_CHECK_CONTAINS(findings, "reviewd.yaml:6:3: warning: `people:` sets up `zed`");
    REVIEWD_CHECK_CONTAINS(findings, "reviewd.yaml:7:19: warning: `operators:` names `anna`");
}

TEST_CASE("a manager of the table stays at their row, one of the defaults not", "[app][people]") {
    Story story;
    story.rows[2].manager = "karin";
    story.settings.person_defaults.manager = "boss";
    story.place_in("people:\n  defaults: { manager: boss }\n  ana: { remind_at: 08:00 }\n");
    const std::string findings = story.findings();
    REVIEWD_CHECK_CONTAINS(findings, "people.csv:4: warning: the manager of `ana`, `karin`");
    REVIEWD_CHECK_CONTAINS(findings, "reviewd.yaml:2:24: warning: the manager of `ruth`, `boss`");
}

TEST_CASE("operators and routes speak of people there are", "[app][people]") {
    Story story;
    story.settings.operators = {"ruth", "rut"};
    config::Route inner;
    inner.people = {"ana", "anna"};
    config::Route route;
    route.teams = {"karimm"};
    route.routes = {inner};
    story.settings.people["karim"].routes = {route};
    const std::string findings = story.findings();
    REVIEWD_CHECK_CONTAINS(findings, "`operators:` names `rut`, who is nobody");
    REVIEWD_CHECK_CONTAINS(findings, "a route is for `anna`, who is nobody");
    REVIEWD_CHECK_CONTAINS(findings, "a route is for the team of `karimm`, who is nobody");
    REVIEWD_CHECK_CONTAINS(findings, "did you mean `ruth`?");
    CHECK(findings.find("`ruth`, who") == std::string::npos);
}

TEST_CASE("an owner whom no channel reaches is named", "[app][people]") {
    Story story;
    story.rows[2].email.clear();
    REVIEWD_CHECK_CONTAINS(story.findings(), "no reminder reaches the owner `ana`: is no e-mail");
    story.settings.people["ana"].addresses["mail"] = "a@example.test";
    CHECK(story.findings().empty());
    story.owners.push_back("anna");
    REVIEWD_CHECK_CONTAINS(story.findings(), "accounts are owned by `anna`, who is nobody");
    story.owners = {"ana"};
    story.settings.person_defaults.channels.clear();
    REVIEWD_CHECK_CONTAINS(story.findings(), "no channel is set up for them");
}

TEST_CASE("somebody who is only in the configuration is named", "[app][people]") {
    Story story;
    story.settings.people["anna"].email = "x@example.test";
    REVIEWD_CHECK_CONTAINS(story.findings(), "`people:` sets up `anna`");
}

TEST_CASE("a region of the table without holidays is named once", "[app][people]") {
    Story story;
    story.rows[1].region = "London";
    story.rows[2].region = "London";
    CHECK(story.findings().empty()); // nobody has holidays
    story.settings.holidays["gb"] = {};
    const std::string findings = story.findings();
    REVIEWD_CHECK_CONTAINS(findings, "people.csv:4");
    REVIEWD_CHECK_CONTAINS(findings, "`holidays:` has no region `London`: its people have no");
    CHECK(findings.find("no region", findings.find("no region") + 1) == std::string::npos);
    story.settings.person_defaults.region = "gb";
    REVIEWD_CHECK_CONTAINS(story.findings(), "its people have those of `gb`");
    story.settings.people["ana"].region = "gb";
    story.rows[1].region = "gb";
    CHECK(story.findings().empty());
}

TEST_CASE("a language without templates is named where it is set", "[app][people]") {
    Story story;
    const auto findings = [&] {
        return render(app::check_languages(story.settings, story.rows, message::Templates{}));
    };
    CHECK(findings().empty());
    story.settings.company.language = "xx";
    story.settings.company.language_place = {
        std::make_shared<const std::string>("reviewd.yaml"), 5, 13};
    story.rows[1].language = "de";
    story.rows[2].language = "de";
    const std::string found = findings();
    REVIEWD_CHECK_CONTAINS(found, "reviewd.yaml:5:13: warning: language `xx`: no template is in");
    REVIEWD_CHECK_CONTAINS(found, "people.csv:3: warning: language `de`: no template is in `de`");
    CHECK(found.find("people.csv:4") == std::string::npos);
}
