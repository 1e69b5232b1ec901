// Rows without an account stand together in the index of account_id, so that the others cost
// nothing: where all is known, a look at each table finds nothing at once.
#include "daemon/store/unknown_keys.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/table_sql.hpp"
#include "daemon/store/internal/unknown_products.hpp"
#include "daemon/store/markers.hpp"
#include "scoring/rules/table.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace reviewd::store {
namespace {

namespace json = boost::json;

constexpr std::int64_t rows_of_a_piece = 20'000;

/// Of each table: where nearly all rows of millions belong to nobody, the exact number helps no
/// more than "at least", and would be counted anew after each import.
constexpr std::int64_t rows_looked_at = 200'000;

constexpr std::size_t longest_key_shown = 60;

std::string marker(SourceId source) {
    return fmt::format("import.unknown.{}", source.value);
}

/// A key as an example: whatever a file puts into its column, it stays one of some words.
std::string as_example(std::string_view key) {
    if (key.size() <= longest_key_shown) {
        return std::string{key};
    }
    std::size_t end = longest_key_shown;
    while (end > 0 && (static_cast<unsigned char>(key[end]) & 0xC0U) == 0x80U) {
        --end; // not in the middle of a letter
    }
    return std::string{key.substr(0, end)} + "…";
}

void add_example(UnknownKeys& unknown, std::string_view key) {
    if (unknown.keys.size() == unknown_keys_named) {
        return;
    }
    std::string example = as_example(key);
    if (std::find(unknown.keys.begin(), unknown.keys.end(), example) == unknown.keys.end()) {
        unknown.keys.push_back(std::move(example));
    }
}

/// The newest come first: what vanished long ago stands behind what a file brought today.
std::string unlinked_rows(rules::Table table) {
    return fmt::format(
        "SELECT t.id, t.source_id, t.retired IS NULL AND t.generation <= s.generation, t.account"
        " FROM {} AS t CROSS JOIN sources AS s ON s.id = t.source_id"
        " WHERE t.account_id IS NULL AND t.id < ?1 ORDER BY t.id DESC LIMIT ?2",
        rules::name(table)
    );
}

json::object to_json(const UnknownKeys& unknown) {
    return json::object{
        {"rows", unknown.rows},
        {"are_more", unknown.are_more},
        {"keys", json::array(unknown.keys.begin(), unknown.keys.end())}};
}

UnknownKeys read_unknown(const json::value& value) {
    UnknownKeys unknown;
    unknown.rows = value.at("rows").as_int64();
    unknown.are_more = value.at("are_more").as_bool();
    for (const json::value& key : value.at("keys").as_array()) {
        unknown.keys.emplace_back(std::string_view{key.as_string()});
    }
    return unknown;
}

} // namespace

bool UnlinkedRows::look_on() {
    std::int64_t room = rows_of_a_piece;
    while (room > 0 && table_ < rules::table_count) {
        room -= look_at_table(room);
    }
    return table_ < rules::table_count;
}

/// @returns how many of its rows it looked at
std::int64_t UnlinkedRows::look_at_table(std::int64_t most) {
    const rules::Table table = rules::all_tables()[table_];
    if (!table_sql(table).account) {
        end_table();
        return 0;
    }
    const std::string sql = unlinked_rows(table);
    Query query{connection_, sql};
    query.bind(before_, most);
    std::int64_t looked_at = 0;
    for (; query.step(); ++looked_at) {
        before_ = query->integer(0);
        if (query->boolean(2)) {
            UnknownKeys& unknown = of_table_[query->id<SourceId>(1)];
            ++unknown.rows;
            add_example(unknown, query->text_view(3));
        }
    }
    looked_at_ += looked_at;
    if (looked_at < most || looked_at_ >= rows_looked_at) {
        end_table();
    }
    return looked_at;
}

void UnlinkedRows::end_table() {
    for (auto& [source, unknown] : of_table_) {
        unknown.are_more = looked_at_ >= rows_looked_at;
        found_.emplace(source, std::move(unknown));
    }
    of_table_.clear();
    before_ = INT64_MAX;
    looked_at_ = 0;
    ++table_;
}

UnknownReferences UnknownKeyNotes::find(SourceId source) {
    UnknownReferences unknown;
    if (const std::optional<std::string> text = Markers{connection_}.find(marker(source))) {
        const json::value value = json::parse(*text);
        unknown.accounts = read_unknown(value.at("accounts"));
        unknown.products = read_unknown(value.at("products"));
    }
    return unknown;
}

void UnknownKeyNotes::keep(SourceId source, const UnknownReferences& unknown) {
    Markers markers{connection_};
    if (unknown == UnknownReferences{}) {
        markers.erase(marker(source));
        return;
    }
    const json::object kept{
        {"accounts", to_json(unknown.accounts)}, {"products", to_json(unknown.products)}};
    markers.set(marker(source), json::serialize(kept));
}

UnknownKeys UnknownKeyNotes::products(SourceId source) {
    const KeptProducts kept = read_kept_products(connection_, source).value_or(KeptProducts{});
    UnknownKeys unknown;
    for (const auto& [key, rows] : kept.rows) {
        if (!has_product(connection_, key)) {
            unknown.rows += rows;
            add_example(unknown, key);
        }
    }
    unknown.are_more = kept.are_more && unknown.rows > 0;
    return unknown;
}

} // namespace reviewd::store
