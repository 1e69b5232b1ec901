#include "daemon/service/judge_account.hpp"

#include "daemon/service/standing_in.hpp"
#include "daemon/store/outcomes.hpp"

#include <algorithm>
#include <iterator>

namespace reviewd::service {

std::optional<std::size_t> find_level(const rules::RuleSet& rules, std::string_view name) {
    for (std::size_t i = 0; i < rules.levels.size(); ++i) {
        if (rules.levels[i].name == name) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<engine::HeldLevel> held_level(
    const rules::RuleSet& rules, const store::AccountScore* kept
) {
    const auto index = kept == nullptr ? std::nullopt : find_level(rules, kept->level);
    return index ? std::optional{engine::HeldLevel{*index, kept->level_since}} : std::nullopt;
}

Judged judge_account(
    const rules::RuleSet& rules,
    engine::FactRow facts,
    const std::optional<store::AccountScore>& kept,
    Date today
) {
    const auto held = held_level(rules, kept ? &*kept : nullptr);
    Judged judged;
    judged.facts = std::move(facts);
    judged.score = engine::evaluate(rules, judged.facts);
    judged.level = engine::decide_level(rules, judged.score, held, today);
    judged.cadence = engine::cadence_for(rules, judged.level.level, judged.facts);
    return judged;
}

store::AccountScore to_kept(
    const rules::RuleSet& rules,
    AccountId account,
    const Judged& judged,
    store::RulesVersionId version,
    Date today
) {
    return {
        account,
        judged.score.points,
        rules.levels[judged.level.level].name,
        judged.level.since,
        rules.levels[judged.score.level].name,
        judged.score.is_judged,
        version,
        today,
        {},
        {}};
}

review::Cadence to_cadence(const engine::CadenceInForce& cadence) {
    return {cadence.not_before, cadence.review_every, cadence.at_latest};
}

engine::CadenceInForce cadence_of(const rules::RuleSet& rules, const store::Review& review) {
    const std::size_t level = find_level(rules, review.level).value_or(rules.levels.size() - 1);
    for (std::size_t i = 0; i < rules.cadences.size(); ++i) {
        engine::CadenceInForce refined = engine::refined_cadence(rules, level, i);
        if (refined.name == review.cadence) {
            return refined;
        }
    }
    return engine::refined_cadence(rules, level, std::nullopt);
}

review::Window window_since(
    const std::vector<Date>& held, const review::Cadence& cadence, const review::Calendar& calendar
) {
    review::LastHeld last = review::begin_series(held.front());
    for (std::size_t i = 1; i < held.size(); ++i) {
        last = review::go_on(last, held[i], cadence, calendar);
    }
    return review::window_after(last, cadence, calendar);
}

namespace {

/// A missed review is tried again in about so many working days.
constexpr int retry_days = 10;

/// Of an account that was never reviewed. It is not overdue because its level or its cadence
/// became another one: the hard maximum counts from the day on which the review got them, and one
/// that would be over by now, since the rules changed, counts from now, though it gives no more
/// time than there was.
review::Window first_window(
    const store::Review& open, const CadenceNow& now, const PersonProfile& owner
) {
    const Date start = owner.today(open.created);
    const Date since = std::max(start, now.since.value_or(start));
    const auto counted_from = [&](Date day) {
        return review::first_windows(day, 1, now.cadence, owner.calendar).front();
    };
    review::Window window = counted_from(since);
    if (window.latest < now.today) {
        const Date given = std::max(open.latest, window.latest);
        window.latest = std::min(given, counted_from(now.today).latest);
    }
    window.earliest = std::min(counted_from(start).earliest, window.latest);
    const Date latest_target = owner.calendar.previous_working(
        std::max(review::target_after(review::begin_series(since), now.cadence), window.earliest)
    );
    const Date target = std::min(open.pulled_from.value_or(open.target), latest_target);
    window.target = std::clamp(target, window.earliest, window.latest);
    return window;
}

/// Whether a talk began the clock anew since the review was made: the last talk of all, and one
/// that nobody knew of by then.
/// @param made by its owner's calendar
/// @param known by the company's, which talks are recorded by
bool is_contacted_since(const ReviewClock& clock, Date made, Date known) {
    if (clock.contacts.empty()) {
        return false;
    }
    const Date last = clock.contacts.back();
    const bool is_newest = clock.held.empty() || last > clock.held.back();
    return last >= made || (is_newest && clock.last_noted && *clock.last_noted >= known);
}

/// The window by cadence alone.
review::Window window_by_cadence(
    const store::Review& open, const ReviewClock& clock, const CadenceNow& now, const People& people
) {
    const PersonProfile& owner = people.owner(open.owner);
    const review::Cadence& cadence = now.cadence;
    const Date start = owner.today(open.created);
    const std::vector<Date> restarts = clock.restarts();
    const bool is_contacted =
        is_contacted_since(clock, start, people.zone().civil_day(open.created));
    if (open.kind == kind_retry && !is_contacted) {
        return open.pulled_from ? retry_window(start, owner.calendar) : days_of(open).window;
    }
    if (open.kind == kind_deferred && !is_contacted) {
        return review::window_after(review::begin_series(start), cadence, owner.calendar);
    }
    if (!restarts.empty()) {
        const review::Window window = window_since(restarts, cadence, owner.calendar);
        // Never reviewed is not overdue, and a talk of long ago that somebody notes changes
        // nothing.
        const bool was_over =
            open.kind == kind_first && clock.held.empty() && window.latest < start;
        if (!was_over) {
            return window;
        }
    }
    return first_window(open, now, owner);
}

bool is_pulled(const review::Window& by_cadence, const review::Window& pulled) {
    return pulled.target < by_cadence.target || pulled.latest < by_cadence.latest;
}

/// A day was taken from the review, and what took it is over, or asks for less than it did.
bool is_given_back(
    const store::Review& open, const review::Window& by_cadence, const review::Window& pulled
) {
    return open.pulled_from && open.due < std::min(*open.pulled_from, by_cadence.target)
           && (!is_pulled(by_cadence, pulled) || pulled.latest > open.latest);
}

/// Review::pulled_from as it is now. What a person chose or agreed on is another matter.
std::optional<Date> day_taken(
    const store::Review& open, const review::Window& by_cadence, const review::Window& pulled
) {
    if (open.is_chosen || open.state == store::ReviewState::appointment) {
        return open.pulled_from;
    }
    if (!is_pulled(by_cadence, pulled)) {
        return std::nullopt;
    }
    const bool is_taken_off = pulled.target < open.due && open.due <= by_cadence.latest;
    return is_taken_off && !open.pulled_from ? std::optional{open.due} : open.pulled_from;
}

} // namespace

void ReviewClock::note(Date talk, Date recorded) {
    const bool is_same_day = !contacts.empty() && contacts.back() == talk;
    last_noted = is_same_day ? std::max(last_noted, std::optional{recorded}) : recorded;
    contacts.push_back(talk);
}

std::vector<Date> ReviewClock::restarts() const {
    std::vector<Date> days;
    std::merge(
        held.begin(), held.end(), contacts.begin(), contacts.end(), std::back_inserter(days)
    );
    return days;
}

ReviewClock read_clock(store::Connection& connection, AccountId account, Date today) {
    ReviewClock clock;
    store::Outcomes outcomes{connection};
    for (const auto& contact : outcomes.contact_days(account, account)) {
        clock.note(contact.day, contact.recorded);
    }
    for (const auto& interactions : outcomes.interactions(account, account, today)) {
        clock.interaction = interactions.last;
        clock.is_more_to_come = interactions.is_more_to_come;
    }
    clock.live = store::Occasions{connection}.live(account);
    return clock;
}

review::Window retry_window(Date missed, const review::Calendar& calendar) {
    const Date target = calendar.add_working_days(missed, retry_days);
    return {
        calendar.add_working_days(missed, 1),
        target,
        calendar.add_working_days(target, retry_days)};
}

ReviewDays days_of(const store::Review& review) {
    return {{review.earliest, review.target, review.latest}, review.pulled_from};
}

void set_days(store::Review& review, const ReviewDays& days) {
    const bool is_nearer = days.window.latest < review.latest;
    review.earliest = days.window.earliest;
    review.target = days.window.target;
    review.latest = days.window.latest;
    review.pulled_from = days.pulled_from;
    if (is_nearer && review.quiet_until && review.state != store::ReviewState::appointment) {
        const Date last = review.is_chosen ? std::max(review.due, review.latest) : review.latest;
        review.quiet_until = std::min(*review.quiet_until, last);
    }
}

ReviewDays adjusted_days(
    const rules::RuleSet& rules,
    const store::Review& open,
    const ReviewClock& clock,
    const CadenceNow& cadence,
    const People& people
) {
    const PersonProfile& owner = people.owner(open.owner);
    review::Window window = window_by_cadence(open, clock, cadence, people);
    const bool is_talked = clock.interaction && *clock.interaction >= owner.today(open.created)
                           && open.kind != kind_retry;
    if (is_talked) {
        window = review::eased(window, *clock.interaction, cadence.cadence, owner.calendar);
    }
    const review::Window pulled = pulled_by(rules, clock.live, window, people, owner);
    // An invitation, a failed call or a chosen day is somebody's work: it is not planned away.
    const bool may_leave = open.state == store::ReviewState::planned && !open.is_chosen;
    const bool is_left =
        may_leave && (is_given_back(open, window, pulled) || open.earliest > open.due);
    const std::optional<Date> pulled_from = day_taken(open, window, pulled);
    if (is_left && open.due < window.latest) { // a day within the window would be kept
        const Date after = owner.calendar.next_working(open.due + std::chrono::days{1});
        window.earliest = std::max(window.earliest, std::min(after, window.latest));
        window.target = std::max(window.target, window.earliest);
    } else if (!may_leave || !is_talked) {
        window.earliest = std::min(window.earliest, open.due);
        window.target = std::max(window.target, window.earliest);
    }
    const review::Window nearer = pulled_by(rules, clock.live, window, people, owner);
    return {limited_by(rules, clock.live, open, nearer, people), pulled_from};
}

std::vector<Date> days_held(const engine::AccountRecords& records) {
    std::vector<Date> held = records.reviews_held;
    std::sort(held.begin(), held.end());
    return held;
}

} // namespace reviewd::service
