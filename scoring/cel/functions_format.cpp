// string.format(): %s %d %f %e %b %o %x %X and %%, with ".N" digits for %f and %e.
#include "scoring/cel/comparison.hpp"
#include "scoring/cel/implementations.hpp"
#include "scoring/cel/timestamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <cmath>
#include <vector>

namespace reviewd::cel::text {
namespace {

/// The text so far, or what is wrong.
struct Output {
    std::string text;
    std::string problem;
    std::size_t limit_bytes;
};

std::string special_number(double number) {
    if (std::isnan(number)) {
        return "NaN";
    }
    return number > 0 ? "Infinity" : "-Infinity";
}

std::string shortest(double number) {
    return std::isfinite(number) ? fmt::format("{}", number) : special_number(number);
}

void append_plain(Output& out, const Value& value);

void append_list(Output& out, const List& list) {
    out.text += '[';
    bool is_first = true;
    for (const Value& element : list) {
        out.text += is_first ? "" : ", ";
        is_first = false;
        append_plain(out, element);
        if (out.text.size() > out.limit_bytes || !out.problem.empty()) {
            return;
        }
    }
    out.text += ']';
}

/// Keys in the order of their text, so that equal maps print alike.
void append_map(Output& out, const Map& map) {
    std::vector<std::pair<std::string, const Value*>> entries;
    for (const auto& [key, value] : map) {
        Output printed{{}, {}, out.limit_bytes};
        append_plain(printed, key);
        entries.emplace_back(std::move(printed.text), &value);
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return a.first < b.first;
    });
    out.text += '{';
    bool is_first = true;
    for (const auto& [key, value] : entries) {
        out.text += is_first ? "" : ", ";
        is_first = false;
        out.text += key + ": ";
        append_plain(out, *value);
        if (out.text.size() > out.limit_bytes || !out.problem.empty()) {
            return;
        }
    }
    out.text += '}';
}

struct PlainPrinter {
    Output& out;

    void operator()(std::monostate /*null*/) const { out.text += "null"; }
    void operator()(bool value) const { out.text += value ? "true" : "false"; }
    void operator()(std::int64_t value) const { out.text += fmt::format("{}", value); }
    void operator()(std::uint64_t value) const { out.text += fmt::format("{}", value); }
    void operator()(double value) const { out.text += shortest(value); }
    void operator()(const std::string& value) const { out.text += value; }
    void operator()(const Bytes& value) const { out.text += value.data; }
    void operator()(const Timestamp& value) const { out.text += to_string(value); }
    void operator()(const Duration& value) const { out.text += to_string(value); }
    void operator()(const std::shared_ptr<const List>& value) const { append_list(out, *value); }
    void operator()(const std::shared_ptr<const Map>& value) const { append_map(out, *value); }
    void operator()(const Type& value) const { out.text += type_name(value.kind); }
    void operator()(const Unknown& /*value*/) const { out.problem = "a value is unknown"; }
    void operator()(const EvaluationError& value) const { out.problem = value.message; }
};

void append_plain(Output& out, const Value& value) {
    std::visit(PlainPrinter{out}, value.data());
}

void refuse(Output& out, char clause, std::string_view expected, const Value& value) {
    out.problem = fmt::format(
        "format(): %{} is for {}, not for {}", clause, expected, described(type_of(value))
    );
}

void append_decimal(Output& out, const Value& value) {
    const auto* real = value.get_if<double>();
    const bool is_whole =
        value.get_if<std::int64_t>() != nullptr || value.get_if<std::uint64_t>() != nullptr;
    if (!is_whole && real == nullptr) {
        refuse(out, 'd', "numbers", value);
        return;
    }
    append_plain(out, value);
}

void append_real(Output& out, const Value& value, char clause, int precision) {
    const std::optional<double> given = number_of(value);
    if (!given) {
        refuse(out, clause, "numbers", value);
        return;
    }
    const double number = *given;
    if (!std::isfinite(number)) {
        out.text += special_number(number);
    } else if (clause == 'f') {
        out.text += fmt::format("{:.{}f}", number, precision);
    } else {
        out.text += fmt::format("{:.{}e}", number, precision);
    }
}

std::string in_base(std::uint64_t magnitude, bool is_negative, char clause) {
    std::array<char, 66> buffer{};
    const int base = clause == 'b' ? 2 : clause == 'o' ? 8 : 16;
    const auto [end, code] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, base);
    std::string digits{buffer.data(), end};
    return is_negative ? "-" + digits : digits;
}

