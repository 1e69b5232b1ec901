#pragma once

#include "daemon/store/connection.hpp"

#include <string>
#include <vector>

namespace reviewd::store {

/// What holds between tables at every commit, beyond what the schema itself enforces.
enum class InspectionDepth {
    open, ///< what is not final: costs as much as there is to do
    all,  ///< the whole history as well: reads every table
};

/// A promise between tables that is broken.
struct Inconsistency {
    std::string promise; ///< "every closed review has its event"
    std::string found;   ///< the first row that breaks it
};

/// Looks for broken promises; for the simulator and for whoever checks a copy.
[[nodiscard]] std::vector<Inconsistency> inspect(Connection& connection, InspectionDepth depth);

} // namespace reviewd::store
