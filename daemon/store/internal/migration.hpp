#pragma once

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/schema.hpp"
#include "scoring/base/result.hpp"

#include <span>

namespace reviewd::store {

/// As long as it lives, steps may write the definitions of tables. Otherwise no statement may.
class Definable {
public:
    explicit Definable(Connection::Implementation& connection);
    ~Definable();
    Definable(const Definable&) = delete;
    Definable& operator=(const Definable&) = delete;

private:
    void set_defensive(int value);

    Connection::Implementation& connection_;
};

/// Applies the steps that the file has not seen, all of them in one transaction.
/// @errors `bad_data` when the file is not ours, or newer than the last step; nothing was changed
[[nodiscard]] Result<void> migrate(
    Connection::Implementation& connection, std::span<const SchemaStep> steps
);

/// Whether the file may be migrated or read at all; changes nothing.
[[nodiscard]] Result<void> check_origin(
    Connection::Implementation& connection, std::size_t newest_version
);

} // namespace reviewd::store
