#include "scoring/base/base64.hpp"
#include "scoring/base/text.hpp"
#include "scoring/cel/comparison.hpp"
#include "scoring/cel/implementations.hpp"
#include "scoring/cel/literal.hpp"
#include "scoring/cel/timestamp.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

namespace reviewd::cel::conversion {
namespace {

Value out_of_range(std::string_view name, const Value& value) {
    return Value::error(fmt::format("{}() cannot hold {}", name, to_string(value)));
}

Value not_readable(std::string_view name, const std::string& text) {
    return Value::error(
        fmt::format("{}() cannot read {}", name, cut_to_width(to_string(Value::of(text)), 60))
    );
}

template <class Integer>
std::optional<Integer> read_integer(std::string_view text) {
    Integer value = 0;
    const bool has_plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
    if (std::is_signed_v<Integer> && has_plus) {
        text.remove_prefix(1);
    }
    const char* end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data(), end, value);
    return code == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

constexpr double two_to_63 = 9223372036854775808.0;
constexpr double two_to_64 = 18446744073709551616.0;

/// Only arity is left to check here: everything else depends on the type.
bool is_single(Arguments arguments) {
    return arguments.size() == 1;
}

std::string printed(double number) {
    if (std::isnan(number)) {
        return "NaN";
    }
    if (std::isinf(number)) {
        return number > 0 ? "+Inf" : "-Inf";
    }
    std::array<char, 32> buffer{};
    const auto [end, code] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return {buffer.data(), end};
}

} // namespace

Value to_int(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (!is_single(arguments)) {
        return no_overload(name, arguments);
    }
    const Value& value = *arguments[0];
    if (value.get_if<std::int64_t>() != nullptr) {
        return value;
    }
    if (const auto* natural = value.get_if<std::uint64_t>()) {
        const bool is_fitting =
            *natural <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        return is_fitting ? Value::of(static_cast<std::int64_t>(*natural))
                          : out_of_range(name, value);
    }
    if (const auto* real = value.get_if<double>()) {
        // Both ends are excluded: beyond 2^53 a double no longer says which integer was meant.
        const bool is_fitting = *real > -two_to_63 && *real < two_to_63;
        return is_fitting ? Value::of(static_cast<std::int64_t>(*real)) : out_of_range(name, value);
    }
    if (const auto* text = value.get_if<std::string>()) {
        const auto read = read_integer<std::int64_t>(*text);
        return read ? Value::of(*read) : not_readable(name, *text);
    }
    if (const auto* moment = value.get_if<Timestamp>()) {
        return Value::of(moment->seconds);
    }
    return no_overload(name, arguments);
}

Value to_uint(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (!is_single(arguments)) {
        return no_overload(name, arguments);
    }
    const Value& value = *arguments[0];
    if (value.get_if<std::uint64_t>() != nullptr) {
        return value;
    }
    if (const auto* integer = value.get_if<std::int64_t>()) {
        return *integer >= 0 ? Value::of(static_cast<std::uint64_t>(*integer))
                             : out_of_range(name, value);
    }
    if (const auto* real = value.get_if<double>()) {
        const bool is_fitting = *real >= 0 && *real < two_to_64;
        return is_fitting ? Value::of(static_cast<std::uint64_t>(*real))
                          : out_of_range(name, value);
    }
    if (const auto* text = value.get_if<std::string>()) {
        const auto read = read_integer<std::uint64_t>(*text);
        return read ? Value::of(*read) : not_readable(name, *text);
    }
    return no_overload(name, arguments);
}

Value to_double(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (!is_single(arguments)) {
        return no_overload(name, arguments);
    }
    const Value& value = *arguments[0];
    if (const std::optional<double> number = number_of(value)) {
        return Value::of(*number);
    }
    if (const auto* text = value.get_if<std::string>()) {
        const std::optional<double> read = parse_real(*text);
        return read ? Value::of(*read) : not_readable(name, *text);
    }
    return no_overload(name, arguments);
}

Value to_text(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    if (!is_single(arguments)) {
        return no_overload(name, arguments);
    }
    const Value& value = *arguments[0];
    if (const auto* text = value.get_if<std::string>()) {
        return text_value(*text, evaluation);
    }
    if (const auto* boolean = value.get_if<bool>()) {
        return Value::of(std::string{*boolean ? "true" : "false"});
    }
    if (const auto* integer = value.get_if<std::int64_t>()) {
        return Value::of(std::to_string(*integer));
    }
    if (const auto* natural = value.get_if<std::uint64_t>()) {
        return Value::of(std::to_string(*natural));
    }
    if (const auto* real = value.get_if<double>()) {
        return Value::of(printed(*real));
    }
    if (const auto* moment = value.get_if<Timestamp>()) {
        return Value::of(to_string(*moment));
    }
    if (const auto* length = value.get_if<Duration>()) {
        return Value::of(to_string(*length));
    }
    if (const auto* bytes = value.get_if<Bytes>()) {
        return find_invalid_utf8(bytes->data) ? Value::error("the bytes are no UTF-8 text")
                                              : text_value(bytes->data, evaluation);
    }
    return no_overload(name, arguments);
}

Value to_bytes(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    if (is_single(arguments)) {
        if (arguments[0]->get_if<Bytes>() != nullptr) {
            return *arguments[0];
        }
        if (const auto* text = arguments[0]->get_if<std::string>()) {
            evaluation.budget.spend_bytes(text->size());
            return Value::of(Bytes{*text});
        }
    }
    return no_overload(name, arguments);
}

Value to_bool(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (!is_single(arguments)) {
        return no_overload(name, arguments);
    }
    if (arguments[0]->get_if<bool>() != nullptr) {
        return *arguments[0];
    }
    const auto* text = arguments[0]->get_if<std::string>();
    if (text == nullptr) {
        return no_overload(name, arguments);
    }
    for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
        if (*text == yes) {
            return Value::of(true);
        }
    }
    for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
        if (*text == no) {
            return Value::of(false);
        }
    }
    return not_readable(name, *text);
}

