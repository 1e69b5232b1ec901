// The schemas are written by hand; these tests keep them equal to what the loader asks for. Each
// MapReader notes the keys of its map, and the map's path is followed through the schema.
#include "config/loader/configuration.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

#include <boost/json.hpp>

#include <filesystem>
#include <regex>

namespace reviewd::test::test_schema {

using namespace reviewd;
using namespace reviewd::config;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

json::value read_schema(const std::string& name) {
    return json::parse(test::read_file(test::source_path("config/schema/" + name + ".schema.json"))
    );
}

/// Whether the schema describes a map whose keys are fixed.
bool is_closed(const json::object& schema) {
    const json::value* more = schema.if_contains("additionalProperties");
    return schema.contains("properties") && more != nullptr && more->is_bool() && !more->as_bool();
}

/// The variant that describes a map or list, where several are possible; what a reference to the
/// definitions names.
const json::object& structured(const json::object& schema, const json::object& root) {
    if (const json::value* reference = schema.if_contains("$ref")) {
        const std::string name{reference->as_string()};
        return root.at("definitions").at(name.substr(name.rfind('/') + 1)).as_object();
    }
    if (const json::value* variants = schema.if_contains("oneOf")) {
        for (const json::value& variant : variants->as_array()) {
            const json::value* type = variant.as_object().if_contains("type");
            if (type != nullptr && (*type == "object" || *type == "array")) {
                return variant.as_object();
            }
        }
    }
    return schema;
}

/// "a.b[2]" as "a", "b", "[]".
std::vector<std::string> steps_of(const std::string& path) {
    std::vector<std::string> steps;
    const std::regex step{"\\[[0-9]+\\]|[^.\\[]+"};
    for (std::sregex_iterator at{path.begin(), path.end(), step}, end; at != end; ++at) {
        steps.push_back(at->str().front() == '[' ? "[]" : at->str());
    }
    return steps;
}

const json::object* follow(const json::object& root, const std::string& path) {
    const json::object* at = &structured(root, root);
    for (const std::string& step : steps_of(path)) {
        const json::value* next = nullptr;
        if (step == "[]") {
            next = at->if_contains("items");
        } else {
            const json::value* properties = at->if_contains("properties");
            next = properties == nullptr ? nullptr : properties->as_object().if_contains(step);
            next = next == nullptr ? at->if_contains("additionalProperties") : next;
        }
        if (next == nullptr || !next->is_object()) {
            return nullptr;
        }
        at = &structured(next->as_object(), root);
    }
    return at;
}

void collect_closed(const json::value& schema, std::set<const json::object*>& closed) {
    if (schema.is_array()) {
        for (const json::value& element : schema.as_array()) {
            collect_closed(element, closed);
        }
    } else if (schema.is_object()) {
        if (is_closed(schema.as_object())) {
            closed.insert(&schema.as_object());
        }
        for (const auto& member : schema.as_object()) {
            collect_closed(member.value(), closed);
        }
    }
}

/// The schema whose top level has the first step of the path, or all of the top level's keys.
std::string keys_text(const std::set<std::string, std::less<>>& keys) {
    std::string text;
    for (const std::string& key : keys) {
        text += key + " ";
    }
    return text;
}

/// Where the tree has the schema that a file names; the package's files name the installed one.
fs::path schema_place(const fs::path& file, const std::string& name) {
    constexpr std::string_view installed = "/usr/share/reviewd/schema/";
    return name.compare(0, installed.size(), installed) == 0
               ? test::source_path("config/schema") / name.substr(installed.size())
               : file.parent_path() / name;
}

} // namespace

TEST_CASE("the schemas have exactly the keys that the loader reads", "[loader][schema]") {
    KeyLog log;
    LoadOptions options;
    options.key_log = &log;
    options.check_channel = [](const ChannelSettings&, Report&) {
        return ChannelTraits{.takes_events = true};
    };
    const LoadedConfiguration loaded =
        load_configuration(test::source_path("tests/data/full/reviewd.yaml").string(), options);
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration);

    // The three files share one log. Their top levels have the path "", logged together.
    const std::vector<std::string> names{"reviewd", "rules", "agenda"};
    std::vector<json::value> schemas;
    std::set<const json::object*> unseen;
    for (const std::string& name : names) {
        schemas.push_back(read_schema(name));
    }
    std::set<std::string, std::less<>> top;
    for (const json::value& schema : schemas) {
        collect_closed(schema, unseen);
        unseen.erase(&schema.as_object());
        for (const auto& member : schema.at("properties").as_object()) {
            top.insert(member.key());
        }
    }
    CHECK(keys_text(log.at("")) == keys_text(top));
    log.erase("");

    for (const auto& [path, keys] : log) {
        INFO("at " << path);
        // `rules` is a map in reviewd.yaml and a list in the rules files.
        const json::object* found = nullptr;
        for (const json::value& schema : schemas) {
            const json::object* candidate = follow(schema.as_object(), path);
            found = candidate != nullptr && is_closed(*candidate) ? candidate : found;
        }
        REQUIRE(found != nullptr);
        std::set<std::string, std::less<>> described;
        for (const auto& member : found->at("properties").as_object()) {
            described.insert(member.key());
        }
        CHECK(keys_text(keys) == keys_text(described));
        unseen.erase(found);
    }
    for (const json::object* schema : unseen) {
        FAIL_CHECK("no file reaches " << json::serialize(*schema).substr(0, 200));
    }
}

TEST_CASE("every key of a schema says what it is for", "[loader][schema]") {
    for (const char* name : {"reviewd", "rules", "agenda"}) {
        const json::value schema = read_schema(name);
        std::set<const json::object*> closed;
        collect_closed(schema, closed);
        for (const json::object* map : closed) {
            for (const auto& member : map->at("properties").as_object()) {
                INFO(name << ": " << std::string{member.key()});
                const json::value* words = member.value().as_object().if_contains("description");
                CHECK((words != nullptr && words->as_string().size() > 4));
            }
        }
    }
}

TEST_CASE("every shipped file begins with the lines that editors read", "[loader][schema]") {
    const std::regex head{
        "^# yaml-language-server: \\$schema=([^\\n]+)\\n# \\$schema: ([^\\n]+)\\n"};
    int seen = 0;
    for (const char* folder : {"config", "tests/data/full"}) {
        for (const auto& entry : fs::recursive_directory_iterator{test::source_path(folder)}) {
            if (entry.path().extension() != ".yaml") {
                continue;
            }
            INFO(entry.path().string());
            const std::string text = test::read_file(entry.path());
            std::smatch match;
            REQUIRE(std::regex_search(text, match, head));
            CHECK(match[1] == match[2]);
            CHECK(fs::exists(schema_place(entry.path(), match[1].str())));
            ++seen;
        }
    }
    CHECK(seen >= 8);
}

} // namespace reviewd::test::test_schema
