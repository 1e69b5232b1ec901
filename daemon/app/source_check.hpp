#pragma once

#include "config/loader/settings.hpp"
#include "scoring/base/diagnostic.hpp"

namespace reviewd::app {

/// What the sources' files show, each as a warning at the key that says otherwise: a file that is
/// absent or cannot be opened, a column that its header does not have and that `columns:` names or
/// every row needs, an expression that names one, a currency among its first rows without a rate.
/// None is an error: exports may come later than the configuration.
[[nodiscard]] Diagnostics check_sources(
    const config::Settings& settings, const rules::Schema& schema
);

} // namespace reviewd::app
