#include "scoring/cel/value.hpp"

#include "scoring/cel/comparison.hpp"
#include "scoring/cel/timestamp.hpp"
#include "scoring/cel/unicode.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>

namespace reviewd::cel {
namespace {

template <class T>
std::optional<std::partial_ordering> compare_as(const Value& a, const Value& b) noexcept {
    const T* left = a.get_if<T>();
    const T* right = b.get_if<T>();
    if (left == nullptr || right == nullptr) {
        return std::nullopt;
    }
    return *left <=> *right;
}

bool equal_lists(const List& a, const List& b, Budget& budget) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!equals(a[i], b[i], budget)) {
            return false;
        }
    }
    return true;
}

bool equal_maps(const Map& a, const Map& b, Budget& budget) {
    if (a.size() != b.size()) {
        return false;
    }
    for (const auto& [key, value] : a) {
        const Value* other = find_key(b, key, budget);
        if (other == nullptr || !equals(value, *other, budget)) {
            return false;
        }
    }
    return true;
}

/// Results longer than this are cut: they are for eyes.
constexpr std::size_t longest_print = 64 * 1024;

void print(std::string& out, const Value& value);

void print_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
            } else {
                out += c;
            }
        }
    }
    out += '"';
}

void print_bytes(std::string& out, const Bytes& bytes) {
    out += "b\"";
    for (const char c : bytes.data) {
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            out += c;
        } else {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        }
    }
    out += '"';
}

std::string printed(double number) {
    if (std::isnan(number)) {
        return "double(\"NaN\")";
    }
    if (std::isinf(number)) {
        return number > 0 ? "double(\"Infinity\")" : "double(\"-Infinity\")";
    }
    std::string text = fmt::format("{}", number);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

void print_list(std::string& out, const List& list) {
    out += '[';
    for (std::size_t i = 0; i < list.size() && out.size() < longest_print; ++i) {
        out += i == 0 ? "" : ", ";
        print(out, list[i]);
    }
    out += out.size() < longest_print ? "]" : "…]";
}

void print_map(std::string& out, const Map& map) {
    out += '{';
    for (std::size_t i = 0; i < map.size() && out.size() < longest_print; ++i) {
        out += i == 0 ? "" : ", ";
        print(out, map[i].first);
        out += ": ";
        print(out, map[i].second);
    }
    out += out.size() < longest_print ? "}" : "…}";
}

struct Printer {
    std::string& out;

    void operator()(std::monostate /*null*/) const { out += "null"; }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(std::int64_t value) const { out += fmt::format("{}", value); }
    void operator()(std::uint64_t value) const { out += fmt::format("{}u", value); }
    void operator()(double value) const { out += printed(value); }
    void operator()(const std::string& value) const { print_quoted(out, value); }
    void operator()(const Bytes& value) const { print_bytes(out, value); }
    void operator()(const Timestamp& value) const {
        out += fmt::format("timestamp(\"{}\")", to_string(value));
    }
    void operator()(const Duration& value) const {
        out += fmt::format("duration(\"{}\")", to_string(value));
    }
    void operator()(const std::shared_ptr<const List>& value) const { print_list(out, *value); }
    void operator()(const std::shared_ptr<const Map>& value) const { print_map(out, *value); }
    void operator()(const Type& value) const { out += type_name(value.kind); }
    void operator()(const Unknown& /*value*/) const { out += "unknown"; }
    void operator()(const EvaluationError& value) const { out += "error: " + value.message; }
};

void print(std::string& out, const Value& value) {
    std::visit(Printer{out}, value.data());
}

bool identical_lists(const List& a, const List& b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!identical(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

bool identical_maps(const Map& a, const Map& b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!identical(a[i].first, b[i].first) || !identical(a[i].second, b[i].second)) {
            return false;
        }
    }
    return true;
}

} // namespace

std::optional<double> number_of(const Value& value) noexcept {
    if (const auto* real = value.get_if<double>()) {
        return *real;
    }
    if (const auto* integer = value.get_if<std::int64_t>()) {
        return static_cast<double>(*integer);
    }
    if (const auto* natural = value.get_if<std::uint64_t>()) {
        return static_cast<double>(*natural);
    }
    return std::nullopt;
}

Value Value::list(List elements) {
    return of(std::make_shared<const List>(std::move(elements)));
}

