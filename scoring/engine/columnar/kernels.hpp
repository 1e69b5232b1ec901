#pragma once

#include "scoring/engine/columnar/instruction.hpp"

namespace reviewd::engine::columnar {

/// What a value is made of.
enum class Lane { byte, short_integer, integer, long_integer, real };

[[nodiscard]] std::size_t width_of(Lane lane);

enum class Comparison { equal, not_equal, less, less_equal, greater, greater_equal };
enum class Arithmetic { add, subtract, multiply, divide, remainder, least, greatest };
enum class MaskOperation { all_of, any_of };
enum class RightOperand { value, constant };

/// Each function gives the kernel that does what its comment says; inputs and constants are named
/// in order. Code widths are 1, 2 or 4 bytes.

/// Mask of the codes from constant 0 on, at most constant 1 beyond; wraps around.
[[nodiscard]] Kernel range_kernel(std::size_t code_width);
/// The table's element for each code. The table holds lanes.
[[nodiscard]] Kernel lookup_kernel(std::size_t code_width, Lane lane);
/// The same for codes of one byte and bytes in a table padded to a multiple of 16.
/// @pre table_size <= longest_short_table
[[nodiscard]] Kernel short_lookup_kernel(std::size_t table_size);
inline constexpr std::size_t longest_short_table = 128;
/// The code plus constant 0.
[[nodiscard]] Kernel offset_kernel(std::size_t code_width, Lane lane);

/// Mask of the sets that have a bit of constant 0; how many bits a set has, as short_integer.
[[nodiscard]] Kernel set_member_kernel(std::size_t set_width);
[[nodiscard]] Kernel set_size_kernel(std::size_t set_width);

/// @pre 2 <= count <= most_mask_inputs
[[nodiscard]] Kernel mask_kernel(MaskOperation operation, std::size_t count);
inline constexpr std::size_t most_mask_inputs = 4;
[[nodiscard]] Kernel not_kernel();

/// Mask of a compared with b, or with constant 0.
[[nodiscard]] Kernel compare_kernel(Lane lane, Comparison comparison, RightOperand right);
/// a combined with b, or with constant 0. Whole numbers must not leave the lane, divisors not be 0.
[[nodiscard]] Kernel arithmetic_kernel(Lane lane, Arithmetic operation, RightOperand right);
/// Constant 0 in every row.
[[nodiscard]] Kernel fill_kernel(Lane lane);
/// b where the mask a is set, else c.
[[nodiscard]] Kernel select_kernel(Lane lane);
/// @pre from is narrower than to, or equal
[[nodiscard]] Kernel convert_kernel(Lane from, Lane to);

/// Of reals, as engine::to_points has it: thousandths as integers, 0 where it gives nothing.
[[nodiscard]] Kernel points_kernel();
/// Mask of where it gives something.
[[nodiscard]] Kernel points_fit_kernel();

/// Sum over the inputs, all masks, of constant i where mask i is set. Bytes wrap around.
/// @pre 1 <= count <= most_inputs
[[nodiscard]] Kernel masked_sum_kernel(Lane lane, std::size_t count);
/// Sum of the inputs.
[[nodiscard]] Kernel sum_kernel(Lane from, Lane to, std::size_t count);
/// b where the mask a is set, else 0.
[[nodiscard]] Kernel masked_value_kernel(Lane lane);
/// a plus constant 0, kept within plus and minus constant 1.
[[nodiscard]] Kernel cap_kernel(Lane lane);

/// Writes the points and levels of a + constant 0, kept within constants 1 and 2, times constant 3;
/// constant 4 edges follow: the level is the number of edges that are not reached.
[[nodiscard]] Kernel finish_kernel(Lane lane);
/// Writes the sum number constant 0: (a + constant 1) times constant 2.
[[nodiscard]] Kernel store_sum_kernel(Lane lane);
/// Writes which rows could be judged (mask a), and constant 0 as the level of the others.
[[nodiscard]] Kernel judged_kernel();

} // namespace reviewd::engine::columnar
