#include "scoring/cel/type.hpp"

#include "scoring/cel/type_parts.hpp"

#include <utility>

namespace reviewd::cel {

Type type_parameter(const Type& type, std::size_t index) {
    return index < type.parameters.size() ? type.parameters[index] : Type{};
}

bool is_number_type(const Type& type) noexcept {
    return type.kind == Type::Kind::integer || type.kind == Type::Kind::unsigned_integer
           || type.kind == Type::Kind::real;
}

Type list_of(Type element) {
    Type made{Type::Kind::list, {}};
    made.parameters.push_back(std::move(element));
    return made;
}

Type map_of(Type key, Type value) {
    Type made{Type::Kind::map, {}};
    made.parameters.push_back(std::move(key));
    made.parameters.push_back(std::move(value));
    return made;
}

std::string_view type_name(Type::Kind kind) {
    switch (kind) {
    case Type::Kind::dyn:
        return "dyn";
    case Type::Kind::null:
        return "null_type";
    case Type::Kind::boolean:
        return "bool";
    case Type::Kind::integer:
        return "int";
    case Type::Kind::unsigned_integer:
        return "uint";
    case Type::Kind::real:
        return "double";
    case Type::Kind::string:
        return "string";
    case Type::Kind::bytes:
        return "bytes";
    case Type::Kind::timestamp:
        return "google.protobuf.Timestamp";
    case Type::Kind::duration:
        return "google.protobuf.Duration";
    case Type::Kind::list:
        return "list";
    case Type::Kind::map:
        return "map";
    case Type::Kind::type:
        return "type";
    }
    return "dyn";
}

std::string to_string(const Type& type) {
    std::string text{type_name(type.kind)};
    if (type.kind == Type::Kind::list && !type.parameters.empty()) {
        text += "(" + to_string(type.parameters.front()) + ")";
    }
    if (type.kind == Type::Kind::map && !type.parameters.empty()) {
        text += "(" + to_string(type_parameter(type, 0)) + ", " + to_string(type_parameter(type, 1))
                + ")";
    }
    return text;
}

std::string described(const Type& type) {
    switch (type.kind) {
    case Type::Kind::dyn:
        return "value";
    case Type::Kind::null:
        return "missing value";
    case Type::Kind::boolean:
        return "yes or no";
    case Type::Kind::integer:
        return "whole number";
    case Type::Kind::unsigned_integer:
        return "whole number without sign";
    case Type::Kind::real:
        return "number";
    case Type::Kind::string:
        return "text";
    case Type::Kind::bytes:
        return "bytes";
    case Type::Kind::timestamp:
        return "date";
    case Type::Kind::duration:
        return "length of time";
    case Type::Kind::type:
        return "name of a type";
    case Type::Kind::map:
        return "map";
    case Type::Kind::list:
        break;
    }
    const Type element = type_parameter(type, 0);
    if (element.kind == Type::Kind::dyn) {
        return "list";
    }
    return "list of " + described_plural(element);
}

std::string described_plural(const Type& type) {
    switch (type.kind) {
    case Type::Kind::dyn:
        return "values";
    case Type::Kind::null:
        return "missing values";
    case Type::Kind::boolean:
        return "yes or no";
    case Type::Kind::integer:
        return "whole numbers";
    case Type::Kind::unsigned_integer:
        return "whole numbers without sign";
    case Type::Kind::real:
        return "numbers";
    case Type::Kind::string:
        return "text";
    case Type::Kind::bytes:
        return "bytes";
    case Type::Kind::timestamp:
        return "dates";
    case Type::Kind::duration:
        return "lengths of time";
    case Type::Kind::type:
        return "names of types";
    case Type::Kind::map:
        return "maps";
    case Type::Kind::list:
        return "lists";
    }
    return "values";
}

} // namespace reviewd::cel
