#include "daemon/store/internal/unknown_products.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/markers.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <string_view>

namespace reviewd::store {
namespace {

namespace json = boost::json;

/// An export with keys of another format has as many unknown ones as products: some are enough to
/// tell. Longer ones are no keys that anybody would mend.
constexpr std::size_t keys_kept = 100;
constexpr std::size_t longest_key_kept = 1000;

/// Answers kept in memory; more products than that are looked up again.
constexpr std::size_t answers_kept = 50'000;

std::string marker(SourceId source, UnknownProducts::Fate fate) {
    const bool is_held = fate == UnknownProducts::Fate::held;
    return fmt::format("import.products.{}{}", is_held ? "held." : "", source.value);
}

bool is_any_product_known(Connection& connection) {
    Query query{
        connection,
        "SELECT 1 FROM sources WHERE table_name = 'products' AND generation > 0 LIMIT 1"};
    return query.step();
}

std::optional<std::size_t> product_column(const rules::TableSchema& schema) {
    const std::optional<std::size_t> column = schema.index_of("product");
    return column && !schema.columns[*column].is_custom ? column : std::nullopt;
}

} // namespace

UnknownProducts::UnknownProducts(Connection& connection, const rules::TableSchema& schema)
    : connection_(connection) {
    // Where nobody keeps a list of products, each is just a name.
    if (is_any_product_known(connection)) {
        column_ = product_column(schema);
    }
}

bool UnknownProducts::is_known(const std::string& product) {
    if (const auto asked = asked_.find(product); asked != asked_.end()) {
        return asked->second;
    }
    if (asked_.size() >= answers_kept) {
        asked_.clear();
    }
    const bool is_there = has_product(connection_, product);
    asked_.emplace(product, is_there);
    return is_there;
}

void UnknownProducts::note(const ImportRow& row) {
    const auto* const product = column_ ? std::get_if<std::string>(&row.fields[*column_]) : nullptr;
    if (product == nullptr || product->empty() || is_known(*product)) {
        return;
    }
    if (const auto known = rows_.find(*product); known != rows_.end()) {
        ++known->second;
    } else if (rows_.size() < keys_kept && product->size() <= longest_key_kept) {
        rows_.emplace(*product, 1);
    } else {
        are_more_ = true;
    }
}

void UnknownProducts::keep(SourceId source, Fate fate) const {
    Markers markers{connection_};
    if (rows_.empty()) {
        markers.erase(marker(source, fate));
        return;
    }
    json::object rows;
    for (const auto& [key, count] : rows_) {
        rows.emplace(key, count);
    }
    const json::object kept{{"rows", std::move(rows)}, {"are_more", are_more_}};
    markers.set(marker(source, fate), json::serialize(kept));
}

void accept_held_products(Connection& connection, SourceId source) {
    Markers markers{connection};
    const std::string held = marker(source, UnknownProducts::Fate::held);
    const std::string accepted = marker(source, UnknownProducts::Fate::accepted);
    if (const std::optional<std::string> kept = markers.find(held)) {
        markers.set(accepted, *kept);
        markers.erase(held);
    } else {
        markers.erase(accepted);
    }
}

KeptProducts read_kept_products(Connection& connection, SourceId source) {
    KeptProducts kept;
    const auto text = Markers{connection}.find(marker(source, UnknownProducts::Fate::accepted));
    if (!text) {
        return kept;
    }
    const json::value value = json::parse(*text);
    for (const auto& [key, count] : value.at("rows").as_object()) {
        kept.rows.emplace(std::string{key}, count.as_int64());
    }
    kept.are_more = value.at("are_more").as_bool();
    return kept;
}

bool has_product(Connection& connection, const std::string& key) {
    Query query{
        connection,
        "SELECT 1 FROM products AS p JOIN sources AS s ON s.id = p.source_id"
        " AND p.generation <= s.generation WHERE p.key = ?1 LIMIT 1"};
    query.bind(key);
    return query.step();
}

} // namespace reviewd::store
