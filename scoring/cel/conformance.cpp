#include "scoring/cel/conformance.hpp"

#include "scoring/base/base64.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/cel/literal.hpp"
#include "scoring/cel/timestamp.hpp"

#include <boost/json.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace reviewd::cel {
namespace {

namespace json = boost::json;

/// The case is not written as documented; ends the run of this line.
class BadCase : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

std::string text_of(const json::value& value) {
    if (const json::string* text = value.if_string()) {
        return std::string{text->data(), text->size()};
    }
    return json::serialize(value);
}

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(json::string_view{key.data(), key.size()});
    return value == nullptr ? std::string{} : text_of(*value);
}

double read_double(const std::string& text) {
    const std::optional<double> value = parse_real(text);
    if (!value) {
        throw BadCase{"not a double: " + text};
    }
    return *value;
}

Value read_type(const std::string& name) {
    for (int kind = 0; kind <= static_cast<int>(Type::Kind::type); ++kind) {
        if (type_name(static_cast<Type::Kind>(kind)) == name) {
            return Value::of(Type{static_cast<Type::Kind>(kind), {}});
        }
    }
    throw BadCase{"not a type: " + name};
}

Value read_value(const json::value& typed);

Value read_list(const json::array& elements) {
    List list;
    for (const json::value& element : elements) {
        list.push_back(read_value(element));
    }
    return Value::list(std::move(list));
}

Value read_map(const json::array& entries) {
    Map map;
    for (const json::value& entry : entries) {
        map.emplace_back(read_value(entry.as_array().at(0)), read_value(entry.as_array().at(1)));
    }
    return Value::map(std::move(map));
}

Value read_bytes(const std::string& text) {
    std::optional<std::string> bytes = decode_base64(text);
    if (!bytes) {
        throw BadCase{"not base64: " + text};
    }
    return Value::of(Bytes{std::move(*bytes)});
}

Value read_moment(const std::string& kind, const std::string& text) {
    if (kind == "timestamp") {
        if (const std::optional<Timestamp> moment = parse_timestamp(text)) {
            return Value::of(*moment);
        }
    } else if (const std::optional<Duration> length = parse_duration(text)) {
        return Value::of(*length);
    }
    throw BadCase{"not a " + kind + ": " + text};
}

Value read_value(const json::value& typed) {
    const json::object& object = typed.as_object();
    if (object.size() != 1) {
        throw BadCase{"a typed value has one key: " + json::serialize(typed)};
    }
    const std::string kind{object.begin()->key().data(), object.begin()->key().size()};
    const json::value& content = object.begin()->value();
    if (kind == "null") {
        return Value{};
    }
    if (kind == "bool") {
        return Value::of(content.as_bool());
    }
    if (kind == "list") {
        return read_list(content.as_array());
    }
    if (kind == "map") {
        return read_map(content.as_array());
    }
    const std::string text = text_of(content);
    if (kind == "int") {
        return Value::of(static_cast<std::int64_t>(std::stoll(text)));
    }
    if (kind == "uint") {
        return Value::of(static_cast<std::uint64_t>(std::stoull(text)));
    }
    if (kind == "double") {
        return Value::of(read_double(text));
    }
    if (kind == "string") {
        return Value::of(text);
    }
    if (kind == "bytes") {
        return read_bytes(text);
    }
    if (kind == "type") {
        return read_type(text);
    }
    if (kind == "timestamp" || kind == "duration") {
        return read_moment(kind, text);
    }
    throw BadCase{"not a kind of value: " + kind};
}

bool conforms(const Value& expected, const Value& found);

bool conforming_lists(const List& expected, const List& found) {
    if (expected.size() != found.size()) {
        return false;
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!conforms(expected[i], found[i])) {
            return false;
        }
    }
    return true;
}

/// Entries of a map have no order.
bool conforming_maps(const Map& expected, const Map& found) {
    if (expected.size() != found.size()) {
        return false;
    }
    for (const auto& [key, value] : expected) {
        bool is_there = false;
        for (const auto& entry : found) {
            is_there = is_there || (conforms(key, entry.first) && conforms(value, entry.second));
        }
        if (!is_there) {
            return false;
        }
    }
    return true;
}

/// The same type and the same value; NaN conforms to NaN.
bool conforms(const Value& expected, const Value& found) {
    if (expected.data().index() != found.data().index()) {
        return false;
    }
    if (const auto* real = expected.get_if<double>()) {
        return std::isnan(*real) ? std::isnan(*found.get_if<double>())
                                 : *real == *found.get_if<double>();
    }
    if (const auto* list = expected.get_if<std::shared_ptr<const List>>()) {
        return conforming_lists(**list, **found.get_if<std::shared_ptr<const List>>());
    }
    if (const auto* map = expected.get_if<std::shared_ptr<const Map>>()) {
        return conforming_maps(**map, **found.get_if<std::shared_ptr<const Map>>());
    }
    return equals(expected, found);
}

