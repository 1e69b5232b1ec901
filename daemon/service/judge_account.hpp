#pragma once

#include "daemon/review/window.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/account_reader.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/scores.hpp"
#include "scoring/engine/score.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::service {

/// An account's score as of a day, the level that follows and the cadence in force.
struct Judged {
    engine::FactRow facts;
    engine::Score score;
    engine::HeldLevel level; ///< in force, by keep_level
    engine::CadenceInForce cadence;
};

/// The level that a kept score holds; nothing without one, and when the rules no longer know it.
[[nodiscard]] std::optional<engine::HeldLevel> held_level(
    const rules::RuleSet& rules, const store::AccountScore* kept
);

/// @param kept the score in force; absent: the first one
[[nodiscard]] Judged judge_account(
    const rules::RuleSet& rules,
    engine::FactRow facts,
    const std::optional<store::AccountScore>& kept,
    Date today
);

/// As it is kept.
[[nodiscard]] store::AccountScore to_kept(
    const rules::RuleSet& rules,
    AccountId account,
    const Judged& judged,
    store::RulesVersionId version,
    Date today
);

[[nodiscard]] std::optional<std::size_t> find_level(
    const rules::RuleSet& rules, std::string_view name
);

[[nodiscard]] review::Cadence to_cadence(const engine::CadenceInForce& cadence);

/// The cadence that a review was planned by, as the rules in force have it; the level's own one
/// where they do not know it any more, and the lowest level's if not even that.
[[nodiscard]] engine::CadenceInForce cadence_of(
    const rules::RuleSet& rules, const store::Review& review
);

/// The window after the last review held, whose anchor follows from the days of all of them: a
/// review that was held on its target day keeps the series' day of month.
/// @pre `held` is ascending and not empty
[[nodiscard]] review::Window window_since(
    const std::vector<Date>& held, const review::Cadence& cadence, const review::Calendar& calendar
);

/// Why a review was planned; decides from which day its window counts. Kept as Review::kind.
inline constexpr std::string_view kind_first = "first";       ///< the day it was made
inline constexpr std::string_view kind_periodic = "periodic"; ///< the last review held
inline constexpr std::string_view kind_retry = "retry";       ///< soon, after a missed one
inline constexpr std::string_view kind_deferred = "deferred"; ///< the day the last one was skipped

/// What moves an account's review beside its level and cadence.
struct ReviewClock {
    std::vector<Date> held;         ///< reviews, ascending
    std::vector<Date> contacts;     ///< talks that people logged, ascending: they restart the clock
    std::optional<Date> last_noted; ///< the day on which the last one of them was logged
    std::optional<Date> interaction; ///< the last one of the sources: it eases, within the maximum
    bool is_more_to_come = false;    ///< the sources have one that is only planned
    std::vector<store::Occasion> live;

    /// @pre no talk of a later day was noted
    void note(Date talk, Date recorded);
    /// Days from which the next review counts, ascending: reviews and logged contacts.
    [[nodiscard]] std::vector<Date> restarts() const;
};

/// Reads it as of a day, but for the days held.
[[nodiscard]] ReviewClock read_clock(store::Connection& connection, AccountId account, Date today);

/// Of a review that was missed on a day: soon, but not on the same day.
[[nodiscard]] review::Window retry_window(Date missed, const review::Calendar& calendar);

/// Between which days a review is to be held, and the day that a trigger took from it.
struct ReviewDays {
    review::Window window;
    std::optional<Date> pulled_from = std::nullopt; ///< Review::pulled_from
    friend bool operator==(const ReviewDays&, const ReviewDays&) = default;
};
[[nodiscard]] ReviewDays days_of(const store::Review& review);

/// Gives a review its days. Whoever was silent about it did not know of an earlier latest day: the
/// silence ends by then.
void set_days(store::Review& review, const ReviewDays& days);

/// The cadence of an account, as of a day.
struct CadenceNow {
    review::Cadence cadence;
    std::optional<Date> since; ///< the day on which the open review got it; none: when it was made
    Date today{};
};

/// Those of an open review after level, cadence or occasions changed: nearer if need be, never
/// beyond the hard maximum, and not away from the day it has, unless somebody talked with the
/// customer since, or nothing pulls it any more from the day that it had. A window that begins
/// after the day stays so until the planner has left the day.
[[nodiscard]] ReviewDays adjusted_days(
    const rules::RuleSet& rules,
    const store::Review& open,
    const ReviewClock& clock,
    const CadenceNow& cadence,
    const People& people
);

/// `reviews_held` of an account, ascending.
[[nodiscard]] std::vector<Date> days_held(const engine::AccountRecords& records);

} // namespace reviewd::service
