// Facts are read twice: first their names and types, so that every expression can name every fact,
// then what they are made of.
#include "config/loader/expression_reader.hpp"
#include "config/loader/rules_context.hpp"
#include "scoring/base/text.hpp"
#include "scoring/rules/evaluation_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace reviewd::config {
namespace {

using rules::Aggregate;
using rules::ColumnType;
using rules::FactType;

constexpr std::array<std::string_view, 7> type_names{
    "boolean", "integer", "number", "money", "text", "date", "list"};
constexpr std::array fact_types{
    FactType::boolean,
    FactType::integer,
    FactType::number,
    FactType::money,
    FactType::text,
    FactType::date,
    FactType::list};

struct AggregateName {
    std::string_view key;
    Aggregate aggregate;
};
constexpr std::array aggregates{
    AggregateName{"count", Aggregate::count},
    AggregateName{"count_distinct", Aggregate::count_distinct},
    AggregateName{"distinct", Aggregate::distinct},
    AggregateName{"sum", Aggregate::sum},
    AggregateName{"latest", Aggregate::latest},
    AggregateName{"earliest", Aggregate::earliest},
};

constexpr std::array<std::string_view, 23> words_of_the_language{
    "true",      "false",  "null",     "in",   "as",     "break", "const", "continue",
    "else",      "for",    "function", "if",   "import", "let",   "loop",  "package",
    "namespace", "return", "var",      "void", "while",  "known", "row"};

bool is_identifier(std::string_view name) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && is_letter(name.front()) && name.size() <= 64
           && std::all_of(name.begin(), name.end(), [&](char c) {
                  return is_letter(c) || (c >= '0' && c <= '9');
              });
}

bool check_fact_name(const Node& key, Report& report) {
    const std::string& name = key.text();
    if (!is_identifier(name)) {
        report.error(
            key,
            fmt::format("`{}` cannot be the name of a fact", cut_to_width(name, 60)),
            "use letters, digits and `_`, beginning with a letter"
        );
        return false;
    }
    if (std::find(words_of_the_language.begin(), words_of_the_language.end(), name)
        != words_of_the_language.end()) {
        report.error(key, fmt::format("`{}` is a word of the expression language", name));
        return false;
    }
    return true;
}

/// The declared type without reporting anything; the second pass does.
std::optional<FactType> declared_type(const Node& fact) {
    const Node* type = fact.is_map() ? fact.find("type") : nullptr;
    if (type == nullptr || !type->is_scalar()) {
        return std::nullopt;
    }
    const auto found = std::find(type_names.begin(), type_names.end(), type->text());
    if (found == type_names.end()) {
        return std::nullopt;
    }
    return fact_types[static_cast<std::size_t>(found - type_names.begin())];
}

void declare_fact(RulesContext& context, const Node::Entry& entry) {
    const std::string& name = entry.key.text();
    if (!check_fact_name(entry.key, context.report)) {
        return;
    }
    if (const auto slot = context.rules.facts.slot_of(name)) {
        const auto first = context.fact_keys.find(*slot);
        context.report.error(
            entry.key,
            first == context.fact_keys.end()
                ? fmt::format("the fact `{}` is built in and cannot be defined again", name)
                : fmt::format("the fact `{}` is defined a second time", name),
            first == context.fact_keys.end() ? "choose another name" : first_given(first->second)
        );
        return;
    }
    rules::Fact fact;
    const std::optional<FactType> type = declared_type(entry.value);
    fact.name = name;
    fact.type = type.value_or(FactType::number);
    fact.position = entry.key.position();
    const std::uint32_t slot = context.environment.declare(
        name, type ? rules::cel_type(*type) : cel::Type{cel::Type::Kind::dyn, {}}
    );
    context.fact_keys.emplace(slot, entry.key);
    context.rules.facts.facts.push_back(std::move(fact));
}

/// Whether a column of type `from` can fill a fact of type `to`.
bool fits(ColumnType from, FactType to) {
    switch (to) {
    case FactType::boolean:
        return from == ColumnType::boolean;
    case FactType::integer:
        return from == ColumnType::integer;
    case FactType::number:
    case FactType::money:
        return from == ColumnType::integer || from == ColumnType::number
               || from == ColumnType::money;
    case FactType::text:
        return from == ColumnType::text;
    case FactType::date:
        return from == ColumnType::date;
    case FactType::list:
        break;
    }
    return false;
}

