#pragma once

#include "daemon/service/context.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/result.hpp"

namespace reviewd::service {

/// Resolves the people anew when the tz database is not the one that their zones were loaded from.
/// To be called before a day begins, so that nobody has to restart or reload the daemon.
/// @errors of the store; then it is to be tried again
[[nodiscard]] Result<void> follow_tz_database(Context& context, const Actor& actor, TimePoint now);

/// Resolves the people anew, and follows what became of their zones (move_with_zones), in a
/// transaction of its own.
/// @errors of the store; then the people are as before
[[nodiscard]] Result<void> resolve_people(Context& context, const Actor& actor, TimePoint now);

/// After the people were resolved anew, or at a start: what is planned for them and not written yet
/// keeps its civil day and local time, and gets the moment that these are in their zone now. What
/// they were before is what the database keeps (KeptZones), so an update of the tz database, or of
/// the configuration, is followed whether a process lived through it or not. In the caller's
/// transaction, with a line in the audit when somebody's zone is another one.
void move_with_zones(Context& context, const Actor& actor, TimePoint now);

} // namespace reviewd::service
