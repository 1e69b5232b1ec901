#pragma once

#include "config/loader/settings.hpp"
#include "config/node/parse.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/rules/table.hpp"

#include <string>
#include <utility>

namespace reviewd::test {

/// Stands in for the place in a file that settings made by hand do not have.
inline config::Node no_node() {
    config::Report report;
    return config::parse_yaml("by hand", "{}", report).value();
}

/// A source's settings put together by hand, as the loader makes them: a mapping per column.
class Mapping {
public:
    explicit Mapping(rules::Table table) : schema(rules::built_in_schema()[table]) {
        source.name = "crm";
        source.table = table;
        source.file = "accounts.csv";
        for (std::size_t i = 0; i < schema.columns.size(); ++i) {
            config::ColumnMapping implied = empty();
            implied.column = i;
            implied.header = schema.columns[i].name;
            implied.is_implied = true;
            source.columns.push_back(std::move(implied));
        }
    }

    /// Declares a custom column, read from the file's column of its name.
    Mapping& custom(std::string name, rules::ColumnType type) {
        rules::Column column;
        column.name = name;
        column.type = type;
        column.is_custom = true;
        schema.columns.push_back(std::move(column));
        config::ColumnMapping mapping = empty();
        mapping.column = schema.columns.size() - 1;
        mapping.header = std::move(name);
        source.columns.push_back(std::move(mapping));
        return *this;
    }

    /// The mapping of a column, as if a person had written it.
    config::ColumnMapping& operator[](std::string_view column) {
        const auto index = schema.index_of(column);
        REVIEWD_ASSERT(index.has_value());
        source.columns[*index].is_implied = false;
        return source.columns[*index];
    }

    Mapping& from(std::string_view column, std::string header) {
        (*this)[column].header = std::move(header);
        return *this;
    }

    Mapping& computed(std::string_view column, std::string expression) {
        (*this)[column].header.reset();
        (*this)[column].expression = std::move(expression);
        return *this;
    }

    rules::TableSchema schema;
    config::SourceSettings source{
        .name = {},
        .file = {},
        .every = {},
        .stale_after = {},
        .columns = {},
        .where = {},
        .accounts_from = {},
        .hold_share = {},
        .node = no_node()};
    config::CompanySettings company;

private:
    static config::ColumnMapping empty() {
        return {
            .header = {},
            .constant = {},
            .expression = {},
            .aliases = {},
            .when_empty = {},
            .currency_header = {},
            .node = no_node()};
    }
};

} // namespace reviewd::test
