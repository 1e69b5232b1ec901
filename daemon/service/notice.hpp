#pragma once

#include <string>
#include <vector>

namespace reviewd::service {

/// Something that happened and belongs into the log: one line with a stable name.
struct Notice {
    enum class Severity { information, warning, error } severity = Severity::information;
    std::string name;    ///< stable, for instance "import.accepted"
    std::string message; ///< for a person; one line, controls escaped, no secret
};

using Notices = std::vector<Notice>;

} // namespace reviewd::service
