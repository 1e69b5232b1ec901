#include "daemon/service/suspects.hpp"

namespace reviewd::service {
namespace {

/// Those of some days; a delivery that is forgotten may pause its channel once more.
constexpr std::size_t suspects_most = 256;

} // namespace

void Suspects::add(DeliveryId delivery) {
    if (own_.size() >= suspects_most) {
        own_.clear();
    }
    own_.emplace(delivery, false);
}

void Suspects::took(DeliveryId delivery) {
    own_.erase(delivery);
    for (auto& [other, is_own] : own_) {
        is_own = true;
    }
}

bool Suspects::is_own_trouble(DeliveryId delivery) const {
    const auto found = own_.find(delivery);
    return found != own_.end() && found->second;
}

} // namespace reviewd::service
