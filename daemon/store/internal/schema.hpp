#pragma once

#include <span>
#include <string_view>

namespace reviewd::store {

/// One numbered file of daemon/store/schema; step n leads to version n.
struct SchemaStep {
    std::string_view name;
    std::string_view sql;
};

/// All steps, in order.
[[nodiscard]] std::span<const SchemaStep> schema_steps() noexcept;

/// Marks a file as ours ("RVWD" in ASCII): PRAGMA application_id.
inline constexpr int application_id = 0x52565744;

} // namespace reviewd::store
