#pragma once

// daemon/intake: from files of other systems to checked, typed rows, and from there into the store
// in short steps. Reads bytes through ByteSource only; writes through daemon/store. Includes
// config/loader, daemon/store and scoring/*.

#include "scoring/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace reviewd::intake {

/// Bytes that can be read from any offset, as often as needed.
class ByteSource {
public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    /// Fills `into` from `offset` on.
    /// @returns the number of bytes read: fewer than asked for only at the end, 0 at or behind it
    /// @errors `io_failed`
    [[nodiscard]] virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> into) = 0;
};

/// Text that somebody else keeps alive.
class MemorySource final : public ByteSource {
public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

    [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;

private:
    std::string_view bytes_;
};

} // namespace reviewd::intake
