#include "daemon/ctl/csv_text.hpp"

#include "daemon/ctl/reading.hpp"
#include "daemon/intake/csv_field.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace reviewd::ctl {
namespace {

/// A number with all its digits: pages round, programs count on.
std::string plain(const boost::json::value& row, std::string_view column) {
    const boost::json::value& value = member(row, column);
    return value.is_double() ? fmt::format("{}", value.get_double()) : text(row, column);
}

} // namespace

std::string csv_of(std::span<const std::string_view> columns, const boost::json::array& rows) {
    std::string lines = fmt::format("{}\n", fmt::join(columns, ","));
    for (const boost::json::value& row : rows) {
        std::string_view between;
        for (const std::string_view column : columns) {
            lines += between;
            lines += intake::csv_field(plain(row, column));
            between = ",";
        }
        lines += '\n';
    }
    return lines;
}

} // namespace reviewd::ctl
