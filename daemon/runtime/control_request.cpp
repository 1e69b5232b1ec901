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
