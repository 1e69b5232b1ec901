#pragma once

#include "scoring/engine/columnar/instruction.hpp"
#include "scoring/engine/columnar/program.hpp"

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
    std::uint64_t revision = 0; ///< of the columns
};

} // namespace reviewd::engine::columnar
