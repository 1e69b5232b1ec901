#pragma once

#include "scoring/base/id.hpp"

#include <cstddef>
#include <map>

namespace reviewd::service {

/// The deliveries for which a channel was paused, as if it were set up wrongly. A receiver says the
/// same of one message that it does not like; which of both is meant shows when it takes another
/// one. Pure; knows the last few hundred.
class Suspects {
public:
    /// The channel was paused for this one.
    void add(DeliveryId delivery);
    /// The channel was tried again, and took this one: the others have only themselves to blame.
    void took(DeliveryId delivery);

    /// Whether something else says more about the channel.
    [[nodiscard]] bool contains(DeliveryId delivery) const { return own_.count(delivery) > 0; }
    /// Whether the channel refuses this message, and not everything.
    [[nodiscard]] bool is_own_trouble(DeliveryId delivery) const;
    [[nodiscard]] std::size_t size() const { return own_.size(); }

private:
    std::map<DeliveryId, bool> own_; ///< whether it is the delivery's own trouble
};

} // namespace reviewd::service
