#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace reviewd {

/// "1 delivery", "0 deliveries", "24 deliveries"
template <std::integral Count>
[[nodiscard]] std::string counted(Count count, std::string_view one, std::string_view many) {
    return std::to_string(count) + ' ' + std::string{count == 1 ? one : many};
}

} // namespace reviewd
