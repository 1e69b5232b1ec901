#include "daemon/service/judge_account.hpp"

#include <algorithm>

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

review::Window window_since(
    const std::vector<Date>& held, const review::Cadence& cadence, const review::Calendar& calendar
) {
    unsigned anchor = day_of_month(held.front());
    for (std::size_t i = 1; i < held.size(); ++i) {
        const Date target = review::target_after(held[i - 1], anchor, cadence);
        const bool is_on_target = held[i] == target || held[i] == calendar.next_working(target);
        anchor = review::next_anchor(anchor, target, is_on_target ? target : held[i]);
    }
    return review::window_after(held.back(), anchor, cadence, calendar);
}

review::Window adjusted_window(
    const store::Review& open,
    const std::vector<Date>& held,
    const review::Cadence& cadence,
    const PersonProfile& owner
) {
    if (open.kind == kind_retry) {
        return {open.earliest, open.target, open.latest};
    }
    const Date start = owner.today(open.created);
    review::Window window;
    if (open.kind == kind_deferred) {
        window = review::window_after(start, day_of_month(start), cadence, owner.calendar);
    } else if (held.empty()) {
        window = review::first_windows(start, 1, cadence, owner.calendar).front();
        const Date latest_target = owner.calendar.previous_working(
            std::max(review::target_after(start, day_of_month(start), cadence), window.earliest)
        );
        const Date target = std::min(open.target, latest_target);
        window.target = std::clamp(target, window.earliest, window.latest);
    } else {
        window = window_since(held, cadence, owner.calendar);
    }
    window.earliest = std::min(window.earliest, open.due);
    window.target = std::max(window.target, window.earliest);
    return window;
}

std::vector<Date> days_held(const engine::AccountRecords& records) {
    std::vector<Date> held = records.reviews_held;
    std::sort(held.begin(), held.end());
    return held;
}

} // namespace reviewd::service
