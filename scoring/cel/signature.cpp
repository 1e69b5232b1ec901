#include "scoring/cel/signature.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/cel/type_parts.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace reviewd::cel {
namespace {

using Bindings = std::array<std::optional<Type>, 2>;

/// Reads the notation of the table. The table is ours: a mistake in it is a bug.
class SignatureReader {
public:
    explicit SignatureReader(std::string_view text) : text_(text) {}

    std::vector<Signature> read_all(std::string_view name) {
        std::vector<Signature> all;
        do {
            all.push_back(read(name));
        } while (take("; "));
        REVIEWD_ASSERT(text_.empty());
        return all;
    }

private:
    Signature read(std::string_view name) {
        Signature signature;
        if (!take_name(name)) {
            signature.has_receiver = true;
            signature.parameters.push_back(read_type());
            REVIEWD_ASSERT(take("."));
            REVIEWD_ASSERT(take_name(name));
        }
        REVIEWD_ASSERT(take("("));
        while (!take(")")) {
            signature.parameters.push_back(read_type());
            signature.is_variadic = take("...");
            take(", ");
        }
        REVIEWD_ASSERT(take(" -> "));
        signature.result = read_type();
        return signature;
    }

    /// The function's own name is no type when a bracket and later an arrow follow: "int(string) ->
    /// int".
    bool take_name(std::string_view name) {
        if (!text_.starts_with(name) || text_.substr(name.size(), 1) != "(") {
            return false;
        }
        text_.remove_prefix(name.size());
        return true;
    }

    TypePattern read_type() {
        static constexpr std::array<std::pair<std::string_view, Type::Kind>, 12> names{{
            {"dyn", Type::Kind::dyn},
            {"int", Type::Kind::integer},
            {"uint", Type::Kind::unsigned_integer},
            {"double", Type::Kind::real},
            {"string", Type::Kind::string},
            {"bytes", Type::Kind::bytes},
            {"bool", Type::Kind::boolean},
            {"type", Type::Kind::type},
            {"timestamp", Type::Kind::timestamp},
            {"duration", Type::Kind::duration},
            {"list", Type::Kind::list},
            {"map", Type::Kind::map},
        }};
        if (take("number")) {
            return {TypePattern::Kind::number, Type::Kind::dyn, 0, {}};
        }
        if (take("A")) {
            return {TypePattern::Kind::variable, Type::Kind::dyn, 0, {}};
        }
        if (take("B")) {
            return {TypePattern::Kind::variable, Type::Kind::dyn, 1, {}};
        }
        for (const auto& [name, kind] : names) {
            if (!take(name)) {
                continue;
            }
            TypePattern made{TypePattern::Kind::exact, kind, 0, {}};
            if (kind == Type::Kind::list || kind == Type::Kind::map) {
                REVIEWD_ASSERT(take("("));
                while (!take(")")) {
                    made.parameters.push_back(read_type());
                    take(", ");
                }
            }
            return made;
        }
        REVIEWD_ASSERT(false && "the table of functions names a type that does not exist");
        return {};
    }

    bool take(std::string_view prefix) {
        const bool is_there = text_.starts_with(prefix);
        text_.remove_prefix(is_there ? prefix.size() : 0);
        return is_there;
    }

