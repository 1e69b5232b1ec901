#pragma once

// What the tests of daemon/store share: a fresh database, rows made by a few words, and a look at
// the tables that no repository gives.

#include "daemon/store/database.hpp"
#include "daemon/store/import_session.hpp"
#include "daemon/store/imports.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/sources.hpp"
#include "scoring/rules/table.hpp"
#include "tests/support/temporary_directory.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::test {

inline constexpr Date some_day{std::chrono::year{2026} / 11 / 20};
inline constexpr TimePoint some_moment{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}};

/// `some_moment` plus minutes.
constexpr TimePoint minute(int minutes) {
    return some_moment + std::chrono::minutes{minutes};
}

/// A database in a directory of its own.
struct StoreFixture {
    TemporaryDirectory directory;
    std::optional<store::InstanceLock> lock;
    std::unique_ptr<store::Database> database;
    rules::Schema schema = rules::built_in_schema();

    StoreFixture();
    /// Closes and opens again, as a restart does.
    void restart();

    /// The first column of the first row, as text; empty when there is none.
    [[nodiscard]] std::string ask(std::string_view sql) const;
    /// Runs any statement; the error's text, or nothing.
    std::string try_sql(std::string_view sql) const;

    [[nodiscard]] SourceId source(std::string_view name, rules::Table table);
    [[nodiscard]] store::ImportRequest request(
        SourceId source,
        rules::Table table,
        store::ImportRequest::Load load = store::ImportRequest::Load::full
    ) const;
    /// A whole import, accepted and applied.
    store::ImportCounts load(
        SourceId source,
        rules::Table table,
        const std::vector<store::ImportRow>& rows,
        Date day = some_day
    );
};

/// Copies the write-ahead log into the file and cuts it to nothing. Outside a Transaction; false
/// when a reader still needs it.
bool checkpoint(store::Database& database);

/// Claims a delivery as it stands, in the caller's Transaction.
/// @pre there is one
[[nodiscard]] Result<store::Claim> claim_now(
    store::Outbox outbox, DeliveryId delivery, TimePoint now
);

/// A row of `table`: the named columns, the others empty.
using Values = std::vector<std::pair<std::string_view, store::Field>>;
[[nodiscard]] store::ImportRow row(const rules::TableSchema& table, Values values);
[[nodiscard]] store::ImportRow account(
    const rules::Schema& schema, std::string key, std::string name, Values more = {}
);

} // namespace reviewd::test
