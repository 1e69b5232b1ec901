// Whole numbers are computed in the narrowest lane that holds operands and result for certain, so
// that nothing can overflow unseen: where the bounds of the columns do not rule it out, the rule is
// left to the interpreter. Rows without a value hold some number within the bounds.
#include "scoring/engine/columnar/number.hpp"

#include "scoring/cel/timestamp.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace reviewd::engine::columnar {
namespace {

__extension__ using Wide = __int128;
constexpr Wide least_integer = std::numeric_limits<std::int64_t>::min();
constexpr Wide greatest_integer = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t largest_exact = std::int64_t{1} << 53;

std::int64_t bits_of(double real) {
    return std::bit_cast<std::int64_t>(real);
}

bool is_exact(const Number& number) {
    return number.least >= -largest_exact && number.greatest <= largest_exact;
}

struct Bounds {
    Wide least = 0;
    Wide greatest = 0;
};

Bounds bounds_of(Arithmetic operation, const Number& a, const Number& b) {
    const Wide a0 = a.least;
    const Wide a1 = a.greatest;
    const Wide b0 = b.least;
    const Wide b1 = b.greatest;
    switch (operation) {
    case Arithmetic::add:
        return {a0 + b0, a1 + b1};
    case Arithmetic::subtract:
        return {a0 - b1, a1 - b0};
    case Arithmetic::multiply: {
        const auto all = std::minmax({a0 * b0, a0 * b1, a1 * b0, a1 * b1});
        return {all.first, all.second};
    }
    case Arithmetic::least:
        return {std::min(a0, b0), std::min(a1, b1)};
    case Arithmetic::greatest:
        return {std::max(a0, b0), std::max(a1, b1)};
    default: // a quotient or remainder is no larger than what is divided
        return {std::min({a0, -a1, Wide{0}}), std::max({a1, -a0, Wide{0}})};
    }
}

Comparison turned(Comparison comparison) {
    switch (comparison) {
    case Comparison::less:
        return Comparison::greater;
    case Comparison::less_equal:
        return Comparison::greater_equal;
    case Comparison::greater:
        return Comparison::less;
    case Comparison::greater_equal:
        return Comparison::less_equal;
    default:
        return comparison;
    }
}

/// Whole number or day; nothing for others.
std::optional<Number> whole_of(const cel::Value& value) {
    Number number;
    if (const auto* integer = value.get_if<std::int64_t>()) {
        number.integer = *integer;
    } else if (const auto* moment = value.get_if<cel::Timestamp>();
               moment != nullptr && cel::to_timestamp(cel::to_date(*moment)) == *moment) {
        number.integer = to_day_number(cel::to_date(*moment));
        number.is_date = true;
    } else {
        return std::nullopt;
    }
    number.is_constant = true;
    number.least = number.greatest = number.integer;
    number.lane = narrowest_lane(number.integer, number.integer);
    return number;
}

/// What is never known takes the form of the other.
void adopt_form(Number& a, Number& b) {
    if (a.is_known.is_none()) {
        a = b;
        a.is_known = no_rows;
    } else if (b.is_known.is_none()) {
        b = a;
        b.is_known = no_rows;
    }
}

bool has_no_value(const cel::Value& value) {
    return !value.is_plain() || value.is_null();
}

} // namespace

Lane narrowest_lane(std::int64_t least, std::int64_t greatest) {
    const auto fits = [&](auto bound) {
        using Bound = std::numeric_limits<decltype(bound)>;
        return least >= Bound::min() && greatest <= Bound::max();
    };
    return fits(std::int16_t{})   ? Lane::short_integer
           : fits(std::int32_t{}) ? Lane::integer
                                  : Lane::long_integer;
}

std::optional<Number> Numbers::constant(const cel::Value& value) const {
    if (std::optional<Number> number = whole_of(value)) {
        return number;
    }
    Number number;
    number.is_constant = true;
    if (const auto* real = value.get_if<double>()) {
        number.real = *real;
        return number;
    }
    number.is_known = no_rows;
    return has_no_value(value) ? std::optional{number} : std::nullopt;
}

