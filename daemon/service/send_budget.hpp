#pragma once

#include "scoring/base/date.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace reviewd::service {

/// How many messages one recipient, and all together, may get within any 24 hours. What was given
/// out counts until it is given back. Pure.
class SendBudget {
public:
    struct Limits {
        int per_recipient = 0; ///< 0: no limit
        int overall = 0;       ///< 0: no limit
    };
    using Recipient = std::int64_t; ///< a person's number

    explicit SendBudget(Limits limits) : limits_(limits) {}

    [[nodiscard]] const Limits& limits() const { return limits_; }
    void set_limits(Limits limits) { limits_ = limits; }

    /// When the recipient may get one more; at most `now` when that is now.
    [[nodiscard]] TimePoint free_at(Recipient recipient, TimePoint now) const;
    /// The same for everybody together.
    [[nodiscard]] TimePoint free_at(TimePoint now) const;

    /// @pre times never fall
    void take(Recipient recipient, TimePoint now);
    /// It came to nothing: the newest of the recipient is taken back.
    void give_back(Recipient recipient);

private:
    void forget(TimePoint now);

    Limits limits_;
    std::deque<std::pair<TimePoint, Recipient>> all_;
    std::unordered_map<Recipient, std::vector<TimePoint>> by_recipient_;
    std::unordered_map<Recipient, int> given_back_; ///< entries of all_ that do not count any more
    std::size_t returned_ = 0;
};

} // namespace reviewd::service
