#include "daemon/notify/registry/registry.hpp"
#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "daemon/runtime/process/process_host.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/notify/samples.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <set>
#include <string>

namespace reviewd::test::test_schema {

namespace {

namespace json = boost::json;
using Keys = std::set<std::string>;

/// The keys that the plugin asks for (of a file only behind its path); those that it refuses as
/// secrets are not among them.
Keys keys_read(const notify::NotifierPlugin& plugin) {
    boost::asio::io_context loop{1};
    runtime::CurlOutbound outbound{loop.get_executor()};
    runtime::ProcessHost processes{loop.get_executor()};
    config::KeyLog log;
    config::Report report;
    report.log_keys(&log);
    const auto root = config::parse_yaml("channel.yaml", "path: x", report);
    {
        config::MapReader reader{*root, report};
        const notify::PluginContext context{outbound, processes, "/etc/reviewd", "", {}};
        static_cast<void>(plugin.create(reader, context));
    }
    Keys keys(log[""].begin(), log[""].end());
    for (const std::string_view secret : config::secret_keys()) {
        keys.erase(std::string{secret});
    }
    return keys;
}

void collect(const json::object& definitions, const json::object& schema, Keys& keys) {
    if (const json::value* const properties = schema.if_contains("properties")) {
        for (const auto& member : properties->as_object()) {
            keys.emplace(member.key());
        }
    }
    if (const json::value* const all = schema.if_contains("allOf")) {
        for (const json::value& each : all->as_array()) {
            const std::string reference{each.at("$ref").as_string()};
            const std::string name = reference.substr(reference.rfind('/') + 1);
            collect(definitions, definitions.at(name).as_object(), keys);
        }
    }
}

} // namespace

TEST_CASE("the schema tells exactly the keys that each notifier reads", "[notify][schema]") {
    const json::value schema =
        json::parse(read_file(source_path("config/schema/reviewd.schema.json")));
    const json::object& definitions = schema.at("definitions").as_object();
    const json::object& kinds = definitions.at("notifiers").as_object();
    CHECK(kinds.size() == notify::plugins().size());
    for (const notify::NotifierPlugin& plugin : notify::plugins()) {
        INFO(plugin.type);
        Keys told;
        collect(definitions, kinds.at({plugin.type.data(), plugin.type.size()}).as_object(), told);
        CHECK(told == keys_read(plugin));
    }
}

TEST_CASE("what a type says of itself agrees with its keys and the schema", "[notify][schema]") {
    const json::value schema =
        json::parse(read_file(source_path("config/schema/reviewd.schema.json")));
    const json::value& events = schema.at_pointer("/properties/events/properties/channels");
    const std::string told{events.at("description").as_string()};
    for (const notify::NotifierPlugin& plugin : notify::plugins()) {
        INFO(plugin.type);
        const std::string place{plugin.traits.place_key};
        CHECK((place.empty() || keys_read(plugin).count(place) == 1));
        CHECK((told.find(plugin.type) != std::string::npos) == plugin.traits.takes_events);
    }
}

} // namespace reviewd::test::test_schema
