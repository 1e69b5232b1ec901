#include "scoring/cel/functions.hpp"
#include "scoring/rules/table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"
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
const std::string answers = REVIEWD_SOURCE_DIR "/daemon/ctl/manual/answers.json";

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

TEST_CASE("each exit code is in the help and in the manual", "[ctl][manual]") {
    const std::string help = run({"--help"}).out;
    const std::string page = run({"manual", "reviewctl"}).out;
    for (int at = 0; at <= static_cast<int>(ErrorCode::conflict); ++at) {
        const int code = exit_code(static_cast<ErrorCode>(at));
        INFO(code);
        CHECK(std::regex_search(help, std::regex{"\\b" + std::to_string(code) + "\\b"}));
        REVIEWD_CHECK_CONTAINS(page, "\n.TP\n.B " + std::to_string(code) + "\n");
    }
}

TEST_CASE("the exit codes are told once, and each command says where", "[ctl][manual]") {
    const std::string page = run({"manual", "reviewctl"}).out;
    CHECK(page.find(".SH EXIT STATUS") != std::string::npos);
    CHECK(page.find("sysexits") == std::string::npos); // as the help ends
    REVIEWD_CHECK_CONTAINS(run({"--help"}).out, "sysexits");
    for (const auto& command : {std::vector<std::string>{"due"}, {"leave"}, {"review", "done"}}) {
        std::vector<std::string> words = command;
        words.emplace_back("--help");
        const std::string help = run(words).out;
        CHECK(help.ends_with("\n\n`reviewctl --help` tells the exit codes.\n"));
        CHECK(help.find("sysexits") == std::string::npos);
    }
}

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

TEST_CASE("an option tells what it takes and what holds without it", "[ctl][manual]") {
    const std::string page = without_roff(run({"manual", "reviewctl"}).out);
    REVIEWD_CHECK_CONTAINS(page, "\n--limit INT from 1 to 10000\n");
    REVIEWD_CHECK_CONTAINS(page, "the latest ones (default: 50)\n");
    REVIEWD_CHECK_CONTAINS(page, "\n--csv by_owner|by_level|by_segment|revenue|friendly\n");
    CHECK_FALSE(std::regex_search(page, std::regex{"\n--[a-z-]+ [A-Z]+:"}));
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

TEST_CASE("each function of expressions has its place in the manual of rules", "[ctl][manual]") {
    const Ran printed = run({"manual", "reviewd-rules", schemas + "rules.schema.json"});
    REQUIRE(printed.code == 0);
    const std::string page = without_roff(printed.out);
    int functions = 0;
    for (const cel::Function& function : cel::functions()) {
        if (function.library == cel::Library::operators) {
            continue;
        }
        const std::string name{function.name};
        INFO(name);
        ++functions;
        const std::size_t begin = page.find(".TP\n" + name + "\n");
        REQUIRE(begin != std::string::npos);
        const std::string entry = page.substr(begin, page.find("\n.TP", begin) - begin);
        CHECK(entry.find("For instance ") != std::string::npos);
        CHECK(entry.find(" is .") == std::string::npos);
        CHECK(entry.find("error") == std::string::npos);
    }
    CHECK(functions > 50);
    CHECK(page.find(".SS Functions of rules\n") != std::string::npos);
}

TEST_CASE(
    "each column of each table has its place in the manual, with its meaning", "[ctl][manual]"
) {
    const Ran printed = run({"manual", "reviewd.yaml", schemas + "reviewd.schema.json"});
    REQUIRE(printed.code == 0);
    const std::string page = without_roff(printed.out);
    const rules::Schema schema = rules::built_in_schema();
    for (const rules::Table table : rules::all_tables()) {
        const std::string head = ".SS " + std::string{rules::name(table)} + "\n";
        const std::size_t begin = page.find(head);
        REQUIRE(begin != std::string::npos);
        const std::string section = page.substr(begin, page.find("\n.S", begin + 1) - begin);
        for (const rules::Column& column : schema[table].columns) {
            INFO(head << column.name);
            CHECK_FALSE(rules::meaning(table, column.name).empty());
            CHECK(section.find(".TP\n" + column.name + " (") != std::string::npos);
        }
    }
}

TEST_CASE("a key tells its kind, its words, its range and what holds without it", "[ctl][manual]") {
    const Ran printed = run({"manual", "reviewd.yaml", schemas + "reviewd.schema.json"});
    REQUIRE(printed.code == 0);
    const std::string page = without_roff(printed.out);
    const auto entry = [&](const std::string& key) {
        const std::size_t begin = page.find(".TP\n" + key + " (");
        REQUIRE(begin != std::string::npos);
        return page.substr(begin, page.find("\n.", begin + 4) - begin);
    };
    REVIEWD_CHECK_CONTAINS(
        entry("events.only"), "One of: review.planned, review.done, level.changed."
    );
    REVIEWD_CHECK_CONTAINS(entry("routes[].for.step"), "One of: invite, ahead, on-day, overdue,");
    REVIEWD_CHECK_CONTAINS(entry("people.NAME.working_days"), "One of: sun, mon, tue,");
    REVIEWD_CHECK_CONTAINS(entry("people.defaults.capacity_per_day"), "From 1 to 50. Default: 4.");
    REVIEWD_CHECK_CONTAINS(entry("people.defaults.hours"), "Default: { from: 09:00, to: 17:00 }.");
    REVIEWD_CHECK_CONTAINS(entry("sources.NAME.file"), "(text, required)");
    REVIEWD_CHECK_CONTAINS(entry("sources.NAME.every"), "(duration)");
    REVIEWD_CHECK_CONTAINS(entry("hold_share"), "More than 0, at most 1.");
    REVIEWD_CHECK_CONTAINS(page, ".TP\nduration\nA span of time: a count and ms, s, min,");
}

TEST_CASE("a key that no sentence explains has no man page", "[ctl][manual]") {
    const reviewd::test::TemporaryDirectory directory;
    const std::string schema = directory
                                   .write(
                                       "x.json",
                                       R"({"title": "x", "description": "X.", "properties": {
                    "told": {"$ref": "#/definitions/told"},
                    "map": {"description": "Y.", "additionalProperties": {"type": "number"}}},
                    "definitions": {"told": {"description": "Z."}}})"
                                   )
                                   .string();
    const Ran printed = run({"manual", "reviewd.yaml", schema});
    CHECK(printed.code == 65);
    REVIEWD_CHECK_CONTAINS(printed.error, "does not say what `map.NAME` is");
}

