// The same way through a table as UnlinkedRows goes, but by the row's number alone: rows have no
// index of their product.
#include "daemon/store/uncounted_products.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/unknown_products.hpp"
#include "scoring/rules/table.hpp"

#include <fmt/core.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reviewd::store {
namespace {

constexpr std::int64_t rows_counted_at_once = 20'000;

/// Of each table. Once for each list of products, not for each import.
constexpr std::int64_t rows_counted_at_most = 1'000'000;

struct Uncounted {
    rules::Table table = rules::Table::purchases;
    std::map<SourceId, UnknownProducts> sources;
};

std::string rows_with_products(rules::Table table) {
    return fmt::format(
        "SELECT t.id, t.source_id, t.retired IS NULL AND t.generation <= s.generation, t.product"
        " FROM {} AS t CROSS JOIN sources AS s ON s.id = t.source_id"
        " WHERE t.id < ?1 ORDER BY t.id DESC LIMIT ?2",
        rules::name(table)
    );
}

bool is_to_be_counted(const std::optional<KeptProducts>& kept, std::int64_t list) {
    return !kept || (kept->are_more && kept->list != list);
}

std::map<SourceId, UnknownProducts> uncounted_sources(
    Connection& connection, const rules::TableSchema& schema
) {
    const std::int64_t list = product_list(connection);
    std::map<SourceId, UnknownProducts> sources;
    Query query{connection, "SELECT id FROM sources WHERE table_name = ?1 AND generation > 0"};
    query.bind(rules::name(schema.table));
    while (query.step()) {
        const auto source = query->id<SourceId>(0);
        if (is_to_be_counted(read_kept_products(connection, source), list)) {
            sources.try_emplace(source, connection, schema);
        }
    }
    return sources;
}

} // namespace

struct UncountedProducts::State {
    Connection& connection;
    std::vector<Uncounted> tables;
    std::size_t table = 0;           ///< of `tables`; those before it are counted
    std::int64_t before = INT64_MAX; ///< rows of the table from this one on were looked at
    std::int64_t looked_at = 0;      ///< of the table

    std::int64_t look_at_table(std::int64_t most);
    void end_table(Uncounted& ended);
};

UncountedProducts::UncountedProducts(Connection& connection)
    : state_(std::make_unique<State>(State{connection, {}})) {
    if (product_list(connection) == 0) {
        return; // each is just a name
    }
    const rules::Schema schema = rules::built_in_schema();
    for (const rules::Table table : rules::all_tables()) {
        if (!product_column(schema[table])) {
            continue;
        }
        auto sources = uncounted_sources(connection, schema[table]);
        if (!sources.empty()) {
            state_->tables.push_back({table, std::move(sources)});
        }
    }
}

UncountedProducts::~UncountedProducts() = default;

bool UncountedProducts::look_on() {
    std::int64_t room = rows_counted_at_once;
    while (room > 0 && state_->table < state_->tables.size()) {
        room -= state_->look_at_table(room);
    }
    return state_->table < state_->tables.size();
}

/// @returns how many of its rows it looked at
std::int64_t UncountedProducts::State::look_at_table(std::int64_t most) {
    Uncounted& of_table = tables[table];
    const std::string sql = rows_with_products(of_table.table);
    Query query{connection, sql};
    query.bind(before, most);
    std::int64_t looked = 0;
    for (; query.step(); ++looked) {
        before = query->integer(0);
        const auto source = of_table.sources.find(query->id<SourceId>(1));
        if (source != of_table.sources.end() && query->boolean(2)) {
            source->second.note_product(query->text(3));
        }
    }
    looked_at += looked;
    if (looked < most || looked_at >= rows_counted_at_most) {
        end_table(of_table);
    }
    return looked;
}

void UncountedProducts::State::end_table(Uncounted& ended) {
    for (auto& [source, products] : ended.sources) {
        if (looked_at >= rows_counted_at_most) {
            products.note_more();
        }
    }
    before = INT64_MAX;
    looked_at = 0;
    ++table;
}

bool UncountedProducts::has_counted() const {
    return !state_->tables.empty();
}

void UncountedProducts::keep() const {
    for (const Uncounted& table : state_->tables) {
        for (const auto& [source, products] : table.sources) {
            products.keep(source, UnknownProducts::Fate::accepted);
        }
    }
}

} // namespace reviewd::store
