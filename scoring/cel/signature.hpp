#pragma once

#include "scoring/cel/functions.hpp"
#include "scoring/cel/type.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reviewd::cel {

/// A type in a signature: like Type, but it may hold the variables A and B, or stand for any
/// number.
struct TypePattern {
    enum class Kind { exact, variable, number };
    Kind kind = Kind::exact;
    Type::Kind type = Type::Kind::dyn;
    int variable = 0; ///< 0 for A, 1 for B
    std::vector<TypePattern> parameters;
};

/// One form of a function: "string.contains(string) -> bool", "math.greatest(int, int...) -> int".
/// The types are int uint double string bytes bool type dyn timestamp duration list(T) map(K, V)
/// number A B.
struct Signature {
    bool has_receiver = false; ///< the receiver is the first parameter
    bool is_variadic = false;  ///< the last parameter may come any number of times, also not at all
    std::vector<TypePattern> parameters;
    TypePattern result;
};

/// The forms of a function, parsed once per program.
[[nodiscard]] const std::vector<Signature>& signatures_of(const Function& function);

/// Whether an integer may stand where a double is asked for.
enum class Widening { forbidden, allowed };

/// The result's type when the signature takes these arguments.
[[nodiscard]] std::optional<Type> match(
    const Signature& signature, std::span<const Type> arguments, Widening widening
);

/// The type of parameter `index`, repeated for a variadic one. @pre the signature takes that many
[[nodiscard]] const TypePattern& parameter_of(const Signature& signature, std::size_t index);

/// Whether the two types can hold equal values: the same, or unknown before evaluation; with
/// `allowed` also two numbers.
[[nodiscard]] bool agree(const Type& a, const Type& b, Widening widening);

/// The type of a list of both: the same, double for int and double where allowed, else dyn.
[[nodiscard]] Type join(const Type& a, const Type& b, Widening widening);

/// "text", "number", "list" …, for a message.
[[nodiscard]] std::string described(const TypePattern& pattern);

} // namespace reviewd::cel
