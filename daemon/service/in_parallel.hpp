#pragma once

#include "scoring/engine/columnar/program.hpp"

#include <cstddef>
#include <functional>

namespace reviewd::service {

/// Calls `work` for ranges that together are the rows 0 … rows - 1, on as many threads as there are
/// processors, and returns when all are done. Few rows are done by the caller alone, as is what the
/// system has no thread for.
/// @param work called from several threads at once, for different rows
void in_parallel(
    std::size_t rows, const std::function<void(engine::columnar::RowRange range)>& work
);

/// Likewise on so many threads. @param threads at least 1
void in_parallel(
    std::size_t rows,
    std::size_t threads,
    const std::function<void(engine::columnar::RowRange range)>& work
);

} // namespace reviewd::service
