#pragma once

#include "daemon/message/render.hpp"
#include "daemon/service/digest_maker.hpp"
#include "scoring/base/result.hpp"

#include <string>
#include <vector>

namespace reviewd::service {

/// What becomes of a delivery when it is frozen, but for the address.
struct Composed {
    message::Rendered rendered;
    std::string thread_id; ///< what mails about the one review have in common; empty: several
    std::string calendar;
    std::vector<store::LinkGrant> links;
    std::vector<std::string> problems;
};

/// How much a channel may learn.
enum class Detail {
    full,
    minimal, ///< no customer's name or numbers
};

/// What a channel gets of what there is to say.
struct Extent {
    Detail detail = Detail::full;
    message::Html html = message::Html::composed;
};

/// Renders a delivery of any kind as of `now`.
/// @param reminded of a digest or a message at once; empty for the others
/// @errors `bad_data` when its content is none of ours
[[nodiscard]] Result<Composed> compose(
    const Context& context,
    const store::Delivery& delivery,
    const std::vector<RemindedReview>& reminded,
    Extent extent,
    TimePoint now
);

/// Whether deliveries of the kind carry reminders, which have to stand until they are sent.
[[nodiscard]] bool carries_reminders(const std::string& kind);

} // namespace reviewd::service
