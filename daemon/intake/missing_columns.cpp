#include "daemon/intake/missing_columns.hpp"

#include "daemon/intake/csv_header.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reviewd::intake {
namespace {

/// `id`, `Account ID`, `customer_id`.
bool looks_like_key(const std::string& header) {
    static constexpr std::array<std::string_view, 3> ends{"_id", " id", "-id"};
    const std::string lower = lower_case(header);
    return lower == "id" || std::any_of(ends.begin(), ends.end(), [&](std::string_view end) {
               return lower.size() > end.size() && lower.ends_with(end);
           });
}

} // namespace

bool needs_key(rules::Table table) noexcept {
    return table == rules::Table::people || table == rules::Table::products
           || table == rules::Table::accounts;
}

std::vector<std::size_t> missing_columns(
    const config::SourceSettings& source,
    const rules::TableSchema& schema,
    const std::vector<std::string>& headers
) {
    std::vector<std::size_t> missing;
    for (const config::ColumnMapping& mapping : source.columns) {
        const rules::Column& column = schema.columns[mapping.column];
        const bool is_needed =
            column.is_required
            && (column.role != rules::ColumnRole::key || needs_key(schema.table));
        if (is_needed && mapping.is_implied
            && std::find(headers.begin(), headers.end(), column.name) == headers.end()) {
            missing.push_back(mapping.column);
        }
    }
    std::sort(missing.begin(), missing.end());
    return missing;
}

std::string column_hint(std::string_view wanted, const std::vector<std::string>& headers) {
    const std::string near = did_you_mean(wanted, headers);
    return near.empty() ? "its columns are " + listed_headers(headers) : near;
}

std::string column_hint(const rules::Column& wanted, const std::vector<std::string>& headers) {
    const bool is_key = wanted.role == rules::ColumnRole::key;
    const auto key = std::find_if(headers.begin(), headers.end(), looks_like_key);
    if (is_key && key != headers.end() && did_you_mean(wanted.name, headers).empty()) {
        return fmt::format("did you mean `{}`?", escape_controls(*key));
    }
    return column_hint(std::string_view{wanted.name}, headers);
}

} // namespace reviewd::intake
