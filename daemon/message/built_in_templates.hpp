#pragma once

#include "daemon/message/templates.hpp"

#include <span>

namespace reviewd::message {

/// Generated at build time from config/default/templates/*.mustache.
[[nodiscard]] std::span<const BuiltInTemplate> built_in_templates();

} // namespace reviewd::message
