#include "scoring/cel/comparison.hpp"
#include "scoring/cel/implementations.hpp"

#include <cmath>
#include <limits>

namespace reviewd::cel::math {
namespace {

enum class Extreme { least, greatest };

/// The extreme of the numbers, or of the one list of numbers.
Value extreme(Extreme wanted, std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const auto* list =
        arguments.size() == 1 ? arguments[0]->get_if<std::shared_ptr<const List>>() : nullptr;
    const std::size_t count = list != nullptr ? (*list)->size() : arguments.size();
    const auto at = [&](std::size_t index) -> const Value& {
        return list != nullptr ? (**list)[index] : *arguments[index];
    };
    evaluation.budget.spend(count);
    const Value* best = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
        const Value& one = at(i);
        if (!is_number(one)) {
            return no_overload(name, arguments);
        }
        const bool is_better = best != nullptr
                               && (wanted == Extreme::least ? compare_numbers(one, *best) < 0
                                                            : compare_numbers(one, *best) > 0);
        if (best == nullptr || is_better) {
            best = &one;
        }
    }
    return best != nullptr ? *best : no_overload(name, arguments);
}

Value of_real(std::string_view name, Arguments arguments, double (*function)(double)) {
    const auto* real = arguments.size() == 1 ? arguments[0]->get_if<double>() : nullptr;
    return real != nullptr ? Value::of(function(*real)) : no_overload(name, arguments);
}

Value test_real(std::string_view name, Arguments arguments, bool (*function)(double)) {
    const auto* real = arguments.size() == 1 ? arguments[0]->get_if<double>() : nullptr;
    return real != nullptr ? Value::of(function(*real)) : no_overload(name, arguments);
}

std::uint64_t bits_of(std::int64_t value) {
    return static_cast<std::uint64_t>(value);
}

/// Applies `function` to the bits of two int or two uint.
Value of_bits(
    std::string_view name,
    Arguments arguments,
    std::uint64_t (*function)(std::uint64_t first, std::uint64_t second)
) {
    if (arguments.size() != 2) {
        return no_overload(name, arguments);
    }
    const auto* integer = arguments[0]->get_if<std::int64_t>();
    const auto* second_integer = arguments[1]->get_if<std::int64_t>();
    if (integer != nullptr && second_integer != nullptr) {
        return Value::of(
            static_cast<std::int64_t>(function(bits_of(*integer), bits_of(*second_integer)))
        );
    }
    const auto* natural = arguments[0]->get_if<std::uint64_t>();
    const auto* second_natural = arguments[1]->get_if<std::uint64_t>();
    if (natural != nullptr && second_natural != nullptr) {
        return Value::of(function(*natural, *second_natural));
    }
    return no_overload(name, arguments);
}

/// Shifts by 64 or more give 0; the sign is no different from the other bits.
Value shifted(
    std::string_view name,
    Arguments arguments,
    std::uint64_t (*function)(std::uint64_t bits, std::int64_t places)
) {
    const auto* places = arguments.size() == 2 ? arguments[1]->get_if<std::int64_t>() : nullptr;
    if (places == nullptr) {
        return no_overload(name, arguments);
    }
    if (*places < 0) {
        return Value::error("bits cannot be moved by a negative number of places");
    }
    const auto apply = [&](std::uint64_t bits) {
        return *places >= 64 ? 0 : function(bits, *places);
    };
    if (const auto* integer = arguments[0]->get_if<std::int64_t>()) {
        return Value::of(static_cast<std::int64_t>(apply(bits_of(*integer))));
    }
    if (const auto* natural = arguments[0]->get_if<std::uint64_t>()) {
        return Value::of(std::uint64_t{apply(*natural)});
    }
    return no_overload(name, arguments);
}

} // namespace

Value greatest(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return extreme(Extreme::greatest, name, arguments, evaluation);
}

Value least(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return extreme(Extreme::least, name, arguments, evaluation);
}

Value ceil(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return of_real(name, arguments, [](double value) { return std::ceil(value); });
}

Value floor(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return of_real(name, arguments, [](double value) { return std::floor(value); });
}

Value round(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return of_real(name, arguments, [](double value) { return std::round(value); });
}

Value trunc(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return of_real(name, arguments, [](double value) { return std::trunc(value); });
}

Value sqrt(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (arguments.size() == 1) {
        if (const auto* integer = arguments[0]->get_if<std::int64_t>()) {
            return Value::of(std::sqrt(static_cast<double>(*integer)));
        }
        if (const auto* natural = arguments[0]->get_if<std::uint64_t>()) {
            return Value::of(std::sqrt(static_cast<double>(*natural)));
        }
    }
    return of_real(name, arguments, [](double value) { return std::sqrt(value); });
}

Value abs(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (arguments.size() == 1) {
        if (const auto* integer = arguments[0]->get_if<std::int64_t>()) {
            return *integer == std::numeric_limits<std::int64_t>::min()
                       ? Value::error("the result of the arithmetic is out of range")
                       : Value::of(*integer < 0 ? -*integer : *integer);
        }
        if (arguments[0]->get_if<std::uint64_t>() != nullptr) {
            return *arguments[0];
        }
    }
    return of_real(name, arguments, [](double value) { return std::abs(value); });
}

Value sign(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (arguments.size() == 1) {
        if (const auto* integer = arguments[0]->get_if<std::int64_t>()) {
            return Value::of(std::int64_t{*integer > 0 ? 1 : 0} - (*integer < 0 ? 1 : 0));
        }
        if (const auto* natural = arguments[0]->get_if<std::uint64_t>()) {
            return Value::of(std::uint64_t{*natural > 0 ? 1U : 0U});
        }
    }
    return of_real(name, arguments, [](double value) {
        return std::isnan(value) || value == 0.0 ? value : std::copysign(1.0, value);
    });
}

Value is_nan(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return test_real(name, arguments, [](double value) { return std::isnan(value); });
}

Value is_inf(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return test_real(name, arguments, [](double value) { return std::isinf(value); });
}

Value is_finite(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return test_real(name, arguments, [](double value) { return std::isfinite(value); });
}

Value bit_or(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return of_bits(name, arguments, [](std::uint64_t first, std::uint64_t second) {
        return first | second;
    });
}

Value bit_and(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return of_bits(name, arguments, [](std::uint64_t first, std::uint64_t second) {
        return first & second;
    });
}

Value bit_xor(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return of_bits(name, arguments, [](std::uint64_t first, std::uint64_t second) {
        return first ^ second;
    });
}

Value bit_not(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (arguments.size() == 1) {
        if (const auto* integer = arguments[0]->get_if<std::int64_t>()) {
            return Value::of(static_cast<std::int64_t>(~bits_of(*integer)));
        }
        if (const auto* natural = arguments[0]->get_if<std::uint64_t>()) {
            return Value::of(std::uint64_t{~*natural});
        }
    }
    return no_overload(name, arguments);
}

Value bit_shift_left(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return shifted(name, arguments, [](std::uint64_t bits, std::int64_t places) {
        return bits << places;
    });
}

Value bit_shift_right(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return shifted(name, arguments, [](std::uint64_t bits, std::int64_t places) {
        return bits >> places;
    });
}

} // namespace reviewd::cel::math
