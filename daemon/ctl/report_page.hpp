#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace reviewd::ctl {

/// A part of the report: where its rows stand in the answer, and its columns by their names there.
struct ReportPart {
    std::string_view member;
    std::string_view title;
    std::vector<std::string_view> columns; ///< `owner_name` is for programs: see `owner`
    /// Where all do not fit a terminal, the columns from this one on become a table of their own
    /// that begins with the first column; 0: never.
    std::size_t second_half = 0;
    /// The column with keys of owners, for which a page shows what they are called; empty: none.
    std::string_view owner{};
};

[[nodiscard]] const std::vector<ReportPart>& report_parts();

/// The answer of `report` as a page for a person: its sums, then a table for each part that has
/// rows.
[[nodiscard]] std::string report_page(const boost::json::value& answer, const Screen& screen);

} // namespace reviewd::ctl
