#pragma once

#include "config/loader/configuration.hpp"
#include "scoring/base/diagnostic.hpp"

namespace reviewd::app {

/// What a configuration shows beyond what loading it finds: what would keep the daemon from
/// starting, what the files of its sources say otherwise, people whom nobody reaches, templates
/// that fail. Only the first of these can be errors: data and templates may come later.
///
/// Reads the files of the sources, which may take a while. Any thread.
/// @pre it was read from files, so that it knows its places
[[nodiscard]] Diagnostics check_fully(const config::Configuration& configuration);

} // namespace reviewd::app
