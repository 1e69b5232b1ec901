#pragma once

#include "daemon/service/context.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace reviewd::service {

/// When something that comes of a morning has to be looked at again: at the next morning of those
/// who read it, and whenever people, settings or the clock are others than at the last look.
class MorningLook {
public:
    /// @param context outlives this
    explicit MorningLook(const Context& context) : context_(context) {}

    /// Whether the time to look has come.
    [[nodiscard]] bool is_due(TimePoint now) const;
    /// Everything was looked at. @param readers of what comes of a morning
    void note(std::span<const PersonProfile* const> readers, TimePoint now);
    /// Nothing before it; absent: look now.
    [[nodiscard]] std::optional<TimePoint> next() const { return next_; }

private:
    const Context& context_;
    std::optional<TimePoint> next_;
    TimePoint looked_{}; ///< the last look
    std::uint64_t people_revision_ = 0;
};

} // namespace reviewd::service
