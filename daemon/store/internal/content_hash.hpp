#pragma once

// daemon/store/internal: statements, schema steps and encodings that only daemon/store itself
// includes. SQL and SQLite types end here.

#include "daemon/store/field.hpp"

#include <cstdint>
#include <string_view>

namespace reviewd::store {

/// A fast 64-bit digest of a row's values, kept with it to tell whether a later import changes it.
/// The value is stored: the algorithm must not change without a migration. Not for secrets.
class ContentHash {
public:
    void add(std::string_view text) noexcept;
    void add(std::int64_t value) noexcept;
    void add(const Field& field) noexcept;
    [[nodiscard]] std::int64_t value() const noexcept;

private:
    std::uint64_t state_ = 0x9e3779b97f4a7c15U;
};

} // namespace reviewd::store
