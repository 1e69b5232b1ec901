#pragma once

#include "scoring/cel/budget.hpp"
#include "scoring/cel/environment.hpp"
#include "scoring/cel/value.hpp"

#include <span>

namespace reviewd::cel {

/// What the operators and functions of one evaluation share.
struct Evaluation {
    Dialect dialect;
    const Limits& limits;
    Budget budget;
};

/// The values that a function is called with, the receiver first. None is an error or unknown.
using Arguments = std::span<const Value* const>;

/// CEL's "no such overload", told with the kinds that were given.
[[nodiscard]] Value no_overload(std::string_view function, Arguments arguments);

/// A text as a value, or an error when it is longer than the limits allow. Takes its cost from the
/// budget.
[[nodiscard]] Value text_value(std::string text, Evaluation& evaluation);

/// A list as a value, under the same conditions.
[[nodiscard]] Value list_value(List list, Evaluation& evaluation);

/// The kind of a value: `type(value)`.
[[nodiscard]] Type type_of(const Value& value);

} // namespace reviewd::cel
