#include "scoring/cel/operations.hpp"

#include "scoring/cel/comparison.hpp"
#include "scoring/cel/timestamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace reviewd::cel {
namespace {

Value too_large() {
    return Value::error("the result of the arithmetic is out of range");
}

Value no_operator(Operator operation, const Value& left, const Value& right) {
    const std::array<const Value*, 2> operands{&left, &right};
    return no_overload(fmt::format("`{}`", operator_sign(operation)), operands);
}

template <class Integer>
Value divide(Operator operation, Integer left, Integer right) {
    if (right == 0) {
        return Value::error("division by zero");
    }
    if constexpr (std::is_signed_v<Integer>) {
        if (right == -1) {
            if (left == std::numeric_limits<Integer>::min()) {
                return too_large();
            }
            return Value::of(
                operation == Operator::divide ? static_cast<Integer>(-left) : Integer{0}
            );
        }
    }
    return Value::of(
        static_cast<Integer>(operation == Operator::divide ? left / right : left % right)
    );
}

template <class Integer>
Value calculate(Operator operation, Integer left, Integer right) {
    Integer result = 0;
    bool is_out_of_range = false;
    switch (operation) {
    case Operator::add:
        is_out_of_range = __builtin_add_overflow(left, right, &result);
        break;
    case Operator::subtract:
        is_out_of_range = __builtin_sub_overflow(left, right, &result);
        break;
    case Operator::multiply:
        is_out_of_range = __builtin_mul_overflow(left, right, &result);
        break;
    default:
        return divide(operation, left, right);
    }
    return is_out_of_range ? too_large() : Value::of(result);
}

Value calculate(Operator operation, double left, double right) {
    switch (operation) {
    case Operator::add:
        return Value::of(left + right);
    case Operator::subtract:
        return Value::of(left - right);
    case Operator::multiply:
        return Value::of(left * right);
    case Operator::divide:
        return Value::of(left / right);
    default:
        return Value::error("`%` is for whole numbers only");
    }
}

template <class T>
Value in_range(const std::optional<T>& result) {
    return result ? Value::of(*result) : too_large();
}

Value concatenate(const Value& left, const Value& right, Evaluation& evaluation) {
    if (const auto* text = left.get_if<std::string>()) {
        const auto* other = right.get_if<std::string>();
        return other == nullptr ? no_operator(Operator::add, left, right)
                                : text_value(*text + *other, evaluation);
    }
    if (const auto* bytes = left.get_if<Bytes>()) {
        const auto* other = right.get_if<Bytes>();
        if (other == nullptr) {
            return no_operator(Operator::add, left, right);
        }
        if (bytes->data.size() + other->data.size() > evaluation.limits.text_bytes) {
            return Value::error(fmt::format("bytes grow beyond {}", evaluation.limits.text_bytes));
        }
        evaluation.budget.spend_bytes(bytes->data.size() + other->data.size());
        return Value::of(Bytes{bytes->data + other->data});
    }
    const auto* list = left.get_if<std::shared_ptr<const List>>();
    const auto* other = right.get_if<std::shared_ptr<const List>>();
    if (list == nullptr || other == nullptr) {
        return no_operator(Operator::add, left, right);
    }
    List joined;
    joined.reserve((*list)->size() + (*other)->size());
    joined.insert(joined.end(), (*list)->begin(), (*list)->end());
    joined.insert(joined.end(), (*other)->begin(), (*other)->end());
    return list_value(std::move(joined), evaluation);
}

/// Timestamps and durations; null when the operands are others.
std::optional<Value> calculate_time(Operator operation, const Value& left, const Value& right) {
    const auto* moment = left.get_if<Timestamp>();
    const auto* length = left.get_if<Duration>();
    const auto* other_moment = right.get_if<Timestamp>();
    const auto* other_length = right.get_if<Duration>();
    if (operation == Operator::add) {
        if (moment != nullptr && other_length != nullptr) {
            return in_range(add(*moment, *other_length));
        }
        if (length != nullptr && other_moment != nullptr) {
            return in_range(add(*other_moment, *length));
        }
        if (length != nullptr && other_length != nullptr) {
            return in_range(add(*length, *other_length));
        }
    }
    if (operation == Operator::subtract) {
        if (moment != nullptr && other_moment != nullptr) {
            return in_range(subtract(*moment, *other_moment));
        }
        if (moment != nullptr && other_length != nullptr) {
            return in_range(subtract(*moment, *other_length));
        }
        if (length != nullptr && other_length != nullptr) {
            return in_range(subtract(*length, *other_length));
        }
    }
    return std::nullopt;
}

std::optional<double> to_real(const Value& value) {
    if (const auto* real = value.get_if<double>()) {
        return *real;
    }
    if (const auto* integer = value.get_if<std::int64_t>()) {
        return static_cast<double>(*integer);
    }
    return std::nullopt;
}

Value arithmetic(
    Operator operation, const Value& left, const Value& right, Evaluation& evaluation
) {
    if (const auto* a = left.get_if<std::int64_t>()) {
        if (const auto* b = right.get_if<std::int64_t>()) {
            return calculate(operation, *a, *b);
        }
    }
    if (const auto* a = left.get_if<double>()) {
        if (const auto* b = right.get_if<double>()) {
            return operation == Operator::remainder ? no_operator(operation, left, right)
                                                    : calculate(operation, *a, *b);
        }
    }
    if (const auto* a = left.get_if<std::uint64_t>()) {
        if (const auto* b = right.get_if<std::uint64_t>()) {
            return calculate(operation, *a, *b);
        }
    }
    if (evaluation.dialect == Dialect::rules) {
        const std::optional<double> a = to_real(left);
        const std::optional<double> b = to_real(right);
        if (a && b) {
            return calculate(operation, *a, *b);
        }
    }
    if (std::optional<Value> time = calculate_time(operation, left, right)) {
        return std::move(*time);
    }
    return operation == Operator::add ? concatenate(left, right, evaluation)
                                      : no_operator(operation, left, right);
}

Value ordered(Operator operation, const Value& left, const Value& right) {
    const std::optional<std::partial_ordering> order = compare(left, right);
    if (!order) {
        return no_operator(operation, left, right);
    }
    switch (operation) {
    case Operator::less:
        return Value::of(*order < 0);
    case Operator::less_equal:
        return Value::of(*order <= 0);
    case Operator::greater:
        return Value::of(*order > 0);
    default:
        return Value::of(*order >= 0);
    }
}

Value contains(const Value& element, const Value& collection, Evaluation& evaluation) {
    if (const auto* list = collection.get_if<std::shared_ptr<const List>>()) {
        for (const Value& one : **list) {
            if (equals(one, element, evaluation.budget)) {
                return Value::of(true);
            }
        }
        return Value::of(false);
    }
    if (const auto* map = collection.get_if<std::shared_ptr<const Map>>()) {
        return Value::of(find_key(**map, element, evaluation.budget) != nullptr);
    }
    return no_operator(Operator::in, element, collection);
}

/// A position given as any number that is whole; nothing for others.
std::optional<std::int64_t> position(const Value& key) {
    if (const auto* integer = key.get_if<std::int64_t>()) {
        return *integer;
    }
    if (const auto* natural = key.get_if<std::uint64_t>()) {
        constexpr auto greatest =
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        return static_cast<std::int64_t>(std::min(*natural, greatest));
    }
    const auto* real = key.get_if<double>();
    if (real == nullptr || std::trunc(*real) != *real || std::abs(*real) > 1e15) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(*real);
}

Value index(const Value& collection, const Value& key, Evaluation& evaluation) {
    if (const auto* list = collection.get_if<std::shared_ptr<const List>>()) {
        const std::optional<std::int64_t> at = position(key);
        if (!at) {
            return no_operator(Operator::index, collection, key);
        }
        if (*at < 0 || static_cast<std::uint64_t>(*at) >= (*list)->size()) {
            return Value::error(
                fmt::format("position {} is outside the list of {}", *at, (*list)->size())
            );
        }
        return (**list)[static_cast<std::size_t>(*at)];
    }
    if (const auto* map = collection.get_if<std::shared_ptr<const Map>>()) {
        const Value* found = find_key(**map, key, evaluation.budget);
        return found != nullptr
                   ? *found
                   : Value::error(fmt::format("the map has no key {}", to_string(key)));
    }
    return no_operator(Operator::index, collection, key);
}

} // namespace

