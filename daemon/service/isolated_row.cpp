#include "daemon/service/isolated_row.hpp"

#include "daemon/store/outbox.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

namespace reviewd::service {

Result<Notice> hold_row(Context& context, DeliveryId delivery, const Error& reason, TimePoint now) {
    const std::string words = escape_controls(reason.message);
    const Result<void> held =
        store::Outbox{context.database}.hold(delivery, words, std::nullopt, now);
    if (held.has_error()) {
        return held.error();
    }
    return Notice{
        LogEvent::delivery_held, fmt::format("delivery {} is held: {}", delivery.value, words)};
}

} // namespace reviewd::service
