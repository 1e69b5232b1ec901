// The shapes of answers stand once, in daemon/ctl/manual/answers.json, from which reviewctl-json(5)
// is made. The stories of tests/e2e hold real answers against it; here are the names alone, also of
// what no story meets.
#include "daemon/control/command.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace reviewd::test::test_answers {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

json::object document() {
    return json::parse(read_file(source_path("daemon/ctl/manual/answers.json"))).as_object();
}

/// What the sources of the folder say, in the order of their names.
std::string sources_of(const std::string& folder, const std::string& begin) {
    std::set<std::string> files;
    for (const fs::directory_entry& entry : fs::directory_iterator{source_path(folder)}) {
        const std::string name = entry.path().filename().string();
        if (name.rfind(begin, 0) == 0 && entry.path().extension() == ".cpp") {
            files.insert(entry.path().string());
        }
    }
    std::string text;
    for (const std::string& file : files) {
        text += read_file(file);
    }
    return text;
}

/// The names of all fields of all shapes: of "versions[].files[].name" its "name".
std::set<std::string> field_names() {
    std::set<std::string> names;
    const json::object all = document();
    for (const auto& [shape, fields] : all.at("shapes").as_object()) {
        for (const auto& [path, field] : fields.as_object()) {
            std::string name{path};
            name = name.substr(name.rfind('.') + 1); // npos + 1 is 0
            if (name != "*") {
                names.insert(name);
            }
        }
    }
    return names;
}

} // namespace

TEST_CASE("every command of the table answers with a shape of the manual", "[control][answers]") {
    const json::object all = document();
    const json::object& shapes = all.at("shapes").as_object();
    const json::object& routes = all.at("commands").as_object();
    for (const control::Command& command : control::commands()) {
        INFO(command.name << " -> " << command.answer);
        if (command.answer.empty()) {
            continue;
        }
        CHECK(shapes.contains(command.answer));
        std::string route{command.name};
        std::replace(route.begin(), route.end(), '.', ' ');
        if (const json::value* const shape = routes.if_contains(route)) {
            CHECK(shape->as_string() == command.answer);
        }
    }
}

TEST_CASE("every field that shapes write is in the manual, and none else", "[control][answers]") {
    const std::set<std::string> names = field_names();
    CHECK(names.size() > 200);
    const std::string shapes = sources_of("daemon/control", "shapes");
    const std::regex written{R"re(\{"([a-z_]+)",|\["([a-z_]+)"\] =)re"};
    std::size_t fields = 0;
    for (std::sregex_iterator match{shapes.begin(), shapes.end(), written}, end; match != end;
         ++match) {
        const std::string name = (*match)[1].matched ? (*match)[1].str() : (*match)[2].str();
        INFO(name);
        CHECK(names.count(name) == 1);
        ++fields;
    }
    CHECK(fields > 150);
    const std::string writers = sources_of("daemon/control", "") + sources_of("daemon/app", "")
                                + sources_of("daemon/ctl", "")
                                + sources_of("daemon/service", "score_cause");
    for (const std::string& name : names) {
        INFO(name);
        CHECK(writers.find('"' + name + '"') != std::string::npos);
    }
}

} // namespace reviewd::test::test_answers
