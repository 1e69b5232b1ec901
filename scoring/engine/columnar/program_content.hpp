#pragma once

#include "scoring/engine/columnar/instruction.hpp"
#include "scoring/engine/columnar/program.hpp"

#include <map>

namespace reviewd::engine::columnar {

/// A rule as the instruction that interprets it needs it.
struct InterpretedRule {
    rules::Rule rule;
    std::vector<std::uint32_t> slots; ///< that it reads
};

struct Program::Content {
    Code code;
    std::vector<std::unique_ptr<const InterpretedRule>> interpreted; ///< instructions refer to them
    std::vector<Fallback> fallbacks;
    std::map<std::uint32_t, std::uint64_t> revisions; ///< of the columns that rules read, by slot
};

} // namespace reviewd::engine::columnar
