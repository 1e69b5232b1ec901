#include "daemon/ctl/csv_text.hpp"

#include "daemon/ctl/reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace reviewd::ctl {
namespace {

/// A number with all its digits: pages round, programs count on.
std::string plain(const boost::json::value& row, std::string_view column) {
    const boost::json::value& value = member(row, column);
    return value.is_double() ? fmt::format("{}", value.get_double()) : text(row, column);
}

std::string csv_field(std::string value) {
    if (!value.empty() && std::string_view{"=+-@\t\r"}.find(value.front()) != std::string::npos
        && value.find_first_not_of("0123456789.-") != std::string::npos) {
        value.insert(0, 1, '\'');
    }
    if (value.find_first_of(",\"\r\n") == std::string::npos) {
        return value;
    }
    std::string quoted = "\"";
    for (const char c : value) {
        quoted += c == '"' ? "\"\"" : std::string{c};
    }
    return quoted + '"';
}

} // namespace

std::string csv_of(std::span<const std::string_view> columns, const boost::json::array& rows) {
    std::string lines = fmt::format("{}\n", fmt::join(columns, ","));
    for (const boost::json::value& row : rows) {
        std::string_view between;
        for (const std::string_view column : columns) {
            lines += between;
            lines += csv_field(plain(row, column));
            between = ",";
        }
        lines += '\n';
    }
    return lines;
}

} // namespace reviewd::ctl
