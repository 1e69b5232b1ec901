// The built-in columns are told by the table that the loader itself goes by.

#include "daemon/ctl/manual/pages.hpp"
#include "daemon/ctl/manual/roff.hpp"
#include "scoring/rules/table.hpp"

#include <fmt/format.h>

namespace reviewd::manual {

namespace {

/// Rows of the other tables are known by their content where they have no key.
bool is_needed(rules::Table table, const rules::Column& column) {
    const bool is_named_by_others = table == rules::Table::people || table == rules::Table::products
                                    || table == rules::Table::accounts;
    return column.is_required && (column.role != rules::ColumnRole::key || is_named_by_others);
}

std::string column_entry(rules::Table table, const rules::Column& column) {
    return fmt::format(
        ".TP\n\\fB{}\\fR (\\fI{}\\fR{})\n{}\n",
        roff(column.name),
        rules::name(column.type),
        is_needed(table, column) ? ", required" : "",
        roff(rules::meaning(table, column.name))
    );
}

} // namespace

std::string tables_section() {
    std::string text =
        ".SH TABLES\nThe tables that sources fill, and their columns. A row without a value for a "
        "required column is a bad row. A source reads each column from the file's column of the "
        "same name, or as its \\fBcolumns:\\fR say; \\fBtables:\\fR declares columns of your own. "
        "\\fItext\\fR is any text, \\fIinteger\\fR a whole number, \\fInumber\\fR one that may "
        "have a fraction, \\fImoney\\fR an amount in the reporting currency unless "
        "\\fBcurrency_from:\\fR says otherwise, \\fIdate\\fR a day such as 2026\\-01\\-31, "
        "\\fIboolean\\fR true or false.\n";
    const rules::Schema schema = rules::built_in_schema();
    for (const rules::Table table : rules::all_tables()) {
        text += fmt::format(".SS {}\n", rules::name(table));
        for (const rules::Column& column : schema[table].columns) {
            text += column_entry(table, column);
        }
    }
    return text;
}

} // namespace reviewd::manual