Value to_timestamp_value(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    if (!is_single(arguments)) {
        return no_overload(name, arguments);
    }
    if (arguments[0]->get_if<Timestamp>() != nullptr) {
        return *arguments[0];
    }
    if (const auto* seconds = arguments[0]->get_if<std::int64_t>()) {
        const Timestamp moment{*seconds, 0};
        return is_in_range(moment) ? Value::of(moment) : out_of_range(name, *arguments[0]);
    }
    if (const auto* text = arguments[0]->get_if<std::string>()) {
        std::optional<Timestamp> moment = parse_timestamp(*text);
        if (!moment && evaluation.dialect == Dialect::rules) {
            moment = parse_civil_date(*text);
        }
        return moment ? Value::of(*moment) : not_readable(name, *text);
    }
    return no_overload(name, arguments);
}

Value to_duration(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    if (is_single(arguments)) {
        if (arguments[0]->get_if<Duration>() != nullptr) {
            return *arguments[0];
        }
        if (const auto* text = arguments[0]->get_if<std::string>()) {
            const std::optional<Duration> length = parse_duration(*text);
            return length ? Value::of(*length) : not_readable(name, *text);
        }
    }
    return no_overload(name, arguments);
}

Value to_dyn(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    if (!is_single(arguments)) {
        return no_overload(name, arguments);
    }
    if (const auto* text = arguments[0]->get_if<std::string>()) {
        evaluation.budget.spend_bytes(text->size());
    }
    return *arguments[0];
}

Value to_type(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    return is_single(arguments) ? Value::of(type_of(*arguments[0])) : no_overload(name, arguments);
}

Value base64_encode(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const auto* bytes = is_single(arguments) ? arguments[0]->get_if<Bytes>() : nullptr;
    return bytes == nullptr ? no_overload(name, arguments)
                            : text_value(encode_base64(bytes->data), evaluation);
}

Value base64_decode(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const auto* text = is_single(arguments) ? arguments[0]->get_if<std::string>() : nullptr;
    if (text == nullptr) {
        return no_overload(name, arguments);
    }
    evaluation.budget.spend_bytes(text->size());
    std::optional<std::string> decoded = decode_base64(*text);
    return decoded ? Value::of(Bytes{std::move(*decoded)}) : not_readable(name, *text);
}

} // namespace reviewd::cel::conversion
