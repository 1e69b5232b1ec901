#pragma once

#include "scoring/engine/facts.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reviewd::engine {

/// The products known on one day: those that the rules describe, then the rows of the products
/// table that the rules do not name. For a product in both, the rules' lifetime wins.
class Catalogue {
public:
    struct Entry {
        std::string_view key;
        const cel::Expression* offer_when = nullptr; ///< null: to everybody who does not own it
        std::optional<Period> lifetime;              ///< absent: it does not age
    };

    /// Both outlive this.
    Catalogue(const rules::RuleSet& rules, const PortfolioContext& context);

    /// False when nothing at all is known of what is sold: no product in the rules, and the
    /// products table never loaded or not recorded by then.
    [[nodiscard]] bool is_known() const { return is_known_; }
    [[nodiscard]] std::span<const Entry> entries() const { return entries_; }
    /// Null for a product that is not in the catalogue.
    [[nodiscard]] const Entry* find(std::string_view key) const;

private:
    void add_rows(const rules::RuleSet& rules, const PortfolioContext& context);

    std::vector<Entry> entries_;
    std::unordered_map<std::string_view, std::size_t> index_;
    bool is_known_ = false;
};

/// What could be offered to one account.
struct Offers {
    std::vector<std::string> keys; ///< in the catalogue's order
    /// Whether the condition of some other product that is not owned could not be judged.
    bool has_unjudged = false;
};

/// @param facts values by slot; those that `offer_when` reads are present
[[nodiscard]] Offers find_offers(
    const Catalogue& catalogue,
    const std::set<std::string>& owned,
    std::span<const cel::Value> facts
);

/// Products of the account's purchases, as of the context's day.
[[nodiscard]] std::set<std::string> owned_products(
    const rules::RuleSet& rules, const AccountRecords& records, const PortfolioContext& context
);

} // namespace reviewd::engine
