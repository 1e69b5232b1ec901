#include "config/loader/expression_reader.hpp"
#include "config/loader/file_environment.hpp"
#include "config/loader/settings_reader.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <set>
#include <utility>

namespace reviewd::config {
namespace {

constexpr std::array<std::string_view, 6> column_type_names{
    "text", "integer", "number", "money", "date", "boolean"};

std::optional<std::string> read_row_expression(const Node& node, Wanted wanted, Report& report) {
    const cel::Environment environment = file_environment(node.is_scalar() ? node.text() : "");
    const auto compiled = read_expression(node, environment, wanted, report);
    return compiled ? std::optional{compiled->source()} : std::nullopt;
}

std::vector<std::string> table_names() {
    std::vector<std::string> names;
    for (const rules::Table table : rules::all_tables()) {
        names.emplace_back(rules::name(table));
    }
    return names;
}

/// `sector: text`, or `sector: { type: text, timeless: true }`; a built-in column only takes
/// `timeless`.
void read_custom_column(const Node::Entry& entry, rules::TableSchema& schema, Report& report) {
    const std::optional<std::string> name = read_name(entry.key, report);
    if (!name) {
        return;
    }
    const auto known = schema.index_of(*name);
    std::optional<std::size_t> type;
    std::optional<bool> timeless;
    if (entry.value.is_scalar()) {
        type = read_word(entry.value, report, column_type_names);
    } else {
        MapReader reader{entry.value, report};
        const Node* word = known ? reader.find("type") : reader.require("type");
        type = word == nullptr ? std::nullopt : read_word(*word, report, column_type_names);
        timeless =
            reader.read("timeless", [&](const Node& value) { return read_boolean(value, report); });
    }
    if (known) {
        if (type) {
            report.error(
                entry.key,
                fmt::format("the column `{}` is built in; its type cannot be changed", *name),
                "choose another name, or give only `timeless:`"
            );
        }
        schema.columns[*known].is_timeless = timeless.value_or(false);
        return;
    }
    if (name->find('-') != std::string::npos) {
        report.error(
            entry.key,
            fmt::format("`{}` could not be named in an expression", *name),
            "use `_` instead of `-`"
        );
        return;
    }
    rules::Column column;
    column.name = *name;
    column.type = static_cast<rules::ColumnType>(type.value_or(0));
    column.is_custom = true;
    column.is_timeless = timeless.value_or(false);
    schema.columns.push_back(std::move(column));
}

std::string read_date_format(const Node& node, Report& report) {
    const std::optional<std::string> format = read_text(node, report);
    if (!format) {
        return "%Y-%m-%d";
    }
    std::set<char> letters;
    bool is_right = true;
    for (std::size_t at = format->find('%'); at != std::string::npos;
         at = format->find('%', at + 2)) {
        const char letter = at + 1 < format->size() ? (*format)[at + 1] : ' ';
        is_right = is_right && (letter == 'Y' || letter == 'm' || letter == 'd')
                   && letters.insert(letter).second;
    }
    if (!is_right || letters.size() != 3) {
        report.error(
            node,
            fmt::format("expected a form of a date, found {}", described(node)),
            "use %Y, %m and %d once each, for instance `%d/%m/%Y`"
        );
    }
    return *format;
}

std::map<std::string, std::string> read_aliases(const Node& node, Report& report) {
    std::map<std::string, std::string> aliases;
    MapReader reader{node, report};
    reader.allow_any_key();
    if (node.is_map()) {
        for (const Node::Entry& entry : node.entries()) {
            // `No: "false"`: what stands in a file may be any word.
            if (entry.value.is_scalar() && !entry.value.is_null()) {
                aliases.emplace(entry.key.text(), entry.value.text());
            } else {
                (void)read_text(entry.value, report);
            }
        }
    }
    return aliases;
}

/// Where the value comes from: exactly one of three keys.
void read_origin(MapReader& reader, ColumnMapping& mapping) {
    Report& report = reader.report();
    const auto text = [&](const Node& value) {
        return read_text(value, report);
    };
    mapping.header = reader.read("from", text);
    if (const Node* constant = reader.find("constant")) {
        const bool is_written = constant->is_scalar() && !constant->is_null();
        mapping.constant = is_written ? std::optional{constant->text()} : text(*constant);
    }
    if (const Node* expression = reader.find("expression")) {
        mapping.expression = read_row_expression(*expression, Wanted::anything, report);
    }
    const int given = (reader.find("from") != nullptr ? 1 : 0)
                      + (reader.find("constant") != nullptr ? 1 : 0)
                      + (reader.find("expression") != nullptr ? 1 : 0);
    if (given != 1 && reader.node().is_map()) {
        report.error(
            reader.node(),
            fmt::format(
                "give one of `from:`, `constant:` and `expression:`, not {}",
                given == 0 ? "none" : "several"
            )
        );
    }
}

/// Only columns of some types can have this key.
void check_type(
    MapReader& reader,
    std::string_view key,
    rules::ColumnType type,
    std::initializer_list<rules::ColumnType> fitting,
    std::string_view expected
) {
    const bool fits = std::find(fitting.begin(), fitting.end(), type) != fitting.end();
    if (const Node* node = reader.find(key); node != nullptr && !fits) {
        reader.report().error(
            *node, fmt::format("`{}:` belongs to columns of type {}", key, expected)
        );
    }
}

ColumnMapping read_mapping(const Node& node, const rules::Column& column, Report& report) {
    using rules::ColumnType;
    ColumnMapping mapping{0, {}, {}, {}, {}, {}, 1, "%Y-%m-%d", {}, false, node};
    if (node.is_scalar()) {
        mapping.header = read_text(node, report);
        return mapping;
    }
    MapReader reader{node, report};
    read_origin(reader, mapping);
    if (const Node* aliases = reader.find("aliases")) {
        mapping.aliases = read_aliases(*aliases, report);
    }
    if (const Node* value = reader.find("when_empty")) {
        const bool is_written = value->is_scalar() && !value->is_null();
        mapping.when_empty = is_written ? std::optional{value->text()} : read_text(*value, report);
    }
    if (const Node* scale = reader.find("scale")) {
        mapping.scale = read_number(*scale, report).value_or(1);
        if (mapping.scale <= 0) {
            report.error(*scale, "a scale must be more than 0");
        }
    }
    if (const Node* format = reader.find("date_format")) {
        mapping.date_format = read_date_format(*format, report);
    }
    mapping.currency_header =
        reader.read("currency_from", [&](const Node& value) { return read_text(value, report); });
    const ColumnType type = column.type;
    check_type(
        reader,
        "scale",
        type,
        {ColumnType::integer, ColumnType::number, ColumnType::money},
        "integer, number or money"
    );
    check_type(reader, "date_format", type, {ColumnType::date}, "date");
    check_type(reader, "currency_from", type, {ColumnType::money}, "money");
    return mapping;
}

ColumnMapping implied_mapping(const std::string& column, const Node& source) {
    ColumnMapping mapping{0, {}, {}, {}, {}, {}, 1, "%Y-%m-%d", {}, true, source};
    mapping.header = column;
    return mapping;
}

void read_columns(
    const Node* node, const rules::TableSchema& schema, SourceSettings& source, Report& report
) {
    if (node != nullptr) {
        MapReader reader{*node, report};
        reader.allow_any_key();
    }
    const bool is_map = node != nullptr && node->is_map();
    for (std::size_t index = 0; index < schema.columns.size(); ++index) {
        const rules::Column& column = schema.columns[index];
        const Node* written = is_map ? node->find(column.name) : nullptr;
        ColumnMapping mapping = written == nullptr ? implied_mapping(column.name, source.node)
                                                   : read_mapping(*written, column, report);
        mapping.column = index;
        source.columns.push_back(std::move(mapping));
    }
    if (!is_map) {
        return;
    }
    for (const Node::Entry& entry : node->entries()) {
        if (!schema.index_of(entry.key.text())) {
            report.error(
                entry.key,
                fmt::format(
                    "the table `{}` has no column `{}`",
                    rules::name(schema.table),
                    cut_to_width(entry.key.text(), 60)
                ),
                rules::hint_for_column(
                    schema, entry.key.text(), "declare a column of your own under `tables:`"
                )
            );
        }
    }
}

std::optional<char> read_character(const Node& node, Report& report, std::string_view allowed) {
    const std::optional<std::string> text = read_text(node, report);
    if (text && text->size() == 1 && allowed.find(text->front()) != std::string_view::npos) {
        return text->front();
    }
    if (text) {
        report.error(
            node,
            fmt::format("expected one character, found {}", described(node)),
            "\",\", \";\", \"|\" or \"\\t\" in quotes"
        );
    }
    return std::nullopt;
}

/// The table of a source: `table:`, or the source's own name.
std::optional<rules::Table> read_source_table(
    MapReader& reader, const std::string& name, Report& report
) {
    const Node* node = reader.find("table");
    const std::optional<std::string> word =
        node == nullptr ? std::optional{name} : read_text(*node, report);
    if (!word) {
        return std::nullopt;
    }
    const auto table = rules::find_table(*word);
    if (!table) {
        report.error(
            node == nullptr ? reader.node() : *node,
            fmt::format("there is no table `{}`", cut_to_width(*word, 60)),
            node == nullptr ? "say with `table:` which table the file fills"
                            : did_you_mean(*word, table_names())
        );
    }
    return table;
}

void read_rhythm(MapReader& reader, SourceSettings& source) {
    static constexpr std::array<std::string_view, 2> loads{"full", "changes"};
    Report& report = reader.report();
    if (const Node* load = reader.find("load")) {
        source.load = read_word(*load, report, loads) == 1U ? SourceSettings::Load::changes
                                                            : SourceSettings::Load::full;
    }
    if (const Node* every = reader.find("every")) {
        source.every = read_duration(*every, report);
        if (source.every && *source.every < std::chrono::seconds{10}) {
            report.error(*every, "a source is read every 10 s at most");
        }
    }
    source.stale_after =
        reader.read("stale_after", [&](const Node& node) { return read_period(node, report); });
}

std::optional<SourceSettings> read_source(
    const Node::Entry& entry, const rules::Schema& schema, Report& report
) {
    const std::optional<std::string> name = read_name(entry.key, report);
    MapReader reader{entry.value, report};
    const std::string& label = entry.key.text();
    const auto table = read_source_table(reader, label, report);
    SourceSettings source{
        name.value_or(""),
        table.value_or(rules::Table::accounts),
        {},
        {},
        ',',
        '.',
        {},
        {},
        {},
        {},
        {},
        {},
        entry.value};
    if (const Node* file = reader.require("file")) {
        source.file = read_text(*file, report).value_or("");
    }
    read_rhythm(reader, source);
    const auto character = [&](std::string_view allowed) {
        return [&report, allowed](const Node& node) {
            return read_character(node, report, allowed);
        };
    };
    source.delimiter = reader.read("delimiter", character(",;|\t")).value_or(',');
    source.decimal = reader.read("decimal", character(".,")).value_or('.');
    const Node* columns = reader.find("columns");
    if (table) {
        read_columns(columns, schema[*table], source, report);
    }
    if (const Node* where = reader.find("where")) {
        source.where = read_row_expression(*where, Wanted::condition, report);
    }
    source.accounts_from =
        reader.read("accounts_from", [&](const Node& node) { return read_text(node, report); });
    source.hold_share =
        reader.read("hold_share", [&](const Node& node) { return read_hold_share(node, report); });
    reader.finish();
    return name && table ? std::optional{std::move(source)} : std::nullopt;
}

void check_accounts_from(const std::vector<SourceSettings>& sources, Report& report) {
    std::vector<std::string> names;
    for (const SourceSettings& source : sources) {
        if (source.table == rules::Table::accounts) {
            names.push_back(source.name);
        }
    }
    for (const SourceSettings& source : sources) {
        const Node* node = source.node.is_map() ? source.node.find("accounts_from") : nullptr;
        if (node == nullptr || !source.accounts_from) {
            continue;
        }
        if (std::find(names.begin(), names.end(), *source.accounts_from) == names.end()) {
            report.error(
                *node,
                fmt::format(
                    "there is no source of accounts `{}`", cut_to_width(*source.accounts_from, 60)
                ),
                did_you_mean(*source.accounts_from, names)
            );
        }
    }
}

} // namespace

std::optional<double> read_hold_share(const Node& node, Report& report) {
    const bool is_percentage = node.is_scalar() && node.style() == Node::Style::plain
                               && !node.text().empty() && node.text().back() == '%';
    if (is_percentage) {
        report.error(
            node,
            fmt::format("expected a share, found {}", described(node)),
            "a share lies between 0 and 1: 20% is 0.2"
        );
        return std::nullopt;
    }
    const std::optional<double> share = read_number(node, report);
    if (share && (*share <= 0 || *share > 1)) {
        report.error(node, "a share lies between 0 and 1", "0.2 is a fifth");
    }
    return share;
}

void read_tables(const Node& node, rules::Schema& schema, Report& report) {
    MapReader all{node, report};
    all.allow_any_key();
    if (!node.is_map()) {
        return;
    }
    for (const Node::Entry& entry : node.entries()) {
        const auto table = rules::find_table(entry.key.text());
        if (!table) {
            report.error(
                entry.key,
                fmt::format("there is no table `{}`", cut_to_width(entry.key.text(), 60)),
                did_you_mean(entry.key.text(), table_names())
            );
            continue;
        }
        MapReader columns{entry.value, report};
        columns.allow_any_key();
        if (!entry.value.is_map()) {
            continue;
        }
        for (const Node::Entry& column : entry.value.entries()) {
            read_custom_column(column, schema[*table], report);
        }
    }
}

std::vector<SourceSettings> read_sources(
    const Node& node, const rules::Schema& schema, Report& report
) {
    std::vector<SourceSettings> sources;
    MapReader all{node, report};
    all.allow_any_key();
    if (!node.is_map()) {
        return sources;
    }
    for (const Node::Entry& entry : node.entries()) {
        if (auto source = read_source(entry, schema, report)) {
            sources.push_back(std::move(*source));
        }
    }
    // What is referred to is imported first; within a table, in the order of the file.
    std::stable_sort(
        sources.begin(),
        sources.end(),
        [](const SourceSettings& a, const SourceSettings& b) { return a.table < b.table; }
    );
    check_accounts_from(sources, report);
    return sources;
}

} // namespace reviewd::config