Value no_overload(std::string_view function, Arguments arguments) {
    std::string kinds;
    for (const Value* argument : arguments) {
        kinds += kinds.empty() ? "" : ", ";
        kinds += described(type_of(*argument));
    }
    return Value::error(fmt::format("{} cannot take: {}", function, kinds));
}

Value text_value(std::string text, Evaluation& evaluation) {
    if (text.size() > evaluation.limits.text_bytes) {
        return Value::error(fmt::format("text grows beyond {} bytes", evaluation.limits.text_bytes)
        );
    }
    evaluation.budget.spend_bytes(text.size());
    return Value::of(std::move(text));
}

Value list_value(List list, Evaluation& evaluation) {
    if (list.size() > evaluation.limits.list_size) {
        return Value::error(
            fmt::format("a list grows beyond {} elements", evaluation.limits.list_size)
        );
    }
    evaluation.budget.spend(list.size());
    return Value::list(std::move(list));
}

Type type_of(const Value& value) {
    using Kind = Type::Kind;
    constexpr std::array<Kind, 14> kinds{
        Kind::null,
        Kind::boolean,
        Kind::integer,
        Kind::unsigned_integer,
        Kind::real,
        Kind::string,
        Kind::bytes,
        Kind::timestamp,
        Kind::duration,
        Kind::list,
        Kind::map,
        Kind::type,
        Kind::dyn,
        Kind::dyn};
    return Type{kinds[value.data().index()], {}};
}