std::optional<Number> Numbers::of_codes(std::uint32_t slot, const std::vector<cel::Value>& values) {
    Number number;
    std::vector<std::uint8_t> is_known(values.size());
    std::size_t reals = 0;
    std::size_t wholes = 0;
    std::size_t dates = 0;
    number.least = std::numeric_limits<std::int64_t>::max();
    number.greatest = std::numeric_limits<std::int64_t>::min();
    for (std::size_t code = 0; code < values.size(); ++code) {
        if (has_no_value(values[code])) {
            continue;
        }
        is_known[code] = 1;
        if (values[code].get_if<double>() != nullptr) {
            ++reals;
        } else if (const std::optional<Number> one = whole_of(values[code])) {
            ++(one->is_date ? dates : wholes);
            number.least = std::min(number.least, one->integer);
            number.greatest = std::max(number.greatest, one->integer);
        } else {
            return std::nullopt;
        }
    }
    const bool is_mixed = reals != 0 && wholes != 0;
    if ((dates != 0 && reals + wholes != 0) || (is_mixed && !is_exact(number))) {
        return std::nullopt;
    }
    if (reals + wholes + dates == 0) {
        return constant(cel::Value{});
    }
    number.is_date = dates != 0;
    number.may_be_whole = is_mixed;
    number.lane = reals != 0 ? Lane::real : narrowest_lane(number.least, number.greatest);
    number.is_known = masks_.of_codes(slot, is_known);
    std::vector<std::int64_t> bits(values.size(), reals != 0 ? 0 : number.least);
    for (std::size_t code = 0; code < values.size(); ++code) {
        if (const auto* real = values[code].get_if<double>()) {
            bits[code] = bits_of(*real);
        } else if (const std::optional<Number> one = whole_of(values[code])) {
            bits[code] = is_mixed ? bits_of(static_cast<double>(one->integer)) : one->integer;
        }
    }
    return looked_up(slot, bits, is_known, number);
}

/// A look-up in a table of the values, or an addition where the codes count like the values.
Number Numbers::looked_up(
    std::uint32_t slot,
    const std::vector<std::int64_t>& values,
    const std::vector<std::uint8_t>& is_known,
    Number number
) {
    const std::size_t width = columns_.columns()[slot].width;
    Step step;
    step.inputs = {masks_.cells(slot)};
    step.width = width_of(number.lane);
    const auto last = static_cast<std::int64_t>(values.size()) - 1;
    // Where the last code is "missing" there is nothing to count from.
    bool counts = number.is_whole() && width <= 2 && is_known.back() != 0
                  && values.back() >= std::numeric_limits<std::int16_t>::min()
                  && values.back() <= 1'000'000'000;
    const std::int64_t offset = counts ? values.back() - last : 0;
    for (std::size_t code = 0; code < values.size() && counts; ++code) {
        counts = is_known[code] == 0 || values[code] == offset + static_cast<std::int64_t>(code);
    }
    if (counts) {
        // Whatever the code of "missing" becomes is within the bounds too.
        number.least = std::min(number.least, offset);
        number.greatest = std::max(number.greatest, offset + last);
        number.lane = narrowest_lane(number.least, number.greatest);
        step.width = width_of(number.lane);
        step.run = offset_kernel(width, number.lane);
        step.constants = {offset};
    } else {
        step.run = lookup_kernel(width, number.lane);
        switch (number.lane) {
        case Lane::short_integer:
            step.table = assembler_.table(std::vector<std::int16_t>(values.begin(), values.end()));
            break;
        case Lane::integer:
            step.table = assembler_.table(std::vector<std::int32_t>(values.begin(), values.end()));
            break;
        default:
            step.table = assembler_.table(values);
        }
    }
    number.value = assembler_.emit(std::move(step));
    return number;
}

Number Numbers::of_column(std::uint32_t slot) {
    const Column& column = columns_.columns()[slot];
    Number number;
    number.value = masks_.cells(slot);
    if (!column.known.empty()) {
        number.is_known = {Mask::Kind::some, assembler_.known(slot)};
    }
    if (column.encoding == Encoding::integers) {
        number.is_date = column.is_date;
        number.least = column.least;
        number.greatest = column.greatest;
        number.lane = column.width == 2   ? Lane::short_integer
                      : column.width == 4 ? Lane::integer
                                          : Lane::long_integer;
    }
    return number;
}

Number Numbers::set_size(std::uint32_t slot) {
    const Column& column = columns_.columns()[slot];
    Number number;
    number.lane = Lane::short_integer;
    number.greatest = static_cast<std::int64_t>(column.members.size());
    if (!column.known.empty()) {
        number.is_known = {Mask::Kind::some, assembler_.known(slot)};
    }
    Step step;
    step.run = set_size_kernel(column.width);
    step.width = width_of(number.lane);
    step.inputs = {masks_.cells(slot)};
    number.value = assembler_.emit(std::move(step));
    return number;
}

Number Numbers::in_lane(const Number& number, Lane lane) {
    if (number.lane == lane) {
        return number;
    }
    Number made = number;
    made.lane = lane;
    if (number.is_constant) {
        made.real = static_cast<double>(number.integer);
        return made;
    }
    Step step;
    step.run = convert_kernel(number.lane, lane);
    step.width = width_of(lane);
    step.inputs = {number.value};
    made.value = assembler_.emit(std::move(step));
    return made;
}

