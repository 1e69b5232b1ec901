#pragma once

#include "scoring/cel/type.hpp"

#include <cstddef>

namespace reviewd::cel {

/// The parameter at `index`; `dyn` where there is none.
[[nodiscard]] Type type_parameter(const Type& type, std::size_t index);

/// int, uint or double.
[[nodiscard]] bool is_number_type(const Type& type) noexcept;

} // namespace reviewd::cel
