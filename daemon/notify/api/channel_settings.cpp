#include "daemon/notify/api/channel_settings.hpp"

#include "daemon/notify/api/notifier.hpp"
#include "scoring/base/assert.hpp"

#include <algorithm>

namespace reviewd::notify {

int read_concurrency(config::MapReader& settings, int most) {
    REVIEWD_ASSERT(most >= 1 && most <= deliveries_at_once_max);
    const config::Node* const node = settings.find("concurrency");
    const auto number =
        node == nullptr ? std::nullopt : config::read_integer(*node, settings.report(), 1, most);
    return static_cast<int>(number.value_or(1));
}

std::ptrdiff_t count_errors(const config::Report& report) {
    const Diagnostics& found = report.diagnostics();
    return std::count_if(found.begin(), found.end(), [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Severity::error;
    });
}

} // namespace reviewd::notify
