#pragma once

#include "daemon/message/weekly_report.hpp"
#include "daemon/service/context.hpp"

namespace reviewd::service {

/// How the people below `reader` did in the seven days before the weekday of the report, and what
/// the next seven bring. Its id is the caller's to set.
[[nodiscard]] message::WeeklyReport make_weekly_report(
    const Context& context, const PersonProfile& reader, TimePoint now
);

} // namespace reviewd::service
