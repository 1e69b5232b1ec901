#pragma once

#include "daemon/message/digest.hpp"

#include <string>

namespace reviewd::message {

/// The digest for machines (webhook, file). Names are stable; new ones may come, none goes. Text is
/// as it was recorded, not escaped for showing. What is empty or absent is left out, except the
/// lists.
///
///     {"version": 1, "kind": "digest", "id": "…",
///      "recipient": "Sam Reed", "language": "en", "today": "2026-11-29", "data_as_of": "06:00",
///      "stale": ["purchases (3 days)"],
///      "counts": {"escalated": 0, "late": 1, "today": 1, "invite": 0, "week": 4},
///                                      late and week: those without an item, too
///      "items": [
///        {"section": "late",              escalated, late, today, invite or week
///         "reminder": "…",                permanent key of the reminder
///         "review": 12, "account": {"key": "1001", "name": "Hartley Print"},
///         "level": "high", "score": 73, "is_judged": true,      score: up to 3 decimal places
///         "is_promise": false,            true: today for what was promised alone
///         "due": "2026-11-27", "latest": "2026-12-04", "late_days": 2,
///         "appointment": {"day": "2026-11-30", "time": "16:30", "zone": "Europe/London"},
///                                         by the owner's clock; no time: the day alone
///         "cause": "renewal on 15 Jan", "owner": "Kim Roe", "away_owner": "Al Poe",
///         "contact": {"name": "…", "role": "…", "phone": "…", "email": "…"},
///         "last": {"day": "2026-10-16", "outcome": "call", "note": "…",
///                  "promises": ["…"]},
///         "base": 20, "reasons": [{"points": 45, "text": "…"}],
///         "complaint": {"key": "T-77", "title": "…", "open_days": 1, "fix": "…"},
///         "questions": ["…"], "offer": "…", "tip": "…", "script": "…",
///         "attempts": [{"day": "2026-11-28", "outcome": "no-answer"}],
///         "answer_url": "https://…"}]}
[[nodiscard]] std::string payload_of(const Digest& digest);

/// JSON is UTF-8: what is not is shown as escapes.
[[nodiscard]] std::string valid_words(const std::string& text);

/// "escalated", "late", "today", "invite", "week".
[[nodiscard]] std::string_view name(Section section);

} // namespace reviewd::message