Value apply(Operator operation, const Value& operand) {
    if (operation == Operator::logical_not) {
        if (const auto* boolean = operand.get_if<bool>()) {
            return Value::of(!*boolean);
        }
    }
    if (operation == Operator::negate) {
        if (const auto* integer = operand.get_if<std::int64_t>()) {
            return calculate(Operator::subtract, std::int64_t{0}, *integer);
        }
        if (const auto* real = operand.get_if<double>()) {
            return Value::of(-*real);
        }
    }
    const std::array<const Value*, 1> operands{&operand};
    return no_overload(fmt::format("`{}`", operator_sign(operation)), operands);
}

Value apply(Operator operation, const Value& left, const Value& right, Evaluation& evaluation) {
    switch (operation) {
    case Operator::equal:
        return Value::of(equals(left, right, evaluation.budget));
    case Operator::not_equal:
        return Value::of(!equals(left, right, evaluation.budget));
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
        return ordered(operation, left, right);
    case Operator::in:
        return contains(left, right, evaluation);
    case Operator::index:
        return index(left, right, evaluation);
    default:
        return arithmetic(operation, left, right, evaluation);
    }
}

Value select(const Value& map, const std::string& name, Evaluation& evaluation) {
    const auto* entries = map.get_if<std::shared_ptr<const Map>>();
    if (entries == nullptr) {
        const std::array<const Value*, 1> operands{&map};
        return no_overload("`." + name + "`", operands);
    }
    for (const auto& [key, value] : **entries) {
        const auto* text = key.get_if<std::string>();
        if (text != nullptr && *text == name) {
            return value;
        }
        evaluation.budget.spend(1);
    }
    return Value::error(fmt::format("the map has no key \"{}\"", name));
}

} // namespace reviewd::cel