std::string_view name_of(ColumnType type) {
    static constexpr std::array<std::string_view, 6> names{
        "text", "integer", "number", "money", "date", "boolean"};
    return names[static_cast<std::size_t>(type)];
}

std::optional<rules::Table> read_table(const Node& node, std::string_view word, Report& report) {
    const auto table = rules::find_table(word);
    if (!table) {
        std::vector<std::string> names;
        for (const rules::Table candidate : rules::all_tables()) {
            names.emplace_back(rules::name(candidate));
        }
        report.error(
            node,
            fmt::format("there is no table `{}`", cut_to_width(word, 60)),
            did_you_mean(word, names)
        );
    }
    return table;
}

struct ColumnPlace {
    rules::Table table = rules::Table::accounts;
    std::size_t column = 0;
};

/// `accounts.budget`
std::optional<ColumnPlace> read_column(const Node& node, RulesContext& context) {
    const std::optional<std::string> text = read_text(node, context.report);
    if (!text) {
        return std::nullopt;
    }
    const std::size_t point = text->find('.');
    const auto table = read_table(node, text->substr(0, point), context.report);
    if (!table) {
        return std::nullopt;
    }
    const rules::TableSchema& schema = context.rules.schema[*table];
    const std::string column = point == std::string::npos ? "" : text->substr(point + 1);
    const auto index = schema.index_of(column);
    if (!index) {
        const std::string hint = rules::hint_for_column(schema, column);
        context.report.error_in_text(
            node,
            point == std::string::npos ? text->size() : point + 1,
            point == std::string::npos ? fmt::format(
                "expected a column, for instance `{}.{}`", *text, schema.columns.at(1).name
            )
                                       : fmt::format(
                                           "the table `{}` has no column `{}`",
                                           rules::name(*table),
                                           cut_to_width(column, 60)
                                       ),
            hint
        );
        return std::nullopt;
    }
    return ColumnPlace{*table, *index};
}

/// One fact while it is read.
struct FactReading {
    RulesContext& context;
    MapReader& reader;
    rules::Fact& fact;
    bool has_type = false; ///< otherwise its absence was reported, and nothing is said of types
};

void require_type(
    const FactReading& reading,
    const Node& at,
    std::initializer_list<FactType> fitting,
    std::string_view expected
) {
    const FactType type = reading.fact.type;
    const bool fits = std::find(fitting.begin(), fitting.end(), type) != fitting.end();
    if (!fits && reading.has_type) {
        reading.context.report.error(
            at,
            fmt::format(
                "the type of `{}` must be {}, not `{}`",
                reading.fact.name,
                expected,
                rules::name(reading.fact.type)
            )
        );
    }
}

void require_column_type(const FactReading& reading, const Node& at, ColumnType from) {
    if (reading.has_type && !fits(from, reading.fact.type)) {
        reading.context.report.error(
            at,
            fmt::format(
                "the column is of type {}, and `{}` is of type {}",
                name_of(from),
                reading.fact.name,
                rules::name(reading.fact.type)
            )
        );
    }
}

void read_column_fact(const FactReading& reading, const Node& node) {
    const auto place = read_column(node, reading.context);
    if (!place) {
        return;
    }
    if (place->table != rules::Table::accounts) {
        reading.context.report.error(
            node,
            "`from:` takes a column of accounts",
            "an account has many rows in other tables: use latest, earliest, sum, count …"
        );
        return;
    }
    const rules::Column& column = reading.context.rules.schema[place->table].columns[place->column];
    require_column_type(reading, node, column.type);
    reading.fact.form = rules::ColumnFact{place->column};
}

void check_aggregate_type(const FactReading& reading, const Node& node, Aggregate aggregate) {
    if (aggregate == Aggregate::count || aggregate == Aggregate::count_distinct) {
        require_type(reading, node, {FactType::integer}, "`integer`");
    } else if (aggregate == Aggregate::distinct) {
        require_type(reading, node, {FactType::list}, "`list`");
    } else if (aggregate == Aggregate::sum) {
        require_type(
            reading,
            node,
            {FactType::integer, FactType::number, FactType::money},
            "`integer`, `number` or `money`"
        );
    }
}

