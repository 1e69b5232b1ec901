#pragma once

#include "config/loader/settings.hpp"
#include "scoring/base/diagnostic.hpp"

namespace reviewd::app {

/// Sources whose file is absent or cannot be opened, each as a warning at its `file:`. None is an
/// error: exports may come later than the configuration.
[[nodiscard]] Diagnostics check_sources(const config::Settings& settings);

} // namespace reviewd::app
