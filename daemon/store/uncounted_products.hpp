#pragma once

#include "daemon/store/connection.hpp"

#include <memory>

namespace reviewd::store {

/// Counts the rows whose product no source has, where what imports noted of them does not tell: the
/// first list of products came after the rows, another list may have what was too much to keep, or
/// an import could not say which rows the source has. Behind an import; where all is told, as
/// nearly always, a look at the sources is all it takes.
///
/// The rows of such a source's table are read in pieces, so that nothing waits long, the newest
/// first, and a million of them at most: then what was found is called "at least".
class UncountedProducts {
public:
    explicit UncountedProducts(Connection& connection);
    UncountedProducts(const UncountedProducts&) = delete;
    UncountedProducts& operator=(const UncountedProducts&) = delete;
    ~UncountedProducts();

    /// One piece: a look at 20,000 rows at most. @returns whether more is left
    [[nodiscard]] bool look_on();
    /// Whether there was anything to be counted.
    [[nodiscard]] bool has_counted() const;
    /// For UnknownKeyNotes::products, once nothing is left; inside a transaction.
    void keep() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace reviewd::store