Value Value::map(Map entries) {
    return of(std::make_shared<const Map>(std::move(entries)));
}

Value Value::error(std::string message) {
    return of(EvaluationError{std::move(message)});
}

Value Value::unknown(std::uint32_t slot) {
    return of(Unknown{{slot}});
}

bool is_number(const Value& value) noexcept {
    return value.get_if<std::int64_t>() != nullptr || value.get_if<double>() != nullptr
           || value.get_if<std::uint64_t>() != nullptr;
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) noexcept {
    if (const auto same = compare_as<std::int64_t>(a, b)) {
        return *same;
    }
    if (const auto same = compare_as<std::uint64_t>(a, b)) {
        return *same;
    }
    if (a.get_if<double>() != nullptr || b.get_if<double>() != nullptr) {
        return *number_of(a) <=> *number_of(b);
    }
    if (const auto* left = a.get_if<std::int64_t>()) {
        return *left < 0 ? std::partial_ordering::less
                         : static_cast<std::uint64_t>(*left) <=> *b.get_if<std::uint64_t>();
    }
    const std::int64_t right = *b.get_if<std::int64_t>();
    return right < 0 ? std::partial_ordering::greater
                     : *a.get_if<std::uint64_t>() <=> static_cast<std::uint64_t>(right);
}

std::optional<std::partial_ordering> compare(const Value& a, const Value& b) noexcept {
    if (is_number(a)) {
        return is_number(b) ? std::optional{compare_numbers(a, b)} : std::nullopt;
    }
    switch (a.data().index()) {
    case 1:
        return compare_as<bool>(a, b);
    case 5:
        return compare_as<std::string>(a, b);
    case 6:
        return compare_as<Bytes>(a, b);
    case 7:
        return compare_as<Timestamp>(a, b);
    case 8:
        return compare_as<Duration>(a, b);
    default:
        return std::nullopt;
    }
}

const Value* find_key(const Map& map, const Value& key, Budget& budget) {
    for (const auto& entry : map) {
        if (equals(entry.first, key, budget)) {
            return &entry.second;
        }
    }
    return nullptr;
}

bool equals(const Value& a, const Value& b, Budget& budget) {
    if (!budget.spend(1)) {
        return false;
    }
    if (is_number(a) && is_number(b)) {
        return compare_numbers(a, b) == std::partial_ordering::equivalent;
    }
    if (a.data().index() != b.data().index()) {
        return false;
    }
    if (const auto* list = a.get_if<std::shared_ptr<const List>>()) {
        return equal_lists(**list, **b.get_if<std::shared_ptr<const List>>(), budget);
    }
    if (const auto* map = a.get_if<std::shared_ptr<const Map>>()) {
        return equal_maps(**map, **b.get_if<std::shared_ptr<const Map>>(), budget);
    }
    if (const auto* type = a.get_if<Type>()) {
        return type->kind == b.get_if<Type>()->kind;
    }
    if (const auto* text = a.get_if<std::string>()) {
        const std::string& other = *b.get_if<std::string>();
        return text->size() == other.size() && budget.spend_bytes(other.size()) && *text == other;
    }
    return a.data() == b.data();
}

bool equals(const Value& a, const Value& b) {
    Budget budget{std::numeric_limits<std::uint64_t>::max()};
    return equals(a, b, budget);
}

bool identical(const Value& a, const Value& b) {
    if (a.data().index() != b.data().index()) {
        return false;
    }
    if (const auto* real = a.get_if<double>()) {
        const double other = *b.get_if<double>();
        const bool is_both_nan = std::isnan(*real) && std::isnan(other);
        return is_both_nan
               || std::bit_cast<std::uint64_t>(*real) == std::bit_cast<std::uint64_t>(other);
    }
    if (const auto* list = a.get_if<std::shared_ptr<const List>>()) {
        return identical_lists(**list, **b.get_if<std::shared_ptr<const List>>());
    }
    if (const auto* map = a.get_if<std::shared_ptr<const Map>>()) {
        return identical_maps(**map, **b.get_if<std::shared_ptr<const Map>>());
    }
    return a.data() == b.data();
}

std::string to_string(const Value& value) {
    std::string out;
    print(out, value);
    return out;
}

} // namespace reviewd::cel
