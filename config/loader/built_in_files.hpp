#pragma once

#include <string>

namespace reviewd::config {

/// The text of config/default/reviewd.yaml: what holds where the main file is silent.
[[nodiscard]] std::string built_in_settings();

/// The text of config/default/agenda.yaml.
[[nodiscard]] std::string built_in_agenda();

} // namespace reviewd::config
