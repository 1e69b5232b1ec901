#pragma once

#include "scoring/engine/columnar/fact_columns.hpp"

#include <array>
#include <span>

namespace reviewd::engine::columnar {

/// What an instruction works on: one chunk of rows.
struct Frame {
    /// Where each value of the program is for this chunk: a column's cells or a register.
    std::byte* const* values = nullptr;
    const FactColumns* columns = nullptr;
    std::size_t first_row = 0;
    std::int32_t* points = nullptr;      ///< results of the chunk: thousandths
    std::uint8_t* levels = nullptr;      ///< results of the chunk
    std::uint8_t* is_judged = nullptr;   ///< results of the chunk
    std::int64_t* const* sums = nullptr; ///< results of the chunk, where sums are asked for
};

struct Instruction;
/// Masks are bytes: 255 or 0.
using Kernel = void (*)(const Instruction& instruction, const Frame& frame);

inline constexpr std::size_t most_inputs = 8;

/// One step of a program.
struct Instruction {
    Kernel run = nullptr;
    const std::int64_t* constants = nullptr; ///< reals by their bits
    const void* table = nullptr;
    std::array<std::uint32_t, most_inputs> inputs{}; ///< numbers of values
    std::uint32_t output = 0;                        ///< a second one has the next number
};

/// Instructions in order, with all they refer to. Immutable once made.
struct Code {
    enum class Place : std::uint8_t { scratch, cells, known };
    struct Location {
        Place place = Place::scratch;
        std::uint32_t slot = 0; ///< of the column
        std::size_t offset = 0; ///< in the scratch memory
        std::size_t width = 0;  ///< bytes of an element
    };

    std::vector<Instruction> instructions;
    std::vector<Location> values;
    std::vector<std::uint32_t> column_values; ///< those that are not in scratch memory
    std::vector<std::int64_t> constants;
    std::vector<std::vector<std::byte>> tables;
    std::size_t scratch_bytes = 0;
};

} // namespace reviewd::engine::columnar