void check_aggregate_column(
    const FactReading& reading, const Node& node, Aggregate aggregate, const rules::Column& column
) {
    switch (aggregate) {
    case Aggregate::sum:
        require_column_type(reading, node, column.type);
        break;
    case Aggregate::latest:
    case Aggregate::earliest:
        if (column.type != ColumnType::date) {
            reading.context.report.error(
                node, "`latest` and `earliest` take a column of type date"
            );
        } else {
            require_column_type(reading, node, column.type);
        }
        break;
    case Aggregate::distinct:
        if (column.type != ColumnType::text) {
            reading.context.report.error(node, "a list is made of a column of text");
        }
        break;
    case Aggregate::count:
    case Aggregate::count_distinct:
        break;
    }
}

bool has_rows_per_account(const rules::TableSchema& schema) {
    return schema.index_of(rules::ColumnRole::account).has_value();
}

void read_aggregate_fact(const FactReading& reading, const Node& node, Aggregate aggregate) {
    RulesContext& context = reading.context;
    rules::AggregateFact form;
    form.aggregate = aggregate;
    check_aggregate_type(reading, node, aggregate);
    if (aggregate == Aggregate::count) {
        const std::optional<std::string> text = read_text(node, context.report);
        const auto table = text ? read_table(node, *text, context.report) : std::nullopt;
        if (!table) {
            return;
        }
        form.table = *table;
    } else {
        const auto place = read_column(node, context);
        if (!place) {
            return;
        }
        form.table = place->table;
        form.column = place->column;
        check_aggregate_column(
            reading, node, aggregate, context.rules.schema[place->table].columns[place->column]
        );
    }
    const rules::TableSchema& schema = context.rules.schema[form.table];
    if (!has_rows_per_account(schema)) {
        context.report.error(
            node,
            fmt::format("rows of `{}` do not belong to one account each", rules::name(form.table)),
            form.table == rules::Table::accounts ? "a column of accounts is read with `from:`" : ""
        );
        return;
    }
    form.where = reading.reader.read("where", [&](const Node& where) {
        return read_expression(
            where, rules::row_environment(schema), Wanted::condition, context.report
        );
    });
    if (const Node* within = reading.reader.find("within")) {
        form.within = read_calendar_period(*within, context.report);
        if (!schema.index_of(rules::ColumnRole::happened)) {
            context.report.error(
                *within, fmt::format("rows of `{}` have no day", rules::name(form.table))
            );
        }
    }
    reading.fact.form = std::move(form);
}

/// Whether each of its values is one of the fact's type, or may be.
bool gives(const cel::Expression& expression, FactType type) {
    const auto is_one = [](const cel::Type& found, cel::Type::Kind kind) {
        return found.kind == kind || found.kind == cel::Type::Kind::dyn;
    };
    const cel::Type& found = expression.type();
    const cel::Type::Kind wanted = rules::cel_type(type).kind;
    if (type == FactType::list && !found.parameters.empty()) {
        return is_one(found, wanted) && is_one(found.parameters.front(), cel::Type::Kind::string);
    }
    const bool is_counted =
        type == FactType::integer && is_one(found, cel::Type::Kind::unsigned_integer);
    const bool is_any_number = (type == FactType::number || type == FactType::money)
                               && (found.kind == cel::Type::Kind::integer
                                   || found.kind == cel::Type::Kind::unsigned_integer);
    return is_one(found, wanted) || is_counted || is_any_number;
}

