#pragma once

#include "daemon/store/connection.hpp"
#include "daemon/store/field.hpp"
#include "scoring/base/id.hpp"
#include "scoring/rules/table.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace reviewd::store {

/// The products that rows of one import name and no source has, each with its rows.
///
/// Rows are joined with products by their key, of which they have no index: that would cost every
/// import, and without one each look would read all rows there are. So they are held against the
/// products while they are in memory anyway, and the few keys that are not found are kept: whether
/// one of them has come since is asked of the products' own index.
class UnknownProducts {
public:
    UnknownProducts(Connection& connection, const rules::TableSchema& schema);

    void note(const ImportRow& row);

    enum class Fate { accepted, held };
    /// Instead of what was kept of the source. Inside a transaction.
    void keep(SourceId source, Fate fate) const;

private:
    [[nodiscard]] bool is_known(const std::string& product);

    Connection& connection_;
    std::optional<std::size_t> column_; ///< absent: there is nothing to be held against another
    std::unordered_map<std::string, bool> asked_; ///< whether it is known
    std::map<std::string, std::int64_t> rows_;    ///< by unknown key
    bool are_more_ = false;
};

/// A held import of the source becomes visible; inside a transaction.
void accept_held_products(Connection& connection, SourceId source);

/// As `keep` wrote it for an accepted import.
struct KeptProducts {
    std::map<std::string, std::int64_t> rows;
    bool are_more = false;
};
[[nodiscard]] KeptProducts read_kept_products(Connection& connection, SourceId source);

/// Whether any source has a product of that key, even one that is no longer sold.
[[nodiscard]] bool has_product(Connection& connection, const std::string& key);

} // namespace reviewd::store
