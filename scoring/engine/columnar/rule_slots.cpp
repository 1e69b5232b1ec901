#include "scoring/engine/columnar/rule_slots.hpp"

#include <algorithm>
#include <variant>

namespace reviewd::engine::columnar {

std::vector<std::uint32_t> slots_of(const rules::Rule& rule) {
    std::vector<std::uint32_t> slots;
    if (rule.when) {
        slots = rule.when->slots();
    }
    if (const auto* points = std::get_if<cel::Expression>(&rule.points)) {
        slots.insert(slots.end(), points->slots().begin(), points->slots().end());
    }
    std::sort(slots.begin(), slots.end());
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    return slots;
}

} // namespace reviewd::engine::columnar
