#pragma once

#include "scoring/base/date.hpp"

#include <optional>

namespace reviewd::review {

/// When an appointment is.
struct AgreedTime {
    TimePoint start{};
    std::optional<Date> day = std::nullopt; ///< without a time: that day in every zone
};

/// A day is compared by itself: where it begins is a matter of the zone.
[[nodiscard]] inline bool is_same(const AgreedTime& one, const AgreedTime& other) {
    return one.day && other.day ? one.day == other.day : one.start == other.start;
}

/// What somebody's calendar was told last about a review.
struct SentInvitation {
    int sequence = 0;
    AgreedTime time;
    bool is_cancelled = false;
};

/// What to tell it now.
struct InvitationStep {
    enum class Method { request, cancel } method = Method::request;
    int sequence = 0;
    AgreedTime time; ///< of a cancellation: what is cancelled
};

/// The step from what a calendar knows to what is wanted, with a sequence above the last one, which
/// calendars ask for; nothing when it is right already.
/// @param wanted the time of the appointment; absent: none is wanted (any more)
[[nodiscard]] inline std::optional<InvitationStep> next_invitation(
    const std::optional<AgreedTime>& wanted, const std::optional<SentInvitation>& sent
) {
    using Method = InvitationStep::Method;
    const bool is_there = sent && !sent->is_cancelled;
    if (!wanted) {
        return is_there
                   ? std::optional{InvitationStep{Method::cancel, sent->sequence + 1, sent->time}}
                   : std::nullopt;
    }
    if (is_there && is_same(sent->time, *wanted)) {
        return std::nullopt;
    }
    return InvitationStep{Method::request, sent ? sent->sequence + 1 : 0, *wanted};
}

} // namespace reviewd::review