TEST_CASE("each command says what it answers in JSON, and nothing else does", "[ctl][manual]") {
    const json::value all = json::parse(reviewd::test::read_file(answers));
    std::set<std::string> told;
    for (const char* list : {"commands", "scripts"}) {
        for (const json::key_value_pair& each : all.at(list).as_object()) {
            const std::string command{each.key()};
            told.insert(command.substr(0, command.find(" --")));
            if (const std::size_t option = command.find("--"); option != std::string::npos) {
                INFO(command);
                const Help help = help_of({command.substr(0, option - 1)});
                CHECK(help.options.count(command.substr(option)) == 1);
            }
        }
    }
    std::set<std::string> there;
    for_each_command({}, [&](const std::vector<std::string>& route, const Help& help) {
        if (help.commands.empty()) {
            there.insert(joined(route));
        }
    });
    CHECK(told == there);
}

TEST_CASE("each shape of answers and each field has its place in the manual", "[ctl][manual]") {
    const Ran printed = run({"manual", "reviewctl-json", answers});
    REQUIRE(printed.code == 0);
    const std::string page = without_roff(printed.out);
    const json::value all = json::parse(reviewd::test::read_file(answers));
    for (const json::key_value_pair& shape : all.at("shapes").as_object()) {
        const std::string name{shape.key()};
        const std::size_t begin = page.find(".SS " + name + "\n");
        INFO(name);
        REQUIRE(begin != std::string::npos);
        const std::string section = page.substr(begin, page.find("\n.S", begin + 1) - begin);
        for (const json::key_value_pair& field : shape.value().as_object()) {
            const std::string path{field.key()};
            INFO(path);
            CHECK((path == "*" || section.find(".TP\n" + path + "\n") != std::string::npos));
        }
    }
    CHECK(page.find("day or null; no reminders before") != std::string::npos);
    CHECK(page.find("list of review; open ones") != std::string::npos);
    CHECK(page.find("The fields of delivery, and these:") != std::string::npos);
}

TEST_CASE("a document of answers that names what it does not have makes no page", "[ctl][manual]") {
    const reviewd::test::TemporaryDirectory directory;
    const auto code_of = [&](const std::string& commands, const std::string& fields) {
        const std::string text = R"({"types": {"text": "a string"}, "scripts": {}, "commands": {)"
                                 + commands + R"(}, "shapes": {"one": {)" + fields + "}}}";
        return run({"manual", "reviewctl-json", directory.write("answers.json", text)});
    };
    CHECK(code_of(R"("due": "one")", R"("a": ["[text] | null", ""])").code == 0);
    const Ran no_type = code_of(R"("due": "one")", R"("a": ["[txt]", ""])");
    CHECK(no_type.code == 65);
    REVIEWD_CHECK_CONTAINS(no_type.error, "one: a: there is no shape `txt`");
    CHECK(code_of(R"("due": "two")", R"("a": ["text", ""])").code == 65);
    CHECK(code_of(R"("due": "one")", R"("*": ["two", ""])").code == 65);
    CHECK(code_of(R"("due": "one")", R"("a": ["text"])").code == 65);
    CHECK(code_of(R"("due": "one")", R"("a": "text")").code == 65);
}

TEST_CASE("each event of the table becomes a paragraph of the manual", "[ctl][manual]") {
    const Ran printed = run({"manual", "reviewd-events", REVIEWD_SOURCE_DIR "/README.md"});
    REQUIRE(printed.code == 0);
    const std::string page = without_roff(printed.out);
    CHECK(page.find(".SS storage.lost\n") != std::string::npos);
    CHECK(page.find("What to do: look at the disk") != std::string::npos);
    CHECK(run({"manual", "reviewd-events", schemas + "rules.schema.json"}).code == 65);
    const Ran without_file = run({"manual", "reviewd-events"});
    CHECK(without_file.code == 64);
    REVIEWD_CHECK_CONTAINS(without_file.error, "give it as SOURCE");
}
