#include "daemon/notify/plugins/file/event_row.hpp"

#include "daemon/notify/api/message_text.hpp"

#include <boost/json.hpp>

#include <array>
#include <string_view>
#include <vector>

namespace reviewd::notify {
namespace {

namespace json = boost::json;

/// Each column with the way to its value below `data`; the first ones are the message's own.
struct EventColumn {
    std::string_view name;
    std::string_view object; ///< empty: `data` itself
    std::string_view key;
};

constexpr std::array columns{
    EventColumn{"account_source", "account", "source"},
    EventColumn{"account", "account", "key"},
    EventColumn{"account_name", "account", "name"},
    EventColumn{"owner", "", "owner"},
    EventColumn{"review", "review", "id"},
    EventColumn{"kind", "review", "kind"},
    EventColumn{"due", "review", "due"},
    EventColumn{"latest", "review", "latest"},
    EventColumn{"held_on", "", "held_on"},
    EventColumn{"from_level", "level", "from"},
    EventColumn{"to_level", "level", "to"},
    EventColumn{"points", "level", "points"},
    EventColumn{"answers", "", "answers"},
    EventColumn{"note", "", "note"},
};

std::string text_of(const json::value& value) {
    if (value.is_string()) {
        return std::string{value.as_string()};
    }
    return value.is_null() ? std::string{} : json::serialize(value);
}

const json::value* member(const json::object& object, std::string_view key) {
    return object.if_contains(key);
}

std::string value_at(const json::object& data, const EventColumn& column) {
    const json::value* found = nullptr;
    if (column.object.empty()) {
        found = member(data, column.key);
    } else {
        const json::value* below = member(data, column.object);
        found = below != nullptr && below->is_object() ? member(below->as_object(), column.key)
                                                       : nullptr;
    }
    return found == nullptr ? std::string{} : text_of(*found);
}

std::string quoted(const std::string& text) {
    std::string field;
    constexpr std::string_view formulas = "=+-@\t\r";
    if (!text.empty() && formulas.find(text.front()) != std::string_view::npos) {
        field += '\'';
    }
    for (const char c : valid_utf8(text)) {
        const bool is_control = static_cast<unsigned char>(c) < 0x20;
        field += is_control ? ' ' : c;
    }
    if (field.find_first_of(",\"; ") == std::string::npos) {
        return field;
    }
    std::string result = "\"";
    for (const char c : field) {
        result += c == '"' ? "\"\"" : std::string(1, c);
    }
    return result + '"';
}

std::string joined(const std::vector<std::string>& fields) {
    std::string line;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        line += i == 0 ? "" : ",";
        line += fields[i];
    }
    return line;
}

} // namespace

std::string event_heading() {
    std::vector<std::string> names{"id", "event", "time"};
    for (const EventColumn& column : columns) {
        names.emplace_back(column.name);
    }
    return joined(names);
}

std::string event_row(const Message& message) {
    boost::system::error_code error;
    const json::value payload = json::parse(message.payload, error);
    const bool is_event = !error && payload.is_object() && payload.as_object().contains("type")
                          && payload.as_object().contains("data") && payload.at("data").is_object();
    std::vector<std::string> fields{quoted(message.id)};
    if (!is_event) {
        fields.push_back("message");
        fields.push_back(to_string(message.date));
        fields.resize(fields.size() + columns.size() - 1);
        fields.push_back(quoted(message.subject));
        return joined(fields);
    }
    const json::object& event = payload.as_object();
    fields.push_back(quoted(text_of(event.at("type"))));
    const json::value* time = event.if_contains("timestamp");
    fields.push_back(time == nullptr ? std::string{} : quoted(text_of(*time)));
    for (const EventColumn& column : columns) {
        fields.push_back(quoted(value_at(event.at("data").as_object(), column)));
    }
    return joined(fields);
}

} // namespace reviewd::notify