void read_expression_fact(const FactReading& reading, const Node& node) {
    RulesContext& context = reading.context;
    const FactType type = reading.fact.type;
    const bool is_number =
        type == FactType::integer || type == FactType::number || type == FactType::money;
    const Wanted wanted = !reading.has_type           ? Wanted::anything
                          : type == FactType::boolean ? Wanted::condition
                          : is_number                 ? Wanted::number
                                                      : Wanted::anything;
    auto expression = read_expression(node, context.environment, wanted, context.report);
    if (!expression) {
        return;
    }
    if (reading.has_type && !gives(*expression, type)) {
        const bool is_fraction =
            type == FactType::integer && expression->type().kind == cel::Type::Kind::real;
        context.report.error_in_text(
            node,
            0,
            is_fraction ? "expected a whole number, found one that may have a fraction"
                        : fmt::format(
                            "expected {}, found {}",
                            cel::described(rules::cel_type(type)),
                            cel::described(expression->type())
                        ),
            is_fraction ? "write `int(…)` to cut the fraction off, `int(math.round(…))` to round, "
                          "or take `type: number`"
                        : ""
        );
        return;
    }
    context.use(expression->slots());
    reading.fact.form = rules::ExpressionFact{std::move(*expression)};
}

/// A default in the fact's type.
std::optional<cel::Value> read_default(const Node& node, FactType type, Report& report) {
    const auto value_of = [](auto read) {
        return read ? std::optional{cel::Value::of(*read)} : std::nullopt;
    };
    switch (type) {
    case FactType::boolean:
        return value_of(read_boolean(node, report));
    case FactType::integer:
        return value_of(read_integer(node, report, -1'000'000'000'000, 1'000'000'000'000));
    case FactType::number:
    case FactType::money:
        return value_of(read_number(node, report));
    case FactType::text:
        return value_of(read_text(node, report));
    case FactType::date: {
        const auto date = read_date(node, report);
        constexpr std::int64_t day_seconds = 86'400;
        return date ? std::optional{cel::Value::of(cel::Timestamp{
                   to_day_number(*date) * day_seconds, 0})}
                    : std::nullopt;
    }
    case FactType::list:
        break;
    }
    cel::List elements;
    for (std::string& text : read_texts(node, report)) {
        elements.push_back(cel::Value::of(std::move(text)));
    }
    return cel::Value::list(std::move(elements));
}

/// The one key that says what the fact is made of; all of them count as asked for.
std::vector<std::pair<std::string_view, Node>> forms_of(MapReader& reader) {
    std::vector<std::pair<std::string_view, Node>> forms;
    const auto ask = [&](std::string_view key) {
        if (const Node* value = reader.find(key)) {
            forms.emplace_back(key, *value);
        }
    };
    ask("from");
    for (const AggregateName& aggregate : aggregates) {
        ask(aggregate.key);
    }
    ask("latest_answer");
    ask("expression");
    return forms;
}

void read_form(const FactReading& reading, std::string_view key, const Node& node) {
    if (key == "from") {
        read_column_fact(reading, node);
    } else if (key == "expression") {
        read_expression_fact(reading, node);
    } else if (key == "latest_answer") {
        if (const auto question = read_name(node, reading.context.report)) {
            reading.fact.form = rules::AnswerFact{*question};
            reading.context.answers.push_back({*question, reading.fact.type, node});
        }
    } else {
        const auto found =
            std::find_if(aggregates.begin(), aggregates.end(), [&](const AggregateName& a) {
                return a.key == key;
            });
        read_aggregate_fact(reading, node, found->aggregate);
    }
}

void refuse_key(MapReader& reader, std::string_view key, std::string_view why) {
    if (const Node* node = reader.find(key)) {
        reader.report().error(*node, fmt::format("`{}:` belongs to {}", key, why));
    }
}

