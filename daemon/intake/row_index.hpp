#pragma once

#include "daemon/store/field.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::intake {

/// What a file has shown so far, by a 64-bit hash: 16 bytes an entry, in an open table that is
/// between three and six eighths full. Among ten million keys two collide in one of three hundred
/// thousand files.
class RowIndex {
public:
    struct Entry {
        std::uint64_t hash = 0;   ///< 0: free
        std::uint32_t number = 0; ///< for the user: a line, a count
        std::uint32_t digest = 0; ///< for the user
    };

    struct Found {
        Entry* entry = nullptr; ///< valid until the next call
        bool is_new = false;
    };

    RowIndex();

    [[nodiscard]] Found find_or_add(std::uint64_t hash);
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    [[nodiscard]] Entry& place_of(std::uint64_t hash);
    void grow();

    std::vector<Entry> entries_;
    std::size_t size_ = 0;
};

[[nodiscard]] std::uint64_t hash_of(std::string_view text);

/// A digest of a row's values, for comparing rows of one file.
[[nodiscard]] std::uint32_t digest_of(const store::ImportRow& row);

/// Makes keys for rows that have none: 128 bits of SHA-256 over the values and, where a file has
/// the same row again, its ordinal. The same rows get the same keys in every import, in any order.
class ContentKeys {
public:
    /// @param key_column the row's field to fill; it does not count as a value
    void fill(store::ImportRow& row, std::size_t key_column);

private:
    RowIndex seen_;
    std::string buffer_;
};

} // namespace reviewd::intake
