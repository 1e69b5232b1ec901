// A batch of accounts is one range of ids. Every table is read over that range in the order of its
// index by account, and merged: memory is bounded by the batch, and no row is looked up by itself.
#include "daemon/store/account_reader.hpp"

#include "daemon/store/field.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/table_sql.hpp"
#include "daemon/store/internal/values.hpp"
#include "daemon/store/sources.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>

namespace reviewd::store {
namespace {

/// Where the values of a portfolio table's row stand in a SELECT.
class RowShape {
public:
    RowShape(const rules::TableSchema& schema, int first) : schema_(schema), first_(first) {}

    /// The list of columns. Custom ones are found by JSON paths bound as parameters from
    /// `parameter` on.
    [[nodiscard]] std::string select(int parameter) const {
        constexpr std::size_t usual_name = 24;
        std::string list;
        list.reserve(usual_name * schema_.columns.size());
        for (const rules::Column& column : schema_.columns) {
            list += list.empty() ? "" : ", ";
            if (column.is_custom) {
                list += fmt::format("json_extract(t.custom, ?{})", parameter++);
            } else {
                list.append("t.").append(as_identifier(column.name));
            }
        }
        return list;
    }

    void bind_paths(Statement& statement, int parameter) const {
        for (const rules::Column& column : schema_.columns) {
            if (column.is_custom) {
                statement.bind(parameter++, fmt::format("$.\"{}\"", column.name));
            }
        }
    }

    /// `recorded` and `retired` stand just before the values.
    [[nodiscard]] engine::Record read(const Statement& row, int minor_digits) const {
        engine::Record record;
        record.recorded = row.date(first_ - 2);
        record.retired = row.optional_date(first_ - 1);
        record.values.reserve(schema_.columns.size());
        int column = first_;
        for (const rules::Column& described : schema_.columns) {
            record.values.push_back(read_value(row, column++, described.type, minor_digits));
        }
        return record;
    }

private:
    const rules::TableSchema& schema_;
    int first_;
};

constexpr std::string_view visible = "CROSS JOIN sources AS s ON s.id = t.source_id"
                                     " AND t.generation <= s.generation";

/// Calls `take` for each row with the entry it belongs to; rows come by account id (column 0).
template <class Take>
void merge(Query& query, std::vector<AccountEntry>& entries, std::size_t first, const Take& take) {
    std::size_t place = first;
    while (query.step()) {
        const AccountId account = query->id<AccountId>(0);
        while (place < entries.size() && entries[place].id < account) {
            ++place;
        }
        if (place == entries.size()) {
            return;
        }
        if (entries[place].id == account) {
            take(*query.operator->(), entries[place].records);
        }
    }
}

/// One range of account ids, appended to `entries`.
class RangeReader {
public:
    RangeReader(
        Connection& connection,
        const rules::Schema& schema,
        AccountReader::Statements& statements,
        int minor_digits,
        Date as_of,
        std::vector<AccountEntry>& entries
    )
        : connection_(connection),
          schema_(schema),
          statements_(statements),
          minor_digits_(minor_digits),
          as_of_(as_of),
          entries_(entries),
          first_(entries.size()) {}

    /// @returns whether there was any account
    bool read_accounts(AccountId after, AccountId last, std::size_t limit, Date present_after) {
        const RowShape shape{schema_[rules::Table::accounts], 4};
        std::string& sql = text_of(rules::Table::accounts);
        if (sql.empty()) {
            sql = fmt::format(
                "SELECT t.id, t.owner_id, t.recorded, t.retired, {} FROM accounts AS t {}"
                " WHERE t.id > ?1 AND t.id <= ?2 AND (t.retired IS NULL OR t.retired > ?4)"
                " ORDER BY t.id LIMIT ?3",
                shape.select(5),
                visible
            );
        }
        Query query{connection_, sql};
        query.bind(after.value, last.value, limit, present_after);
        shape.bind_paths(*query.operator->(), 5);
        while (query.step()) {
            AccountEntry entry;
            entry.id = query->id<AccountId>(0);
            entry.owner = query->id<PersonId>(1);
            entry.records.account = shape.read(*query.operator->(), minor_digits_);
            entries_.push_back(std::move(entry));
        }
        return entries_.size() > first_;
    }

