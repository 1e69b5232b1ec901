#include "daemon/intake/csv_field.hpp"

namespace reviewd::intake {
namespace {

bool starts_formula(char c) {
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '\0';
}

/// `-12.50`, which a spreadsheet shows as it is.
bool is_negative_number(std::string_view text) {
    const std::string_view digits = text.substr(1);
    return text.front() == '-' && !digits.empty() && digits.front() != '.' && digits.back() != '.'
           && digits.find_first_not_of("0123456789.") == std::string_view::npos
           && digits.find('.') == digits.rfind('.');
}

/// Apostrophes or none, then what would start a formula.
bool needs_guard(std::string_view field) {
    const std::size_t first = field.find_first_not_of('\'');
    return first != std::string_view::npos && starts_formula(field[first])
           && !is_negative_number(field.substr(first));
}

} // namespace

std::string csv_field(std::string_view field, char delimiter) {
    const char special[] = {'"', '\r', '\n', '\0', delimiter};
    const bool is_quoted =
        field.find_first_of(std::string_view{special, sizeof special}) != std::string_view::npos;
    std::string out = is_quoted ? "\"" : "";
    out += needs_guard(field) ? "'" : "";
    for (const char c : field) {
        out += c;
        if (c == '"') {
            out += c;
        }
    }
    out += is_quoted ? "\"" : "";
    return out;
}

std::string_view without_formula_guard(std::string_view field) {
    const bool is_guarded = field.size() > 1 && field.front() == '\'' && needs_guard(field);
    return is_guarded ? field.substr(1) : field;
}

} // namespace reviewd::intake
