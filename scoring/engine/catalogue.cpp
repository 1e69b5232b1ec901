#include "scoring/engine/catalogue.hpp"

#include "scoring/engine/score.hpp"
#include "scoring/engine/timeline.hpp"

#include <algorithm>

namespace reviewd::engine {
namespace {

const std::string* text_of(const cel::Value& value) {
    return value.get_if<std::string>();
}

} // namespace

Catalogue::Catalogue(const rules::RuleSet& rules, const PortfolioContext& context) {
    for (const rules::Product& product : rules.products) {
        index_.emplace(product.key, entries_.size());
        entries_.push_back(
            {product.key, product.offer_when ? &*product.offer_when : nullptr, product.lifetime}
        );
    }
    add_rows(rules, context);
    const bool is_loaded_empty =
        context.loaded.test(static_cast<std::size_t>(rules::Table::products))
        && context.products.empty();
    is_known_ = !entries_.empty() || is_loaded_empty;
}

void Catalogue::add_rows(const rules::RuleSet& rules, const PortfolioContext& context) {
    const rules::TableSchema& schema = rules.schema[rules::Table::products];
    const std::optional<std::size_t> key = schema.index_of(rules::ColumnRole::key);
    const std::optional<std::size_t> lifetime = schema.index_of("lifetime_months");
    if (!key) {
        return;
    }
    const TableAsOf products{schema, context.as_of};
    for (const Record& row : context.products) {
        const std::string* text = products.has(row) ? text_of(products.value(row, *key)) : nullptr;
        if (text == nullptr) {
            continue;
        }
        const auto [place, is_new] = index_.emplace(*text, entries_.size());
        if (is_new) {
            entries_.push_back({*text, nullptr, std::nullopt});
        }
        Entry& entry = entries_[place->second];
        const auto* months =
            lifetime ? products.value(row, *lifetime).get_if<std::int64_t>() : nullptr;
        constexpr std::int64_t most_months = 1200;
        if (!entry.lifetime && months != nullptr && *months > 0 && *months <= most_months) {
            entry.lifetime = Period{static_cast<int>(*months), Period::Unit::months};
        }
    }
}

const Catalogue::Entry* Catalogue::find(std::string_view key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &entries_[found->second];
}

Offers find_offers(
    const Catalogue& catalogue,
    const std::set<std::string>& owned,
    std::span<const cel::Value> facts
) {
    Offers offers;
    for (const Catalogue::Entry& entry : catalogue.entries()) {
        std::string key{entry.key};
        if (owned.contains(key)) {
            continue;
        }
        if (entry.offer_when == nullptr) {
            offers.keys.push_back(std::move(key));
            continue;
        }
        const cel::Value answer = cel::evaluate(*entry.offer_when, facts);
        const bool* holds = answer.get_if<bool>();
        if (holds == nullptr) {
            offers.has_unjudged = true;
        } else if (*holds) {
            offers.keys.push_back(std::move(key));
        }
    }
    return offers;
}

std::set<std::string> owned_products(
    const rules::RuleSet& rules, const AccountRecords& records, const PortfolioContext& context
) {
    std::set<std::string> owned;
    const rules::TableSchema& schema = rules.schema[rules::Table::purchases];
    const std::optional<std::size_t> product = schema.index_of("product");
    const TableAsOf purchases{schema, context.as_of};
    for (const Record& row : records.rows[static_cast<std::size_t>(rules::Table::purchases)]) {
        if (product && purchases.has(row)) {
            if (const std::string* key = text_of(purchases.value(row, *product))) {
                owned.insert(*key);
            }
        }
    }
    return owned;
}

std::vector<std::string> offers(
    const rules::RuleSet& rules,
    const FactRow& facts,
    const AccountRecords& records,
    const PortfolioContext& context
) {
    if (!context.loaded.test(static_cast<std::size_t>(rules::Table::purchases))) {
        return {};
    }
    const Catalogue catalogue{rules, context};
    return find_offers(catalogue, owned_products(rules, records, context), facts).keys;
}

} // namespace reviewd::engine
