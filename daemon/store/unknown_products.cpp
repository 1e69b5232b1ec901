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

/// Written before it was known against which list: of a file of changes, it is not true.
bool has_list(const json::value& value) {
    return value.as_object().contains("list");
}

KeptProducts read_kept(const json::value& value) {
    KeptProducts kept;
    for (const auto& [key, count] : value.at("rows").as_object()) {
        kept.rows.emplace(std::string{key}, count.as_int64());
    }
    kept.are_more = value.at("are_more").as_bool();
    kept.list = value.at("list").as_int64();
    return kept;
}

} // namespace

UnknownProducts::UnknownProducts(Connection& connection, const rules::TableSchema& schema)
    : connection_(connection), table_(schema.table) {
    found_.list = product_list(connection);
    // Where nobody keeps a list of products, each is just a name.
    if (found_.list > 0) {
        column_ = product_column(schema);
    }
}

void UnknownProducts::begin_with_kept(SourceId source) {
    if (!column_) {
        return;
    }
    std::optional<KeptProducts> kept = read_kept_products(connection_, source);
    if (!kept) {
        give_up();
        return;
    }
    rows_ = Rows::some;
    found_ = *std::move(kept);
    // Those that came since would only take the room of others.
    std::erase_if(found_.rows, [this](const auto& each) { return is_known(each.first); });
}

void UnknownProducts::give_up() noexcept {
    column_.reset();
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

std::string UnknownProducts::product_of(std::int64_t row) {
    const std::string sql =
        fmt::format("SELECT product FROM {} WHERE id = ?1", rules::name(table_));
    Query query{connection_, sql};
    query.bind(row);
    return query.step() ? query->text(0) : std::string{};
}

void UnknownProducts::note(const ImportRow& row) {
    const auto* const product = column_ ? std::get_if<std::string>(&row.fields[*column_]) : nullptr;
    if (product != nullptr) {
        note_product(*product);
    }
}

void UnknownProducts::note_unchanged(const ImportRow& row) {
    if (rows_ == Rows::all) {
        note(row);
    }
}

void UnknownProducts::note_kept(std::int64_t row) {
    if (column_ && rows_ == Rows::all) {
        note_product(product_of(row));
    }
}

void UnknownProducts::take_back(std::int64_t row) {
    if (!column_ || rows_ == Rows::all) {
        return;
    }
    const auto known = found_.rows.find(product_of(row));
    if (known != found_.rows.end() && --known->second == 0) {
        found_.rows.erase(known);
    }
}

void UnknownProducts::note_product(const std::string& product) {
    if (product.empty() || is_known(product)) {
        return;
    }
    std::map<std::string, std::int64_t>& rows = found_.rows;
    if (const auto known = rows.find(product); known != rows.end()) {
        ++known->second;
    } else if (rows.size() < keys_kept && product.size() <= longest_key_kept) {
        rows.emplace(product, 1);
    } else {
        found_.are_more = true;
    }
}

void UnknownProducts::keep(SourceId source, Fate fate) const {
    Markers markers{connection_};
    if (!column_) {
        markers.erase(marker(source, fate));
        return;
    }
    json::object rows;
    for (const auto& [key, count] : found_.rows) {
        rows.emplace(key, count);
    }
    const json::object kept{
        {"rows", std::move(rows)}, {"are_more", found_.are_more}, {"list", found_.list}};
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

std::optional<KeptProducts> read_kept_products(Connection& connection, SourceId source) {
    const auto text = Markers{connection}.find(marker(source, UnknownProducts::Fate::accepted));
    if (!text) {
        return std::nullopt;
    }
    const json::value value = json::parse(*text);
    return has_list(value) ? std::optional{read_kept(value)} : std::nullopt;
}

std::int64_t product_list(Connection& connection) {
    // A source's generation only grows, and with each of its imports.
    Query query{
        connection,
        "SELECT coalesce(sum(generation), 0) FROM sources WHERE table_name = 'products'"};
    return query.step() ? query->integer(0) : 0;
}

std::optional<std::size_t> product_column(const rules::TableSchema& schema) {
    const std::optional<std::size_t> column = schema.index_of("product");
    return column && !schema.columns[*column].is_custom ? column : std::nullopt;
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
