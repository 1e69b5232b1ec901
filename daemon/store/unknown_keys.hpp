#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/id.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reviewd::store {

/// Rows that name, by its key, something that no source has, or none has yet.
struct UnknownKeys {
    std::int64_t rows = 0;
    bool are_more = false;         ///< not all could be looked at: `rows` of them at least
    std::vector<std::string> keys; ///< some that they name, each once; long ones are cut

    friend bool operator==(const UnknownKeys&, const UnknownKeys&) = default;
};

/// Keys that UnknownKeys names at most.
inline constexpr std::size_t unknown_keys_named = 3;

/// Of the rows of one source.
struct UnknownReferences {
    UnknownKeys accounts;
    UnknownKeys products;

    friend bool operator==(const UnknownReferences&, const UnknownReferences&) = default;
};

/// Counts the visible rows that belong to no account, by source; in pieces, so that nothing waits
/// long. Behind Portfolio::link_some, which finds the accounts that came later.
class UnlinkedRows {
public:
    explicit UnlinkedRows(Connection& connection) : connection_(connection) {}

    /// One piece: a look at 20,000 rows at most. @returns whether more is left
    [[nodiscard]] bool look_on();
    /// Sources without such rows are not there.
    [[nodiscard]] const std::map<SourceId, UnknownKeys>& found() const { return found_; }

private:
    [[nodiscard]] std::int64_t look_at_table(std::int64_t most);
    void end_table();

    Connection& connection_;
    std::size_t table_ = 0;           ///< place among all tables
    std::int64_t before_ = INT64_MAX; ///< rows of the table from this one on were looked at
    std::int64_t looked_at_ = 0;      ///< of the table
    std::map<SourceId, UnknownKeys> of_table_;
    std::map<SourceId, UnknownKeys> found_;
};

/// What was noted of such rows.
class UnknownKeyNotes {
public:
    explicit UnknownKeyNotes(Connection& connection) : connection_(connection) {}

    /// As kept last; none when nothing was kept.
    [[nodiscard]] UnknownReferences find(SourceId source);
    /// Inside a transaction.
    void keep(SourceId source, const UnknownReferences& unknown);

    /// Visible rows whose product no source has by now; none where they are still to be counted,
    /// see UncountedProducts.
    [[nodiscard]] UnknownKeys products(SourceId source);

private:
    Connection& connection_;
};

} // namespace reviewd::store
