#pragma once

#include "scoring/base/date.hpp"

#include <optional>

namespace reviewd::review {

/// What somebody's calendar was told last about a review.
struct SentInvitation {
    int sequence = 0;
    TimePoint start{};
    bool is_cancelled = false;
};

/// What to tell it now.
struct InvitationStep {
    enum class Method { request, cancel } method = Method::request;
    int sequence = 0;
    TimePoint start{}; ///< of a cancellation: what is cancelled
    friend bool operator==(const InvitationStep&, const InvitationStep&) = default;
};

/// The step from what a calendar knows to what is wanted, with a sequence above the last one, which
/// calendars ask for; nothing when it is right already.
/// @param wanted the moment of the appointment; absent: none is wanted (any more)
[[nodiscard]] inline std::optional<InvitationStep> next_invitation(
    const std::optional<TimePoint>& wanted, const std::optional<SentInvitation>& sent
) {
    using Method = InvitationStep::Method;
    const bool is_there = sent && !sent->is_cancelled;
    if (!wanted) {
        return is_there
                   ? std::optional{InvitationStep{Method::cancel, sent->sequence + 1, sent->start}}
                   : std::nullopt;
    }
    if (is_there && sent->start == *wanted) {
        return std::nullopt;
    }
    return InvitationStep{Method::request, sent ? sent->sequence + 1 : 0, *wanted};
}

} // namespace reviewd::review
