// The functions that rules have beyond the specification. `known` is the interpreter's: it is not
// strict.
#include "scoring/base/date.hpp"
#include "scoring/cel/comparison.hpp"
#include "scoring/cel/implementations.hpp"
#include "scoring/cel/timestamp.hpp"

namespace reviewd::cel::rules {
namespace {

enum class Extreme { least, greatest };

Value as_real(const Value& value) {
    const auto* integer = value.get_if<std::int64_t>();
    return integer != nullptr ? Value::of(static_cast<double>(*integer)) : value;
}

/// The extreme of the values or of the one list. Among whole numbers and others the result is never
/// a whole number, so that its type does not depend on which one wins.
Value extreme(Extreme wanted, std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const auto* list =
        arguments.size() == 1 ? arguments[0]->get_if<std::shared_ptr<const List>>() : nullptr;
    const std::size_t count = list != nullptr ? (*list)->size() : arguments.size();
    if (count == 0) {
        return Value::error("there is nothing to choose from");
    }
    evaluation.budget.spend(count);
    const Value* best = nullptr;
    bool has_real = false;
    for (std::size_t i = 0; i < count; ++i) {
        const Value& one = list != nullptr ? (**list)[i] : *arguments[i];
        const bool is_possible = is_number(one) || one.get_if<Timestamp>() != nullptr;
        const auto order = compare(one, best != nullptr ? *best : one);
        if (!is_possible || !order) {
            return no_overload(name, arguments);
        }
        has_real = has_real || one.get_if<double>() != nullptr;
        if (best == nullptr || (wanted == Extreme::least ? *order < 0 : *order > 0)) {
            best = &one;
        }
    }
    return has_real ? as_real(*best) : *best;
}

} // namespace

Value min(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return extreme(Extreme::least, name, arguments, evaluation);
}

Value max(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return extreme(Extreme::greatest, name, arguments, evaluation);
}

Value clamp(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (arguments.size() != 3 || !is_number(*arguments[0]) || !is_number(*arguments[1])
        || !is_number(*arguments[2])) {
        return no_overload(name, arguments);
    }
    const Value& value = *arguments[0];
    const Value& low = *arguments[1];
    const Value& high = *arguments[2];
    if (compare_numbers(low, high) > 0) {
        return Value::error("clamp() needs a lower bound that is not above the upper one");
    }
    const Value* chosen = &value;
    if (compare_numbers(value, low) < 0) {
        chosen = &low;
    } else if (compare_numbers(value, high) > 0) {
        chosen = &high;
    }
    const bool has_real = value.get_if<double>() != nullptr || low.get_if<double>() != nullptr
                          || high.get_if<double>() != nullptr;
    return has_real ? as_real(*chosen) : *chosen;
}

Value months_between(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    const auto* from = arguments.size() == 2 ? arguments[0]->get_if<Timestamp>() : nullptr;
    const auto* to = arguments.size() == 2 ? arguments[1]->get_if<Timestamp>() : nullptr;
    if (from == nullptr || to == nullptr) {
        return no_overload(name, arguments);
    }
    return Value::of(std::int64_t{reviewd::months_between(to_date(*from), to_date(*to))});
}

Value days_until(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    const auto* day = arguments.size() == 2 ? arguments[0]->get_if<Timestamp>() : nullptr;
    const auto* today = arguments.size() == 2 ? arguments[1]->get_if<Timestamp>() : nullptr;
    if (day == nullptr || today == nullptr) {
        return no_overload(name, arguments);
    }
    return Value::of(std::int64_t{(to_date(*day) - to_date(*today)).count()});
}

} // namespace reviewd::cel::rules
