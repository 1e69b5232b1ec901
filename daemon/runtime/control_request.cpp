#include "daemon/runtime/control_request.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reviewd::runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t json_depth = 32;
constexpr const char* form =
    R"(a request is one line of the form {"command": "…", "arguments": {…}})";

/// Whether every number in it is one: `1e999` is read as infinity, which JSON cannot say.
bool has_numbers_only(const json::value& value) {
    if (const json::array* const array = value.if_array()) {
        return std::all_of(array->begin(), array->end(), has_numbers_only);
    }
    if (const json::object* const object = value.if_object()) {
        return std::all_of(object->begin(), object->end(), [](const auto& member) {
            return has_numbers_only(member.value());
        });
    }
    const double* const number = value.if_double();
    return number == nullptr || std::isfinite(*number);
}

/// The members of all objects in it.
std::size_t count_members(const json::value& value) {
    std::size_t members = 0;
    if (const json::array* const array = value.if_array()) {
        for (const json::value& element : *array) {
            members += count_members(element);
        }
    } else if (const json::object* const object = value.if_object()) {
        members = object->size();
        for (const json::key_value_pair& member : *object) {
            members += count_members(member.value());
        }
    }
    return members;
}

/// The colons between keys and values. @pre `text` is JSON
std::size_t count_colons(std::string_view text) {
    std::size_t colons = 0;
    bool is_in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_in_string && text[at] == '\\') {
            ++at; // whatever is escaped ends no string
        } else if (text[at] == '"') {
            is_in_string = !is_in_string;
        } else if (text[at] == ':' && !is_in_string) {
            ++colons;
        }
    }
    return colons;
}

} // namespace

Result<ControlRequest> read_control_request(std::string_view line) {
    json::parse_options options;
    options.max_depth = json_depth;
    boost::system::error_code error;
    json::value value = json::parse({line.data(), line.size()}, error, {}, options);
    if (error) {
        return fail(ErrorCode::usage, fmt::format("{}; {}", form, error.message()));
    }
    if (!has_numbers_only(value)) {
        return fail(ErrorCode::usage, "a request holds a number that is too large to be read");
    }
    // The parser keeps the last one silently, and whoever made the request may mean the first.
    if (count_members(value) != count_colons(line)) {
        return fail(ErrorCode::usage, "a request gives a key twice in one object; give it once");
    }
    json::object* const object = value.if_object();
    const json::value* const command = object != nullptr ? object->if_contains("command") : nullptr;
    if (command == nullptr || !command->is_string()) {
        return fail(ErrorCode::usage, form);
    }
    ControlRequest request;
    request.command.assign(command->get_string().data(), command->get_string().size());
    if (json::value* const arguments = object->if_contains("arguments")) {
        if (!arguments->is_object()) {
            return fail(ErrorCode::usage, form);
        }
        request.arguments = std::move(arguments->get_object());
    }
    return request;
}

} // namespace reviewd::runtime