/// The message of the specification's own test files, as far as its scalars go.
Message test_message(std::string name) {
    const auto simple = [](Type::Kind kind) {
        return Type{kind, {}};
    };
    Message message{std::move(name), {}};
    for (const std::string_view field :
         {"int32", "int64", "sint32", "sint64", "sfixed32", "sfixed64"}) {
        message.fields.push_back(Variable{
            fmt::format("single_{}", field), simple(Type::Kind::integer)});
    }
    for (const std::string_view field : {"uint32", "uint64", "fixed32", "fixed64"}) {
        message.fields.push_back(Variable{
            fmt::format("single_{}", field), simple(Type::Kind::unsigned_integer)});
    }
    message.fields.push_back(Variable{"single_float", simple(Type::Kind::real)});
    message.fields.push_back(Variable{"single_double", simple(Type::Kind::real)});
    message.fields.push_back(Variable{"single_bool", simple(Type::Kind::boolean)});
    message.fields.push_back(Variable{"single_string", simple(Type::Kind::string)});
    message.fields.push_back(Variable{"single_bytes", simple(Type::Kind::bytes)});
    return message;
}

struct Setting {
    Environment environment{Dialect::standard};
    std::vector<Value> values;
};

void declare_without_value(Setting& setting, const std::string& name) {
    if (!setting.environment.slot_of(name)) {
        const std::uint32_t slot = setting.environment.declare(name, Type{});
        setting.values.push_back(Value::unknown(slot));
    }
}

/// Variables are declared `dyn`: the cases tell their values, not their types.
Setting read_setting(const json::object& one) {
    Setting setting;
    for (const char* name :
         {"cel.expr.conformance.proto2.TestAllTypes", "cel.expr.conformance.proto3.TestAllTypes"}) {
        setting.environment.declare_message(test_message(name));
    }
    const json::value* unbound = one.if_contains("declared_only");
    const bool is_all_unbound = unbound != nullptr && unbound->is_bool() && unbound->as_bool();
    if (const json::value* bindings = one.if_contains("bindings")) {
        for (const auto& [key, typed] : bindings->as_object()) {
            const std::uint32_t slot =
                setting.environment.declare(std::string{key.data(), key.size()}, Type{});
            setting.values.push_back(is_all_unbound ? Value::unknown(slot) : read_value(typed));
        }
    }
    if (unbound != nullptr && unbound->is_array()) {
        for (const json::value& name : unbound->as_array()) {
            declare_without_value(setting, text_of(name));
        }
    } else if (unbound != nullptr && unbound->is_object()) {
        for (const auto& entry : unbound->as_object()) {
            declare_without_value(setting, std::string{entry.key().data(), entry.key().size()});
        }
    }
    setting.environment.container = text_of(one, "container");
    const json::value* macros = one.if_contains("macros");
    setting.environment.has_macros = macros == nullptr || !macros->is_bool() || macros->as_bool();
    const json::value* dynamic = one.if_contains("dynamic");
    setting.environment.is_type_checked =
        dynamic == nullptr || !dynamic->is_bool() || !dynamic->as_bool();
    return setting;
}

/// What the expression comes to; a problem found beforehand counts as an error, and so does a value
/// that is missing.
Value outcome(const std::string& source, const Setting& setting) {
    const auto compiled = compile(source, setting.environment);
    if (!compiled) {
        return Value::error(compiled.error().front().message);
    }
    Value found = evaluate(*compiled, setting.values);
    return found.is_unknown() ? Value::error("a variable has no value") : found;
}

} // namespace

ConformanceResult run_conformance_case(std::string_view json_line) {
    ConformanceResult result;
    try {
        const json::value parsed =
            json::parse(json::string_view{json_line.data(), json_line.size()});
        const json::object& one = parsed.as_object();
        result.name = fmt::format(
            "{}/{}/{}", text_of(one, "file"), text_of(one, "section"), text_of(one, "name")
        );
        const std::string source = text_of(one, "expr");
        const json::value* expected = one.if_contains("value");
        if (expected == nullptr && one.if_contains("error") == nullptr) {
            throw BadCase{"the case has neither `value` nor `error`"};
        }
        const Value found = outcome(source, read_setting(one));
        result.passed =
            expected == nullptr ? found.is_error() : conforms(read_value(*expected), found);
        if (!result.passed) {
            result.message = fmt::format(
                "{}: expected {}, found {}",
                source,
                expected == nullptr ? "an error" : to_string(read_value(*expected)),
                to_string(found)
            );
        }
    } catch (const boost::system::system_error& failure) {
        // Its what() ends with the place in the library's source.
        result.message = fmt::format("the case cannot be read: {}", failure.code().message());
    } catch (const std::exception& failure) {
        result.message = fmt::format("the case cannot be read: {}", failure.what());
    }
    return result;
}

} // namespace reviewd::cel