ValueId Numbers::value_of(const Number& number) {
    if (!number.is_constant) {
        return number.value;
    }
    Step step;
    step.run = fill_kernel(number.lane);
    step.width = width_of(number.lane);
    step.constants = {number.is_whole() ? number.integer : bits_of(number.real)};
    return assembler_.emit(std::move(step));
}

/// Brings both into one lane in which they compare as the interpreter compares them.
bool Numbers::agree(Number& a, Number& b) {
    if (a.is_date != b.is_date) {
        return false;
    }
    const bool is_inexact = (a.may_be_whole && b.is_whole() && !is_exact(b))
                            || (b.may_be_whole && a.is_whole() && !is_exact(a));
    if (is_inexact) {
        return false;
    }
    const Lane lane =
        a.is_whole() && b.is_whole()
            ? narrowest_lane(std::min(a.least, b.least), std::max(a.greatest, b.greatest))
            : Lane::real;
    // A column may be wider than its bounds ask for.
    const Lane common = lane == Lane::real ? lane : std::max({lane, a.lane, b.lane});
    a = in_lane(a, common);
    b = in_lane(b, common);
    return true;
}

Number Numbers::emitted(Arithmetic operation, const Number& a, const Number& b) {
    Number number;
    number.lane = a.lane;
    number.is_date = a.is_date;
    number.is_known = masks_.all_of({a.is_known, b.is_known});
    Step step;
    step.width = width_of(a.lane);
    step.inputs = {value_of(a)};
    if (b.is_constant) {
        step.run = arithmetic_kernel(a.lane, operation, RightOperand::constant);
        step.constants = {b.is_whole() ? b.integer : bits_of(b.real)};
    } else {
        step.run = arithmetic_kernel(a.lane, operation, RightOperand::value);
        step.inputs.push_back(b.value);
    }
    number.value = assembler_.emit(std::move(step));
    return number;
}

std::optional<Number> Numbers::whole(Arithmetic operation, Number a, Number b) {
    const bool divides = operation == Arithmetic::divide || operation == Arithmetic::remainder;
    Mask can_divide = all_rows;
    if (divides && b.least <= 0 && b.greatest >= 0) {
        if (b.is_constant) {
            return constant(cel::Value{});
        }
        Number zero;
        zero.lane = b.lane;
        zero.is_constant = true;
        can_divide = compared_mask(Comparison::not_equal, b, zero);
        Number one = zero;
        one.integer = 1;
        Step step;
        step.run = select_kernel(b.lane);
        step.width = width_of(b.lane);
        step.inputs = {can_divide.value, b.value, value_of(one)};
        b.value = assembler_.emit(std::move(step));
        b.greatest = std::max<std::int64_t>(b.greatest, 1);
    }
    const Bounds bounds = bounds_of(operation, a, b);
    if (bounds.least < least_integer || bounds.greatest > greatest_integer) {
        return std::nullopt;
    }
    const auto least = static_cast<std::int64_t>(bounds.least);
    const auto greatest = static_cast<std::int64_t>(bounds.greatest);
    const Lane lane = std::max(
        {a.lane,
         b.lane,
         narrowest_lane(
             std::min({least, a.least, b.least}), std::max({greatest, a.greatest, b.greatest})
         )}
    );
    Number number = emitted(operation, in_lane(a, lane), in_lane(b, lane));
    number.least = least;
    number.greatest = greatest;
    number.is_known = masks_.all_of({number.is_known, can_divide});
    return number;
}

std::optional<Number> Numbers::calculated(Arithmetic operation, Number a, Number b) {
    if (a.is_date || b.is_date || a.may_be_whole || b.may_be_whole) {
        return std::nullopt;
    }
    if (a.is_known.is_none() || b.is_known.is_none()) {
        return constant(cel::Value{});
    }
    if (a.is_whole() && b.is_whole()) {
        return whole(operation, a, b);
    }
    if (operation == Arithmetic::remainder) {
        return std::nullopt;
    }
    return emitted(operation, in_lane(a, Lane::real), in_lane(b, Lane::real));
}

std::optional<Number> Numbers::negated(const Number& number) {
    if (number.is_whole()) {
        return calculated(Arithmetic::subtract, *constant(cel::Value::of(std::int64_t{0})), number);
    }
    // 0 - x is no negation of zero, but a product is.
    return calculated(Arithmetic::multiply, number, *constant(cel::Value::of(-1.0)));
}

