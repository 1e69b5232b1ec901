#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reviewd::notify {

/// What is wrong with the name of a mail host, and what to write instead.
struct HostFault {
    std::string message;
    std::string hint; ///< may be empty
};

/// Whether `host` can be the name or the numeric address of a mail host; whether anybody has that
/// name is not asked. Pure.
/// @returns nothing when it can
[[nodiscard]] std::optional<HostFault> find_host_fault(std::string_view host);

} // namespace reviewd::notify
