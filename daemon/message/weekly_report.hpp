#pragma once

#include "daemon/message/render.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::message {

/// How one salesperson's week went, and what comes.
struct TeamRow {
    std::string name;
    std::int64_t accounts = 0;
    std::int64_t held = 0; ///< reviews held in the report's period
    /// Open reviews past their due day, or past their latest one while somebody stands in.
    std::int64_t overdue = 0;
    std::int64_t too_late = 0; ///< open ones past their latest day: their accounts are not covered
    std::int64_t planned = 0;  ///< reviews due in the next seven days
    int room = 0;              ///< places of those days, as `forecast` counts them
};

struct LevelMove {
    std::string account, owner, from, to;
    bool is_up = false;
    Date day{};
};

struct OverdueReview {
    std::string account, owner, level;
    Date due{};
    std::optional<Date> waits_until{}; ///< the next try, or the end of a snooze; absent: none
};

/// What a manager reads on the first morning of a week.
struct WeeklyReport {
    std::string id; ///< permanent key of the message
    std::string recipient;
    Habits habits;
    Date today{};
    Date from{}; ///< the week that the report is about: what was held, and which levels changed
    Date until{};
    std::vector<TeamRow> team;          ///< by name
    std::vector<OverdueReview> overdue; ///< the latest first; the first few of overdue_count
    std::vector<LevelMove> moves;       ///< newest first; the first few of move_count
    std::int64_t overdue_count = 0;
    std::int64_t move_count = 0;
    std::string data_as_of;
    std::vector<std::string> stale;
};

/// Share of accounts that are not past the latest day of their review, in whole percent; 100 when
/// there are none. Rounds down, so that 100 means all.
[[nodiscard]] int covered_percent(const TeamRow& row);

/// Composes the report by the templates `week_subject`, `week_text` and `week_html`; as render() of
/// a digest does. Its payload:
///
///     {"version": 1, "kind": "week", "id": "…", "recipient": "…", "language": "en",
///      "today": "2026-11-23", "from": "2026-11-16", "until": "2026-11-22",
///      "team": [{"name": "…", "accounts": 12, "held": 3, "overdue": 1, "too_late": 0,
///                "covered_percent": 100, "planned": 5, "room": 12}],
///      "overdue_count": 1,
///      "overdue": [{"account": "…", "owner": "…", "level": "high", "due": "2026-11-13",
///                   "waits_until": "2026-12-01"}],    the next try, or the end of a snooze, if any
///      "level_changes": 2,
///      "levels": [{"account": "…", "owner": "…", "from": "medium", "to": "high",
///                  "day": "2026-11-18"}]}
[[nodiscard]] Rendered render(
    const WeeklyReport& report, const Templates& templates, Html html = Html::composed
);
/// What its templates may name.
[[nodiscard]] Value view_of(const WeeklyReport& report);

/// A few words to one person: something that is not a review's reminder.
struct Notice {
    std::string id;
    std::string recipient;
    Habits habits;
    Date today{};
    std::string what; ///< "not-mine"
    std::string account, owner, note;
    std::string review;                             ///< its number
    std::optional<Date> quiet_until = std::nullopt; ///< nobody is reminded before that day
};

/// By the templates `notice_subject`, `notice_text` and `notice_html`.
[[nodiscard]] Rendered render(
    const Notice& notice, const Templates& templates, Html html = Html::composed
);
/// What its templates may name.
[[nodiscard]] Value view_of(const Notice& notice);

/// The words that go with an entry for somebody's calendar.
struct Invitation {
    std::string id;
    std::string recipient;
    Habits habits;
    std::string summary;
    std::string when; ///< "27 Nov 10:30"
    std::string contact;
    bool is_changed = false;
    bool is_cancelled = false; ///< for the recipient
    /// From whom the recipient takes it over, or, cancelled, who has it now; empty: nobody.
    std::string other{};
};

/// By the templates `invitation_subject`, `invitation_text` and `invitation_html`.
[[nodiscard]] Rendered render(
    const Invitation& invitation, const Templates& templates, Html html = Html::composed
);
/// What its templates may name.
[[nodiscard]] Value view_of(const Invitation& invitation);

} // namespace reviewd::message
