#pragma once

#include "config/loader/rules_file.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace reviewd::config {

/// For each draft, the index of the file whose place it takes: the one of its name, else the one
/// of which it defines the most again, at least half (rules by `id:`, facts, levels and the like by
/// name), so that a draft may be called anything. No two take the same place.
/// @returns nothing for a draft that does neither: it would join the files
[[nodiscard]] std::vector<std::optional<std::size_t>> find_places(
    const std::vector<RulesFile>& files, const std::vector<RulesFile>& drafts
);

} // namespace reviewd::config