void read_fact(RulesContext& context, const Node& node, rules::Fact& fact) {
    MapReader reader{node, context.report};
    const FactReading reading{context, reader, fact, declared_type(node).has_value()};
    if (const Node* type = reader.require("type")) {
        (void)read_word(*type, context.report, type_names);
    }
    const auto forms = forms_of(reader);
    if (forms.empty() && node.is_map()) {
        context.report.error(
            node,
            fmt::format("`{}` does not say what it is made of", fact.name),
            "give one of from, count, count_distinct, distinct, sum, latest, earliest, "
            "latest_answer, expression"
        );
    }
    for (std::size_t index = 1; index < forms.size(); ++index) {
        context.report.error(
            forms[index].second,
            fmt::format("`{}` and `{}` cannot be combined", forms.front().first, forms[index].first)
        );
    }
    if (!forms.empty()) {
        read_form(reading, forms.front().first, forms.front().second);
    }
    const bool is_aggregate = std::holds_alternative<rules::AggregateFact>(fact.form);
    if (!is_aggregate) {
        const bool is_broken = std::holds_alternative<rules::BuiltIn>(fact.form);
        if (is_broken) { // its form was reported; its other keys are not judged
            (void)reader.find("where");
            (void)reader.find("within");
        } else {
            refuse_key(reader, "where", "facts that count or pick rows");
            refuse_key(reader, "within", "facts that count or pick rows");
        }
    }
    fact.default_value = reader.read("default", [&](const Node& value) {
        return read_default(value, fact.type, context.report);
    });
    if (std::holds_alternative<rules::AnswerFact>(fact.form)) {
        fact.expires = reader.read("expires", [&](const Node& value) {
            return read_calendar_period(value, context.report);
        });
    } else {
        refuse_key(reader, "expires", "answers (`latest_answer:`)");
    }
}

void for_each_entry(
    RulesContext& context,
    const Sections& sections,
    const std::function<void(const Node::Entry&)>& visit
) {
    for (const Node& section : sections) {
        MapReader reader{section, context.report};
        reader.allow_any_key();
        if (section.is_map()) {
            for (const Node::Entry& entry : section.entries()) {
                visit(entry);
            }
        }
    }
}

/// Names that people try in conditions without a fact of that name: a column of the account, and
/// what only comes of the rules.
void explain_names(RulesContext& context) {
    for (const rules::Column& column : context.rules.schema[rules::Table::accounts].columns) {
        context.environment.explain(
            column.name,
            fmt::format(
                "a condition reads facts; declare one: `{0}: {{ type: {1}, from: accounts.{0} }}`",
                column.name,
                name_of(column.type)
            )
        );
    }
    context.environment.explain(
        "level", "levels follow from the score, so no condition can ask for one"
    );
    context.environment.explain(
        "score", "the score follows from the rules, so no condition can ask for it"
    );
}

} // namespace

void declare_facts(RulesContext& context, const Sections& sections) {
    explain_names(context);
    context.rules.facts.facts = rules::built_in_facts();
    for (const rules::Fact& fact : context.rules.facts.facts) {
        context.environment.declare(fact.name, rules::cel_type(fact.type));
    }
    for_each_entry(context, sections, [&](const Node::Entry& entry) {
        declare_fact(context, entry);
    });
}

void read_facts(RulesContext& context, const Sections& sections) {
    for (const Node& section : sections) {
        if (!section.is_map()) {
            continue;
        }
        for (const Node::Entry& entry : section.entries()) {
            const auto slot = context.rules.facts.slot_of(entry.key.text());
            const auto named = slot ? context.fact_keys.find(*slot) : context.fact_keys.end();
            const bool is_first =
                named != context.fact_keys.end() && &named->second.data() == &entry.key.data();
            if (is_first) {
                read_fact(context, entry.value, context.rules.facts.facts[*slot]);
            }
        }
    }
}

void finish_facts(RulesContext& context) {
    rules::FactSchema& facts = context.rules.facts;
    rules::EvaluationOrder order = rules::order_facts(facts.facts, context.rules.products);
    if (!order.cycle.empty()) {
        std::string circle;
        for (const std::uint32_t slot : order.cycle) {
            circle += fmt::format("`{}` reads ", facts.facts[slot].name);
        }
        const auto named =
            std::find_if(order.cycle.begin(), order.cycle.end(), [&](std::uint32_t slot) {
                return context.fact_keys.contains(slot);
            });
        circle += fmt::format("`{}`", facts.facts[order.cycle.front()].name);
        context.report.error(
            context.fact_keys.at(*named),
            fmt::format("facts need each other in a circle: {}", circle)
        );
    }
    facts.evaluation_order = std::move(order.slots);
    if (context.report.has_errors()) {
        return; // an expression that does not compile reads nothing, as it seems
    }
    for (const auto& [slot, key] : context.fact_keys) {
        if (!context.used.contains(slot)) {
            context.report.warning(
                key, fmt::format("nothing uses the fact `{}`", facts.facts[slot].name)
            );
        }
    }
}

} // namespace reviewd::config
