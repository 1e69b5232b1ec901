#pragma once

#include "daemon/message/operator_digest.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/morning_look.hpp"
#include "scoring/base/result.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reviewd::service {

/// Tells the people of `operators:`, on their mornings, what was given up since they were told
/// last, what waits for a person: held, uncertain, or on a channel that somebody paused; and which
/// accounts belong to nobody because whom they name is gone. One digest per person, day and
/// channel, and none when nothing of it is new; what waits still, or has no owner yet, is named
/// beside other news. A digest of this kind that was given up or waits itself is counted among
/// others of the time, and is no reason to make one.
class OperatorDigests {
public:
    explicit OperatorDigests(Context& context) : context_(context) {}

    /// @returns whether something was planned
    [[nodiscard]] Result<bool> step(TimePoint now);
    [[nodiscard]] std::optional<TimePoint> next_wake() const { return look_.next(); }

private:
    [[nodiscard]] std::vector<const PersonProfile*> operators();
    bool plan(const PersonProfile& reader, TimePoint now);

    Context& context_;
    MorningLook look_{context_};
    std::set<std::string> told_; ///< keys of nobody, named in the log already
};

/// What a delivery that step() planned says, as of `now`.
/// @errors `bad_data` when its content is not what step() writes
[[nodiscard]] Result<message::OperatorDigest> read_operator_digest(
    const Context& context, const store::Delivery& delivery, TimePoint now
);

} // namespace reviewd::service