    void read_rows(rules::Table table) {
        const RowShape shape{schema_[table], 3};
        std::string& sql = text_of(table);
        if (sql.empty()) {
            sql = fmt::format(
                "SELECT t.account_id, t.recorded, t.retired, {} FROM {} AS t {}"
                " WHERE t.account_id BETWEEN ?1 AND ?2 AND (t.retired IS NULL OR t.retired > ?3)"
                " ORDER BY t.account_id, t.id",
                shape.select(4),
                rules::name(table),
                visible
            );
        }
        Query query{connection_, sql};
        query.bind(entries_[first_].id, entries_.back().id, as_of_);
        shape.bind_paths(*query.operator->(), 4);
        const auto index = static_cast<std::size_t>(table);
        const int minor_digits = minor_digits_;
        merge(query, entries_, first_, [&](const Statement& row, engine::AccountRecords& records) {
            records.rows[index].push_back(shape.read(row, minor_digits));
        });
    }

    void read_history() {
        const rules::TableSchema& accounts = schema_[rules::Table::accounts];
        Query query{
            connection_,
            "SELECT account_id, until, column_name, former_value FROM account_history"
            " WHERE account_id BETWEEN ?1 AND ?2 AND until > ?3 ORDER BY account_id, until"};
        query.bind(entries_[first_].id, entries_.back().id, as_of_);
        const int minor_digits = minor_digits_;
        merge(query, entries_, first_, [&](const Statement& row, engine::AccountRecords& records) {
            // A custom column may have left the configuration since.
            if (const auto column = accounts.index_of(row.text_view(2))) {
                const rules::ColumnType type = accounts.columns[*column].type;
                records.former_values.push_back(
                    {*column, row.date(1), read_value(row, 3, type, minor_digits)}
                );
            }
        });
        // Latest first, which the table's own order is not: SQLite would set up a sorter each time.
        for (std::size_t place = first_; place < entries_.size(); ++place) {
            auto& former = entries_[place].records.former_values;
            std::reverse(former.begin(), former.end());
        }
    }

    void read_answers() {
        Query query{
            connection_,
            "SELECT account_id, question, answer, day"
            " FROM answers WHERE account_id BETWEEN ?1 AND ?2 ORDER BY account_id, id"};
        bind_range(query);
        merge(query, entries_, first_, [](const Statement& row, engine::AccountRecords& records) {
            records.answers.push_back({row.text(1), read_answer(row.text_view(2)), row.date(3)});
        });
    }

    /// Talks that people logged here are interactions like those of the sources.
    void read_logged_contacts() {
        const rules::TableSchema& schema = schema_[rules::Table::interactions];
        Query query{
            connection_,
            "SELECT account_id, id, day, recorded, who, note FROM logged_contacts"
            " WHERE account_id BETWEEN ?1 AND ?2 ORDER BY account_id, id"};
        bind_range(query);
        constexpr auto index = static_cast<std::size_t>(rules::Table::interactions);
        merge(query, entries_, first_, [&](const Statement& row, engine::AccountRecords& records) {
            engine::Record record;
            record.recorded = row.date(3);
            record.values.resize(schema.columns.size());
            const auto put = [&](std::string_view column, cel::Value value) {
                record.values[schema.index_of(column).value()] = std::move(value);
            };
            put("key", cel::Value::of(fmt::format("contact-{}", row.integer(1))));
            put("kind", cel::Value::of(std::string{"contact"}));
            put("date", to_value(row.date(2), 0));
            put("person", cel::Value::of(row.text(4)));
            put("note", cel::Value::of(row.text(5)));
            records.rows[index].push_back(std::move(record));
        });
    }

    void read_reviews() {
        Query query{
            connection_,
            "SELECT account_id, held_on FROM reviews INDEXED BY reviews_done"
            " WHERE account_id BETWEEN ?1 AND ?2 AND state = 'done' ORDER BY account_id, held_on"};
        bind_range(query);
        merge(query, entries_, first_, [](const Statement& row, engine::AccountRecords& records) {
            records.reviews_held.push_back(row.date(1));
        });
    }

private:
    [[nodiscard]] std::string& text_of(rules::Table table) {
        return statements_[static_cast<std::size_t>(table)];
    }

