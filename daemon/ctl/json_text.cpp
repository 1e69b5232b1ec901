#include "daemon/ctl/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

constexpr std::size_t indentation = 2;

void append(std::string& out, const json::value& value, std::size_t depth) {
    const auto new_line = [&](std::size_t level) {
        out += '\n' + std::string(level * indentation, ' ');
    };
    if (const json::object* const object = value.if_object(); object && !object->empty()) {
        out += '{';
        bool is_first = true;
        for (const json::key_value_pair& member : *object) {
            out += is_first ? "" : ",";
            is_first = false;
            new_line(depth + 1);
            out += json::serialize(json::string{member.key()}) + ": ";
            append(out, member.value(), depth + 1);
        }
        new_line(depth);
        out += '}';
    } else if (const json::array* const array = value.if_array(); array && !array->empty()) {
        out += '[';
        bool is_first = true;
        for (const json::value& element : *array) {
            out += is_first ? "" : ",";
            is_first = false;
            new_line(depth + 1);
            append(out, element, depth + 1);
        }
        new_line(depth);
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

} // namespace

std::string pretty(const json::value& value) {
    std::string out;
    append(out, value, 0);
    out += '\n';
    return out;
}

} // namespace reviewd::ctl
