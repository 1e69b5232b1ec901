#include "daemon/service/send_budget.hpp"

#include <algorithm>

namespace reviewd::service {
namespace {

constexpr std::chrono::hours day{24};

} // namespace

TimePoint SendBudget::free_at(Recipient recipient, TimePoint now) const {
    const auto found = by_recipient_.find(recipient);
    if (limits_.per_recipient == 0 || found == by_recipient_.end()) {
        return now;
    }
    const auto limit = static_cast<std::size_t>(limits_.per_recipient);
    const std::vector<TimePoint>& times = found->second;
    return times.size() < limit ? now : std::max(now, times[times.size() - limit] + day);
}

TimePoint SendBudget::free_at(TimePoint now) const {
    const auto limit = static_cast<std::size_t>(limits_.overall);
    const std::size_t count = all_.size() - returned_;
    if (limits_.overall == 0 || count < limit) {
        return now;
    }
    // What was given back is not looked for: the answer may come early, never late, and is asked
    // for again then.
    const std::size_t index = std::min(all_.size() - 1, count - limit);
    return std::max(now, all_[index].first + day);
}

void SendBudget::take(Recipient recipient, TimePoint now) {
    forget(now);
    if (limits_.overall == 0 && limits_.per_recipient == 0) {
        return;
    }
    all_.emplace_back(now, recipient);
    by_recipient_[recipient].push_back(now);
}

void SendBudget::give_back(Recipient recipient) {
    const auto found = by_recipient_.find(recipient);
    if (found == by_recipient_.end()) {
        return;
    }
    found->second.pop_back();
    if (found->second.empty()) {
        by_recipient_.erase(found);
    }
    ++given_back_[recipient];
    ++returned_;
}

void SendBudget::forget(TimePoint now) {
    while (!all_.empty() && all_.front().first + day <= now) {
        const Recipient recipient = all_.front().second;
        all_.pop_front();
        const auto returned = given_back_.find(recipient);
        if (returned != given_back_.end()) {
            --returned_;
            if (--returned->second == 0) {
                given_back_.erase(returned);
            }
            continue;
        }
        const auto times = by_recipient_.find(recipient);
        if (times != by_recipient_.end()) {
            times->second.erase(times->second.begin());
            if (times->second.empty()) {
                by_recipient_.erase(times);
            }
        }
    }
}

} // namespace reviewd::service
