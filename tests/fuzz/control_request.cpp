// The JSON lines that clients of the control socket send.
#include "daemon/runtime/control_request.hpp"

#include "daemon/control/arguments.hpp"
#include "scoring/base/text.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace {

using namespace reviewd;
using fuzz::require;
namespace json = boost::json;

/// Reads each argument as everything that a command may ask for.
void ask_for_all(const json::object& values) {
    for (const auto& member : values) {
        const std::string name{member.key()};
        control::Arguments arguments{values};
        static_cast<void>(arguments.text(name));
        static_cast<void>(arguments.texts(name));
        static_cast<void>(arguments.text_map(name));
        static_cast<void>(arguments.required_date(name));
        static_cast<void>(arguments.integers(name));
        static_cast<void>(arguments.flag(name));
        const auto number = arguments.integer(name, -5, 5);
        require(!number || (-5 <= *number && *number <= 5), "a number is within its bounds");
        const auto problem = arguments.problem();
        require(problem.has_value(), "no value is text, list, date and number at once");
        require(!find_invalid_utf8(problem->message), "what is answered is UTF-8");
    }
}

/// The same, but for the last bits of a number with a fraction, which no command takes: the library
/// reads those a little beside it.
bool are_same(const json::value& a, const json::value& b) {
    if (a.is_double() && b.is_double()) {
        return std::abs(a.get_double() - b.get_double()) <= 1e-12 * std::abs(a.get_double());
    }
    if (a.is_array() && b.is_array()) {
        const json::array& left = a.get_array();
        const json::array& right = b.get_array();
        return std::equal(left.begin(), left.end(), right.begin(), right.end(), are_same);
    }
    if (a.is_object() && b.is_object()) {
        const json::object& other = b.get_object();
        const auto has_same = [&other](const auto& member) {
            const json::value* const found = other.if_contains(member.key());
            return found != nullptr && are_same(member.value(), *found);
        };
        return a.get_object().size() == other.size()
               && std::all_of(a.get_object().begin(), a.get_object().end(), has_same);
    }
    return a == b;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line = fuzz::Input{data, size}.rest();
    const auto request = runtime::read_control_request(line);
    if (!request.has_value()) {
        require(request.error().code == ErrorCode::usage, "a bad line is the client's mistake");
        require(!request.error().message.empty(), "and is told so");
        return 0;
    }
    ask_for_all(request->arguments);
    const json::object written{{"command", request->command}, {"arguments", request->arguments}};
    const auto again = runtime::read_control_request(json::serialize(written));
    require(again.has_value(), "a request that is written can be read");
    require(again->command == request->command, "its command is the same");
    require(are_same(again->arguments, request->arguments), "its arguments are the same");
    return 0;
}
