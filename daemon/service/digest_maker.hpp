#pragma once

#include "daemon/message/digest.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/delivery.hpp"
#include "daemon/store/reviews.hpp"

#include <string>
#include <vector>

namespace reviewd::service {

/// A reminder with the review it is about.
struct RemindedReview {
    store::Reminder reminder;
    store::Review review;
};

/// What a person reads: the reminders of one delivery, each with its account's story, the most
/// urgent first.
/// @param problems gets one line per text that could not be used
[[nodiscard]] message::Digest make_digest(
    const Context& context,
    const store::Delivery& delivery,
    const std::vector<RemindedReview>& reminded,
    TimePoint now,
    std::vector<std::string>& problems
);

/// One review as its owner's message shows it; to another reader with the owner's name.
[[nodiscard]] message::Item make_item(
    const Context& context,
    const PersonProfile& reader,
    const store::Review& review,
    Date today,
    std::vector<std::string>& problems
);

/// Sources whose data is older than their `stale_after`, in words; and the time of the newest data.
struct DataAge {
    std::string as_of;
    std::vector<std::string> stale;
};
[[nodiscard]] DataAge data_age(const Context& context, const PersonProfile& reader, TimePoint now);

/// Whether the source's last success is older than its `stale_after` at `now`.
[[nodiscard]] bool is_stale(
    const config::SourceSettings& settings,
    const std::optional<TimePoint>& last_success,
    const review::Zone& zone,
    TimePoint now
);

} // namespace reviewd::service