std::optional<Number> Numbers::chosen(const Condition& condition, Number yes, Number no) {
    adopt_form(yes, no);
    const bool is_mixed = yes.is_whole() != no.is_whole();
    const Number& whole = yes.is_whole() ? yes : no;
    if (is_mixed && !is_exact(whole)) {
        return std::nullopt;
    }
    const bool may_be_whole = is_mixed || yes.may_be_whole || no.may_be_whole;
    const Mask is_known = masks_.any_of(
        {masks_.all_of({condition.yes, yes.is_known}), masks_.all_of({condition.no, no.is_known})}
    );
    if (!agree(yes, no)) {
        return std::nullopt;
    }
    if (condition.yes.kind != Mask::Kind::some) {
        Number number = condition.yes.is_all() ? yes : no;
        number.is_known = is_known;
        number.may_be_whole = may_be_whole;
        return number;
    }
    Number number;
    number.lane = yes.lane;
    number.is_date = yes.is_date;
    number.may_be_whole = may_be_whole && !yes.is_whole();
    number.is_known = is_known;
    number.least = std::min(yes.least, no.least);
    number.greatest = std::max(yes.greatest, no.greatest);
    Step step;
    step.run = select_kernel(number.lane);
    step.width = width_of(number.lane);
    step.inputs = {condition.yes.value, value_of(yes), value_of(no)};
    number.value = assembler_.emit(std::move(step));
    return number;
}

std::optional<Number> Numbers::extreme(Arithmetic operation, Number a, Number b) {
    adopt_form(a, b);
    const bool has_real = (!a.is_whole() && !a.may_be_whole) || (!b.is_whole() && !b.may_be_whole);
    const bool may_be_whole = !has_real && (a.may_be_whole || b.may_be_whole);
    const Bounds bounds = bounds_of(operation, a, b);
    if (!agree(a, b)) {
        return std::nullopt;
    }
    Number number = emitted(operation, a, b);
    number.may_be_whole = may_be_whole;
    if (number.is_whole()) {
        number.least = static_cast<std::int64_t>(bounds.least);
        number.greatest = static_cast<std::int64_t>(bounds.greatest);
    }
    return number;
}

std::optional<Number> Numbers::clamped(Number number, Number low, Number high) {
    if (number.is_date || low.is_date || high.is_date) {
        return std::nullopt;
    }
    const std::optional<Condition> is_wrong = compared(Comparison::greater, low, high);
    std::optional<Number> raised = extreme(Arithmetic::greatest, number, low);
    if (!is_wrong || !raised) {
        return std::nullopt;
    }
    std::optional<Number> result = extreme(Arithmetic::least, *raised, high);
    if (result) {
        result->is_known = masks_.all_of({result->is_known, is_wrong->no});
    }
    return result;
}

std::optional<Number> Numbers::days_between(const Number& from, const Number& to) {
    if (!from.is_date || !to.is_date) {
        return std::nullopt;
    }
    Number later = to;
    Number earlier = from;
    later.is_date = earlier.is_date = false;
    return calculated(Arithmetic::subtract, later, earlier);
}

std::optional<Number> Numbers::as_real(Number number) {
    if (number.is_date) {
        return std::nullopt;
    }
    Number real = in_lane(number, Lane::real);
    real.may_be_whole = false;
    return real;
}

Mask Numbers::compared_mask(Comparison comparison, const Number& a, const Number& b) {
    Step step;
    if (a.is_constant && !b.is_constant) {
        return compared_mask(turned(comparison), b, a);
    }
    step.inputs = {value_of(a)};
    if (b.is_constant) {
        step.run = compare_kernel(a.lane, comparison, RightOperand::constant);
        step.constants = {b.is_whole() ? b.integer : bits_of(b.real)};
    } else {
        step.run = compare_kernel(a.lane, comparison, RightOperand::value);
        step.inputs.push_back(b.value);
    }
    return masks_.of_step(std::move(step));
}

std::optional<Condition> Numbers::compared(Comparison comparison, Number a, Number b) {
    if (a.is_known.is_none() || b.is_known.is_none()) {
        return Condition{no_rows, no_rows};
    }
    if (!agree(a, b)) {
        return std::nullopt;
    }
    const Mask holds = compared_mask(comparison, a, b);
    const Mask is_known = masks_.all_of({a.is_known, b.is_known});
    return Condition{
        masks_.all_of({holds, is_known}), masks_.all_of({masks_.opposite(holds), is_known})};
}

Numbers::Points Numbers::points(Number number) {
    number = in_lane(number, Lane::real);
    Step rounded;
    rounded.run = points_kernel();
    rounded.width = width_of(Lane::integer);
    rounded.inputs = {value_of(number)};
    Step fits;
    fits.run = points_fit_kernel();
    fits.inputs = rounded.inputs;
    const Mask is_known = masks_.all_of({number.is_known, masks_.of_step(std::move(fits))});
    return {assembler_.emit(std::move(rounded)), is_known};
}

} // namespace reviewd::engine::columnar
