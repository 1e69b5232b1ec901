#include "daemon/intake/byte_source.hpp"

namespace reviewd::intake {

Result<std::size_t> MemorySource::read(std::uint64_t offset, std::span<char> into) {
    if (offset >= bytes_.size()) {
        return std::size_t{0};
    }
    return bytes_.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
}

} // namespace reviewd::intake
