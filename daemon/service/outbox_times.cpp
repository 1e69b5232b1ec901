#include "daemon/service/outbox_times.hpp"

#include "scoring/base/assert.hpp"

namespace reviewd::service {

void OutboxTimes::forget_what_changed() {
    REVIEWD_ASSERT(!database_.is_in_transaction());
    if (changes_ != database_.delivery_changes()) {
        changes_ = database_.delivery_changes();
        housekeeping_.reset();
        planned_.reset();
        due_.clear();
    }
}

std::optional<TimePoint> OutboxTimes::next_housekeeping() {
    forget_what_changed();
    if (!housekeeping_) {
        housekeeping_ = store::Outbox{database_}.next_housekeeping();
    }
    return *housekeeping_;
}

const std::vector<OutboxTimes::Planned>& OutboxTimes::planned() {
    forget_what_changed();
    if (!planned_) {
        store::Outbox outbox{database_};
        std::vector<Planned> planned;
        for (std::string& channel : outbox.channels_with_plans()) {
            if (const std::optional<TimePoint> next = outbox.next_planned(channel)) {
                planned.push_back({std::move(channel), *next});
            }
        }
        planned_ = std::move(planned);
    }
    return *planned_;
}

std::optional<TimePoint> OutboxTimes::next_due(std::string_view channel) {
    forget_what_changed();
    const auto known = due_.find(channel);
    if (known != due_.end()) {
        return known->second;
    }
    return due_.emplace(channel, store::Outbox{database_}.next_due(channel)).first->second;
}

} // namespace reviewd::service
