#pragma once

#include <boost/json/array.hpp>

#include <span>
#include <string>
#include <string_view>

namespace reviewd::ctl {

/// Rows of an answer as CSV with a head, for programs and spreadsheets; lines end in LF. What is
/// null or not there is an empty field. A text that a spreadsheet would take for a formula begins
/// with an apostrophe.
/// @param columns names of members of the rows
[[nodiscard]] std::string csv_of(
    std::span<const std::string_view> columns, const boost::json::array& rows
);

} // namespace reviewd::ctl
