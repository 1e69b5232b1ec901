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

/// Rows of one source whose product no source has.
struct KeptProducts {
    std::map<std::string, std::int64_t> rows; ///< by the product's key
    bool are_more = false;                    ///< not all are in `rows`
    std::int64_t list = 0;                    ///< product_list() when all rows were looked at last
};

/// The products that rows of one source name and no source has, each with its rows.
///
/// Rows are joined with products by their key, of which they have no index: that would cost every
/// import, and without one each look would read all rows there are. So they are held against the
/// products while they are in memory anyway, and the few keys that are not found are kept: whether
/// one of them has come since is asked of the products' own index. A file that has some of the
/// source's rows changes what was kept by these. What cannot be known so, because the first list
/// of products came later, UncountedProducts counts.
class UnknownProducts {
public:
    /// Of a table without products, and where nobody keeps a list of them, nothing is noted.
    UnknownProducts(Connection& connection, const rules::TableSchema& schema);

    /// Only some of the rows come: what was kept of the source stands for the others. Before them.
    void begin_with_kept(SourceId source);
    /// It is not known any more which rows the source has: they are to be counted.
    void give_up() noexcept;

    /// A row that was not there before, or not as it is now.
    void note(const ImportRow& row);
    /// A row that is as it was.
    void note_unchanged(const ImportRow& row);
    /// A row that stays as the table has it, because it could not be read.
    void note_kept(std::int64_t row);
    /// A visible row that is about to become another one: what it names now counts no more.
    void take_back(std::int64_t row);

    /// A row of that product.
    void note_product(const std::string& product);
    /// Not all rows could be looked at.
    void note_more() { found_.are_more = true; }

    enum class Fate { accepted, held };
    /// Instead of what was kept of the source. Inside a transaction.
    void keep(SourceId source, Fate fate) const;

private:
    enum class Rows { all, some };

    [[nodiscard]] bool is_known(const std::string& product);
    [[nodiscard]] std::string product_of(std::int64_t row);

    Connection& connection_;
    rules::Table table_;
    std::optional<std::size_t> column_; ///< absent: there is nothing to be held against another
    Rows rows_ = Rows::all;             ///< that come
    std::unordered_map<std::string, bool> asked_; ///< whether it is known
    KeptProducts found_;
};

/// A held import of the source becomes visible; inside a transaction.
void accept_held_products(Connection& connection, SourceId source);

/// As `keep` wrote it for an accepted import; nothing when its rows are to be counted.
[[nodiscard]] std::optional<KeptProducts> read_kept_products(
    Connection& connection, SourceId source
);

/// Another number whenever the visible products are others; 0 while nobody keeps a list of them.
[[nodiscard]] std::int64_t product_list(Connection& connection);

/// Place of the column with a product's key; nothing where the table has none.
[[nodiscard]] std::optional<std::size_t> product_column(const rules::TableSchema& schema);

/// Whether any source has a product of that key, even one that is no longer sold.
[[nodiscard]] bool has_product(Connection& connection, const std::string& key);

} // namespace reviewd::store