std::string hex_of(std::string_view bytes) {
    std::string digits;
    for (const char c : bytes) {
        digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return digits;
}

std::string capitals(std::string text) {
    for (char& c : text) {
        c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return text;
}

/// %b, %o, %x and %X.
void append_digits(Output& out, const Value& value, char clause) {
    std::string digits;
    if (const auto* integer = value.get_if<std::int64_t>()) {
        const auto bits = static_cast<std::uint64_t>(*integer);
        digits = in_base(*integer < 0 ? std::uint64_t{0} - bits : bits, *integer < 0, clause);
    } else if (const auto* natural = value.get_if<std::uint64_t>()) {
        digits = in_base(*natural, false, clause);
    } else if (const auto* boolean = value.get_if<bool>(); boolean != nullptr && clause == 'b') {
        digits = *boolean ? "1" : "0";
    } else if (const auto* text = value.get_if<std::string>();
               text != nullptr && (clause == 'x' || clause == 'X')) {
        digits = hex_of(*text);
    } else if (const auto* bytes = value.get_if<Bytes>();
               bytes != nullptr && (clause == 'x' || clause == 'X')) {
        digits = hex_of(bytes->data);
    } else {
        refuse(out, clause, "whole numbers", value);
        return;
    }
    out.text += clause == 'X' ? capitals(std::move(digits)) : digits;
}

void append_clause(Output& out, const Value& value, char clause, int precision) {
    switch (clause) {
    case 's':
        append_plain(out, value);
        break;
    case 'd':
        append_decimal(out, value);
        break;
    case 'f':
    case 'e':
        append_real(out, value, clause, precision);
        break;
    case 'b':
    case 'o':
    case 'x':
    case 'X':
        append_digits(out, value, clause);
        break;
    default:
        out.problem = fmt::format("format(): there is no %{}", clause);
    }
}

/// ".N" at `at`, which moves behind it; 6 when there is none.
int read_precision(std::string_view pattern, std::size_t& at, Output& out) {
    if (at >= pattern.size() || pattern[at] != '.') {
        return 6;
    }
    int precision = 0;
    const std::size_t begin = ++at;
    for (; at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9' && at - begin < 4;
         ++at) {
        precision = precision * 10 + (pattern[at] - '0');
    }
    if (at == begin || precision > 100) {
        out.problem = "format(): a precision is a number up to 100";
    }
    return precision;
}

void format_all(Output& out, std::string_view pattern, const List& values) {
    std::size_t next = 0;
    std::size_t at = 0;
    while (at < pattern.size() && out.problem.empty() && out.text.size() <= out.limit_bytes) {
        if (pattern[at] != '%') {
            out.text += pattern[at++];
            continue;
        }
        ++at;
        if (at < pattern.size() && pattern[at] == '%') {
            out.text += '%';
            ++at;
            continue;
        }
        const int precision = read_precision(pattern, at, out);
        if (at >= pattern.size()) {
            out.problem = "format(): the text ends within a % clause";
        } else if (next >= values.size()) {
            out.problem = fmt::format("format(): value {} is missing", next + 1);
        } else if (out.problem.empty()) {
            append_clause(out, values[next++], pattern[at++], precision);
        }
    }
}

} // namespace

Value format(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const auto* pattern = arguments.size() == 2 ? arguments[0]->get_if<std::string>() : nullptr;
    const auto* values =
        arguments.size() == 2 ? arguments[1]->get_if<std::shared_ptr<const List>>() : nullptr;
    if (pattern == nullptr || values == nullptr) {
        return no_overload(name, arguments);
    }
    Output out{{}, {}, evaluation.limits.text_bytes};
    format_all(out, *pattern, **values);
    return out.problem.empty() ? text_value(std::move(out.text), evaluation)
                               : Value::error(out.problem);
}

} // namespace reviewd::cel::text