    std::string_view text_;
};

bool matches(const TypePattern& pattern, const Type& type, Bindings& bindings, Widening widening);

bool matches_variable(int variable, const Type& type, Bindings& bindings, Widening widening) {
    std::optional<Type>& bound = bindings.at(static_cast<std::size_t>(variable));
    if (!bound) {
        bound = type;
        return true;
    }
    if (!agree(*bound, type, widening)) {
        return false;
    }
    bound = join(*bound, type, widening);
    return true;
}

bool matches_parameters(
    const TypePattern& pattern, const Type& type, Bindings& bindings, Widening widening
) {
    for (std::size_t i = 0; i < pattern.parameters.size(); ++i) {
        if (!matches(pattern.parameters[i], type_parameter(type, i), bindings, widening)) {
            return false;
        }
    }
    return true;
}

bool matches(const TypePattern& pattern, const Type& type, Bindings& bindings, Widening widening) {
    switch (pattern.kind) {
    case TypePattern::Kind::variable:
        return matches_variable(pattern.variable, type, bindings, widening);
    case TypePattern::Kind::number:
        return type.kind == Type::Kind::dyn || is_number_type(type);
    case TypePattern::Kind::exact:
        break;
    }
    if (pattern.type == Type::Kind::dyn) {
        return true;
    }
    if (type.kind == Type::Kind::dyn) {
        return matches_parameters(pattern, type, bindings, widening);
    }
    const bool is_widened =
        widening == Widening::allowed && pattern.type == Type::Kind::real && is_number_type(type);
    return is_widened
           || (pattern.type == type.kind && matches_parameters(pattern, type, bindings, widening));
}

Type resolved(const TypePattern& pattern, const Bindings& bindings) {
    if (pattern.kind == TypePattern::Kind::variable) {
        return bindings.at(static_cast<std::size_t>(pattern.variable)).value_or(Type{});
    }
    Type type{pattern.kind == TypePattern::Kind::number ? Type::Kind::dyn : pattern.type, {}};
    for (const TypePattern& inner : pattern.parameters) {
        type.parameters.push_back(resolved(inner, bindings));
    }
    return type;
}

} // namespace

const std::vector<Signature>& signatures_of(const Function& function) {
    static const auto parsed = [] {
        std::unordered_map<std::string_view, std::vector<Signature>> all;
        for (const Function& one : functions()) {
            all.emplace(one.name, SignatureReader{one.signatures}.read_all(one.name));
        }
        return all;
    }();
    return parsed.at(function.name);
}

const TypePattern& parameter_of(const Signature& signature, std::size_t index) {
    return signature.parameters[std::min(index, signature.parameters.size() - 1)];
}

std::optional<Type> match(
    const Signature& signature, std::span<const Type> arguments, Widening widening
) {
    const std::size_t fixed = signature.parameters.size() - (signature.is_variadic ? 1 : 0);
    const bool is_count_right =
        signature.is_variadic ? arguments.size() >= fixed : arguments.size() == fixed;
    if (!is_count_right) {
        return std::nullopt;
    }
    Bindings bindings;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (!matches(parameter_of(signature, i), arguments[i], bindings, widening)) {
            return std::nullopt;
        }
    }
    return resolved(signature.result, bindings);
}

bool agree(const Type& a, const Type& b, Widening widening) {
    if (a.kind == Type::Kind::dyn || b.kind == Type::Kind::dyn) {
        return true;
    }
    if (a.kind != b.kind) {
        return widening == Widening::allowed && is_number_type(a) && is_number_type(b);
    }
    for (std::size_t i = 0; i < std::max(a.parameters.size(), b.parameters.size()); ++i) {
        if (!agree(type_parameter(a, i), type_parameter(b, i), widening)) {
            return false;
        }
    }
    return true;
}

Type join(const Type& a, const Type& b, Widening widening) {
    if (a == b) {
        return a;
    }
    const bool is_mixed = (a.kind == Type::Kind::integer && b.kind == Type::Kind::real)
                          || (a.kind == Type::Kind::real && b.kind == Type::Kind::integer);
    if (is_mixed && widening == Widening::allowed) {
        return Type{Type::Kind::real, {}};
    }
    if (a.kind != b.kind || (a.kind != Type::Kind::list && a.kind != Type::Kind::map)) {
        return Type{};
    }
    Type joined{a.kind, {}};
    for (std::size_t i = 0; i < (a.kind == Type::Kind::list ? 1U : 2U); ++i) {
        joined.parameters.push_back(
            join(type_parameter(a, i), type_parameter(b, i), Widening::forbidden)
        );
    }
    return joined;
}

std::string described(const TypePattern& pattern) {
    switch (pattern.kind) {
    case TypePattern::Kind::variable:
        return "value";
    case TypePattern::Kind::number:
        return "number";
    case TypePattern::Kind::exact:
        break;
    }
    Type type{pattern.type, {}};
    for (const TypePattern& inner : pattern.parameters) {
        type.parameters.push_back(Type{
            inner.kind == TypePattern::Kind::exact ? inner.type : Type::Kind::dyn, {}});
    }
    return described(type);
}

} // namespace reviewd::cel
