#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/errors.hpp"
#include "scoring/base/result.hpp"

#include <type_traits>

namespace reviewd::store {

/// BEGIN IMMEDIATE, or a savepoint inside an open transaction; rolled back unless committed. The
/// outermost one checks that the database still carries this process's instance id. Never keep one
/// over network I/O.
class Transaction {
public:
    /// @throws StorageBusy, StorageFull, StorageLost
    explicit Transaction(Database& database);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    /// Rolls back what was not committed.
    ~Transaction();

    /// Durable when it returns (outermost), or part of the surrounding transaction.
    /// @throws StorageBusy, StorageFull (rolled back), StorageLost (unknown)
    void commit();

private:
    Database& database_;
    int depth_ = 0;
    bool is_open_ = true;
};

/// How often `write` starts again when the database is busy.
inline constexpr int busy_attempts = 3;

/// Runs `work` (which returns a Result) in a transaction: commits when it has a value, rolls back
/// when it has an error. Outermost: starts again when the database is busy, and turns StorageFull
/// into its Error. Nested: a savepoint, and both exceptions go on to the outermost.
/// `work` may run more than once, so it must not change anything outside the database.
template <class Work>
[[nodiscard]] auto write(Database& database, Work&& work) -> std::invoke_result_t<Work&> {
    const bool is_nested = database.is_in_transaction();
    for (int attempt = 1;; ++attempt) {
        try {
            Transaction transaction{database};
            auto result = work();
            if (result.has_value()) {
                transaction.commit();
            }
            return result;
        } catch (const StorageBusy& busy) {
            if (is_nested) {
                throw;
            }
            if (attempt >= busy_attempts) {
                return busy.error();
            }
        } catch (const StorageFull& full) {
            if (is_nested) {
                throw;
            }
            return full.error();
        }
    }
}

} // namespace reviewd::store
