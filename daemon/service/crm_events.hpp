#pragma once

#include "daemon/service/context.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/scores.hpp"

namespace reviewd::service {

// What other systems are told: events on the channels that `events:` names, through the outbox, in
// the transaction of what happened. Each is a JSON object:
//
//     {"type": "review.done", "timestamp": "2026-11-20T10:15:00.000Z", "data": {
//       "account": {"source": "accounts", "key": "hartley", "name": "Hartley Print"},
//       "owner": "ana",
//       "review": {"id": 12, "kind": "periodic", "level": "high", "due": "2026-11-20",
//                  "latest": "2026-12-04"},
//       "held_on": "2026-11-20", "note": "…", "answers": {"satisfaction": 9},    review.done
//       "level": {"from": "medium", "to": "high", "points": 73}}}               level.changed
//
// `owner` is null for nobody's. Inside a transaction, all of them.

/// `review.planned`: it has a new day. Before the review's update: once per version and day.
void tell_planned(Context& context, const store::Review& review, TimePoint now);
/// `review.done`, with its answers as they are recorded.
void tell_done(Context& context, const store::Review& review, TimePoint now);
/// `level.changed`, once for each line of the history; a first score is no change.
void tell_level(
    Context& context, const store::ScoreChange& change, store::ScoreChangeId id, TimePoint now
);

} // namespace reviewd::service
