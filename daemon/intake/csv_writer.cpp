#include "daemon/intake/csv_writer.hpp"

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

void append_field(std::string& out, std::string_view field, char delimiter) {
    const bool is_guarded = needs_guard(field);
    const char special[] = {'"', '\r', '\n', '\0', delimiter};
    const bool is_quoted =
        field.find_first_of(std::string_view{special, sizeof special}) != std::string_view::npos;
    out += is_quoted ? "\"" : "";
    out += is_guarded ? "'" : "";
    for (const char c : field) {
        out += c;
        if (c == '"') {
            out += c;
        }
    }
    out += is_quoted ? "\"" : "";
}

} // namespace

void append_csv_row(std::string& out, std::span<const std::string_view> fields, char delimiter) {
    // An empty line would be passed over by every reader.
    if (fields.size() == 1 && fields.front().empty()) {
        out += "\"\"";
    }
    bool is_first = true;
    for (const std::string_view field : fields) {
        if (!is_first) {
            out += delimiter;
        }
        is_first = false;
        append_field(out, field, delimiter);
    }
    out += "\r\n";
}

void append_csv_row(
    std::string& out, std::initializer_list<std::string_view> fields, char delimiter
) {
    append_csv_row(
        out, std::span<const std::string_view>{fields.begin(), fields.size()}, delimiter
    );
}

std::string with_formula_guard(std::string_view field) {
    return (needs_guard(field) ? "'" : "") + std::string{field};
}

std::string_view without_formula_guard(std::string_view field) {
    const bool is_guarded = field.size() > 1 && field.front() == '\'' && needs_guard(field);
    return is_guarded ? field.substr(1) : field;
}

} // namespace reviewd::intake
