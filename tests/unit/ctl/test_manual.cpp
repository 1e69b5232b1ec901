#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/ctl/run.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <regex>
#include <set>

using namespace reviewd;
using namespace reviewd::ctl::test;

namespace {

namespace json = boost::json;

const std::string schemas = REVIEWD_SOURCE_DIR "/config/schema/";

/// What the help of a command lists: commands below it, and options.
struct Help {
    std::vector<std::string> commands;
    std::set<std::string> options;
};

Help help_of(const std::vector<std::string>& route) {
    std::vector<std::string> words = route;
    words.emplace_back("--help");
    const Ran ran = run(words);
    REQUIRE(ran.code == 0);
    Help help;
    std::istringstream lines{ran.out};
    std::string line;
    bool is_below = false;
    while (std::getline(lines, line)) {
        is_below = is_below || line.rfind("Subcommands:", 0) == 0;
        std::smatch match;
        if (is_below && std::regex_search(line, match, std::regex{R"(^  ([a-z][a-z-]*) )"})) {
            help.commands.push_back(match[1]);
        } else if (!is_below && std::regex_search(line, match, std::regex{R"(^  .*(--[a-z][a-z-]*))"})) {
            help.options.insert(match[1]);
        }
    }
    return help;
}

using Visit = std::function<void(const std::vector<std::string>&, const Help&)>;

void for_each_command(const std::vector<std::string>& route, const Visit& visit) {
    const Help help = help_of(route);
    visit(route, help);
    for (const std::string& command : help.commands) {
        std::vector<std::string> below = route;
        below.push_back(command);
        for_each_command(below, visit);
    }
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

std::string without_roff(std::string page) {
    page = std::regex_replace(page, std::regex{R"(\\f[BIR])"}, "");
    return std::regex_replace(page, std::regex{R"(\\-)"}, "-");
}

void collect_keys(const json::value& value, std::set<std::string>& keys) {
    if (value.is_array()) {
        for (const json::value& each : value.get_array()) {
            collect_keys(each, keys);
        }
    } else if (value.is_object()) {
        for (const json::key_value_pair& member : value.get_object()) {
            if (member.key() == "properties") {
                for (const json::key_value_pair& key : member.value().as_object()) {
                    keys.insert(std::string{key.key()});
                }
            }
            collect_keys(member.value(), keys);
        }
    }
}

} // namespace

TEST_CASE("each command and each option has its place in the man page", "[ctl][manual]") {
    const Ran printed = run({"manual", "reviewctl"});
    REQUIRE(printed.code == 0);
    const std::string page = without_roff(printed.out);
    int commands = 0;
    for_each_command({}, [&](const std::vector<std::string>& route, const Help& help) {
        INFO(joined(route));
        std::string section = page;
        if (help.commands.empty()) {
            ++commands;
            const std::size_t begin = page.find(".SS " + joined(route) + "\n");
            REQUIRE(begin != std::string::npos);
            section = page.substr(begin, page.find("\n.S", begin + 1) - begin);
        }
        for (const std::string& option : help.options) {
            INFO(option);
            CHECK((option == "--help" || section.find(option) != std::string::npos));
        }
    });
    CHECK(commands > 20);
}

TEST_CASE("each shell completes every command and option", "[ctl][manual]") {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const Ran printed = run({"completion", shell});
        REQUIRE(printed.code == 0);
        for_each_command({}, [&](const std::vector<std::string>& route, const Help& help) {
            INFO(shell << ": " << joined(route));
            CHECK((route.empty() || printed.out.find(joined(route)) != std::string::npos));
            for (const std::string& option : help.options) {
                const std::string name =
                    shell == std::string{"fish"} ? "-l " + option.substr(2) : option;
                INFO(name);
                CHECK(printed.out.find(name) != std::string::npos);
            }
        });
    }
    const Ran unknown = run({"completion", "tcsh"});
    CHECK(unknown.code == 64);
}

TEST_CASE("each key of the configuration has its place in a man page", "[ctl][manual]") {
    struct Page {
        const char* name;
        const char* schema;
    };
    for (const Page& each :
         {Page{"reviewd.yaml", "reviewd.schema.json"},
          Page{"reviewd-rules", "rules.schema.json"},
          Page{"reviewd-agenda", "agenda.schema.json"}}) {
        const std::string schema = schemas + each.schema;
        const Ran printed = run({"manual", each.name, schema});
        REQUIRE(printed.code == 0);
        const std::string page = without_roff(printed.out);
        std::set<std::string> keys;
        collect_keys(json::parse(reviewd::test::read_file(schema)), keys);
        CHECK(keys.size() > 5);
        for (const std::string& key : keys) {
            INFO(each.name << ": " << key);
            const std::regex entry{"\n\\.TP\n([^\n]*[.\\]])?" + key + "( |\n)"};
            CHECK(std::regex_search(page, entry));
        }
    }
}

TEST_CASE("each event of the table becomes a paragraph of the manual", "[ctl][manual]") {
    const Ran printed = run({"manual", "reviewd-events", REVIEWD_SOURCE_DIR "/README.md"});
    REQUIRE(printed.code == 0);
    const std::string page = without_roff(printed.out);
    CHECK(page.find(".SS storage.lost\n") != std::string::npos);
    CHECK(page.find("What to do: look at the disk") != std::string::npos);
    CHECK(run({"manual", "reviewd-events", schemas + "rules.schema.json"}).code == 65);
}