    void bind_range(Query& query) const { query.bind(entries_[first_].id, entries_.back().id); }

    Connection& connection_;
    const rules::Schema& schema_;
    AccountReader::Statements& statements_;
    int minor_digits_;
    Date as_of_;
    std::vector<AccountEntry>& entries_;
    std::size_t first_;
};

constexpr AccountId last_id{INT64_MAX};

} // namespace

cel::Value read_value(const Statement& row, int column, rules::ColumnType type, int minor_digits) {
    const int kept = row.type(column);
    if (kept == SQLITE_NULL || (kept == SQLITE_TEXT) != (type == rules::ColumnType::text)) {
        return {};
    }
    switch (type) {
    case rules::ColumnType::text:
        return cel::Value::of(row.text(column));
    case rules::ColumnType::integer:
        return cel::Value::of(row.integer(column));
    case rules::ColumnType::number:
        return cel::Value::of(row.number(column));
    case rules::ColumnType::money:
        return to_value(Money{row.integer(column)}, minor_digits);
    case rules::ColumnType::date:
        return to_value(row.date(column), minor_digits);
    case rules::ColumnType::boolean:
        return cel::Value::of(row.boolean(column));
    }
    return {};
}

cel::Value read_answer(std::string_view json) {
    boost::system::error_code problem;
    const boost::json::value answer = boost::json::parse(json, problem);
    if (answer.is_bool()) {
        return cel::Value::of(answer.get_bool());
    }
    if (answer.is_int64()) {
        return cel::Value::of(answer.get_int64());
    }
    if (answer.is_number()) {
        return cel::Value::of(answer.to_number<double>());
    }
    return answer.is_string() ? cel::Value::of(std::string{answer.get_string()}) : cel::Value{};
}

std::vector<AccountEntry> AccountReader::read_after(AccountId after, std::size_t limit) {
    std::vector<AccountEntry> entries;
    read_range(after, last_id, limit, entries);
    return entries;
}

std::vector<AccountEntry> AccountReader::read(std::span<const AccountId> ids) {
    std::vector<AccountId> sorted{ids.begin(), ids.end()};
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    std::vector<AccountEntry> entries;
    for (const AccountId id : sorted) {
        read_range(AccountId{id.value - 1}, id, 1, entries);
    }
    return entries;
}

void AccountReader::read_range(
    AccountId after, AccountId last, std::size_t limit, std::vector<AccountEntry>& entries
) {
    RangeReader reader{connection_, schema_, statements_, minor_digits_, as_of_, entries};
    if (!reader.read_accounts(after, last, limit, present_after_)) {
        return;
    }
    for (const rules::Table table : rules::all_tables()) {
        const auto index = static_cast<std::size_t>(table);
        if (tables_.test(index) && loaded().test(index) && table_sql(table).account) {
            reader.read_rows(table);
        }
    }
    if (tables_.test(static_cast<std::size_t>(rules::Table::interactions))) {
        reader.read_logged_contacts();
    }
    if (reads_all_) {
        reader.read_history();
        reader.read_answers();
    }
    reader.read_reviews();
}

const std::bitset<rules::table_count>& AccountReader::loaded() {
    if (!loaded_) {
        loaded_ = Sources{connection_}.loaded_tables();
    }
    return *loaded_;
}

engine::PortfolioContext AccountReader::read_context(Date as_of) {
    engine::PortfolioContext context;
    context.as_of = as_of;
    context.loaded = loaded();
    if (!context.loaded.test(static_cast<std::size_t>(rules::Table::products))) {
        return context;
    }
    const RowShape shape{schema_[rules::Table::products], 2};
    const std::string sql = fmt::format(
        "SELECT t.recorded, t.retired, {} FROM products AS t {} ORDER BY t.id",
        shape.select(1),
        visible
    );
    Query query{connection_, sql};
    shape.bind_paths(*query.operator->(), 1);
    while (query.step()) {
        context.products.push_back(shape.read(*query.operator->(), minor_digits_));
    }
    return context;
}

} // namespace reviewd::store
