#pragma once

#include "scoring/engine/columnar/kernels.hpp"

#include <bit>
#include <type_traits>

// Says that the turns of the following loop do not depend on each other: outputs never overlap
// inputs, because a register is given back only after the instruction that reads it last.
#if defined(__clang__)
#define REVIEWD_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define REVIEWD_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace reviewd::engine::columnar {

template <class T>
[[nodiscard]] inline T* as(std::byte* memory) {
    return static_cast<T*>(static_cast<void*>(memory));
}

template <class T>
[[nodiscard]] inline const T* input(
    const Instruction& instruction, const Frame& frame, std::size_t index
) {
    return as<const T>(frame.values[instruction.inputs[index]]);
}

template <class T>
[[nodiscard]] inline T* output(const Instruction& instruction, const Frame& frame) {
    return as<T>(frame.values[instruction.output]);
}

template <class T>
[[nodiscard]] inline T constant(const Instruction& instruction, std::size_t index) {
    if constexpr (std::is_floating_point_v<T>) {
        return std::bit_cast<T>(instruction.constants[index]);
    } else {
        return static_cast<T>(instruction.constants[index]);
    }
}

[[nodiscard]] inline std::uint8_t mask_of(bool truth) {
    return static_cast<std::uint8_t>(truth ? 0xFF : 0);
}

} // namespace reviewd::engine::columnar
