#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace reviewd {

/// A row's number that cannot be mistaken for another table's. 0 means "none".
template <class Tag>
struct Id {
    std::int64_t value = 0;

    [[nodiscard]] explicit operator bool() const noexcept { return value != 0; }
    friend auto operator<=>(const Id&, const Id&) = default;
};

using AccountId = Id<struct AccountTag>;
using PersonId = Id<struct PersonTag>;
using ReviewId = Id<struct ReviewTag>;
using ReminderId = Id<struct ReminderTag>;
using DeliveryId = Id<struct DeliveryTag>;
using SourceId = Id<struct SourceTag>;
using ImportId = Id<struct ImportTag>;

} // namespace reviewd

template <class Tag>
struct std::hash<reviewd::Id<Tag>> {
    std::size_t operator()(const reviewd::Id<Tag>& id) const noexcept {
        return std::hash<std::int64_t>{}(id.value);
    }
};
