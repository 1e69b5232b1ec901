#pragma once

#include "scoring/base/log_event.hpp"

#include <string>
#include <vector>

namespace reviewd::service {

/// Something that happened and belongs into the log: one line.
struct Notice {
    LogEvent event{};
    std::string message; ///< for a person; one line, controls escaped, no secret
};

using Notices = std::vector<Notice>;

} // namespace reviewd::service
