#include "daemon/service/occasion_follower.hpp"

#include <algorithm>
#include <set>

namespace reviewd::service {
namespace {

using store::Occasion;
using store::OccasionState;

/// A contact is planned so long before its day, and an event is news so long after it.
constexpr std::chrono::days foresight{28};
constexpr std::chrono::days news{28};

class Follower {
public:
    Follower(
        const rules::RuleSet& rules,
        const Watched& watched,
        const FindOccasion& find,
        const review::Calendar& calendar,
        Date today
    )
        : rules_(rules), watched_(watched), find_(find), calendar_(calendar), today_(today) {}

    [[nodiscard]] Followed follow() {
        for (const Sighting& sighting : watched_.sightings) {
            see(sighting);
        }
        follow_score();
        for (const Occasion& kept : watched_.live) {
            if (seen_.count(kept.id) == 0) {
                lose(kept);
            }
        }
        return std::move(followed_);
    }

private:
    [[nodiscard]] const rules::Trigger& trigger_of(const Sighting& sighting) const {
        return rules_.triggers[sighting.trigger];
    }

    /// A condition that still holds is the event that it began with.
    [[nodiscard]] const Occasion* find_live(const Sighting& sighting) const {
        const std::string& id = trigger_of(sighting).id;
        for (const Occasion& kept : watched_.live) {
            if (kept.trigger == id && kept.stands
                && (sighting.event.empty() || kept.event == sighting.event)) {
                return &kept;
            }
        }
        return nullptr;
    }

    void see(const Sighting& sighting) {
        if (sighting.ahead) {
            look_again(*sighting.ahead + std::chrono::days{1}); // it has passed then
        }
        if (const Occasion* kept = find_live(sighting)) {
            seen_.insert(kept->id);
            keep(*kept, sighting);
            return;
        }
        const Occasion fresh = make(sighting);
        if (!is_news(sighting, fresh)) {
            look_again(first_contact(sighting, fresh) - foresight);
            return;
        }
        if (std::optional<Occasion> known = find_(fresh.trigger, fresh.event)) {
            seen_.insert(known->id);
            revive(std::move(*known));
            return;
        }
        if (is_answered(fresh)) {
            return; // somebody was there already
        }
        followed_.added.push_back(fresh);
    }

    void keep(const Occasion& kept, const Sighting& sighting) {
        Occasion next = kept;
        if (is_pending(kept.state) && is_answered(kept)) {
            next.state = OccasionState::answered;
            next.ended = watched_.last_contact;
        }
        if (!is_pending(next.state) && !is_news(sighting, kept)) {
            next.stands = false;
        } else if (!is_pending(next.state) && !sighting.is_ongoing) {
            look_again(last_news(sighting, kept) + std::chrono::days{1});
        }
        if (next.state != kept.state || next.stands != kept.stands) {
            followed_.changed.push_back(next);
        }
    }

    /// An event that was lost, in a file that lacked its row perhaps, and is there again.
    void revive(Occasion known) {
        if (known.state == OccasionState::gone && !is_answered(known)) {
            known.state = OccasionState::open;
            known.ended.reset();
        }
        if (known.state != OccasionState::gone) {
            known.stands = true;
            followed_.changed.push_back(std::move(known));
        }
    }

    void lose(const Occasion& kept) {
        const rules::Trigger* trigger = find_trigger(rules_, kept.trigger);
        const bool is_score = trigger != nullptr && trigger->score.has_value();
        if (is_score && is_pending(kept.state) && !is_answered(kept)) {
            return; // a score that moved has moved, until somebody was there
        }
        Occasion next = kept;
        next.stands = false;
        if (is_pending(kept.state)) {
            const bool is_done = trigger != nullptr && is_answered(kept);
            next.state = is_done ? OccasionState::answered : OccasionState::gone;
            next.ended = is_done ? watched_.last_contact : std::optional{today_};
        }
        followed_.changed.push_back(std::move(next));
    }

    void follow_score() {
        const bool is_watched = std::any_of(
            rules_.triggers.begin(),
            rules_.triggers.end(),
            [](const rules::Trigger& trigger) { return trigger.score.has_value(); }
        );
        if (!is_watched || !watched_.points) {
            return;
        }
        const store::ScoreMark now{
            watched_.account, *watched_.points, watched_.rules_version, today_};
        const std::optional<store::ScoreMark>& mark = watched_.mark;
        const bool is_contacted =
            mark && watched_.last_contact && *watched_.last_contact > mark->day;
        if (!mark || mark->rules_version != watched_.rules_version || is_contacted) {
            followed_.mark = now;
            return;
        }
        for (std::size_t i = 0; i < rules_.triggers.size(); ++i) {
            const auto moved =
                find_score_move(rules_.triggers[i], i, mark->points, *watched_.points, today_);
            if (moved) {
                followed_.mark = now;
                see_score(*moved);
            }
        }
    }

    /// Each move is an event of its own; one that is open takes the new one in.
    void see_score(const Sighting& moved) {
        for (const Occasion& kept : watched_.live) {
            if (kept.trigger == trigger_of(moved).id && is_pending(kept.state)) {
                seen_.insert(kept.id);
                Occasion next = kept;
                next.detail = moved.detail;
                followed_.changed.push_back(std::move(next));
                return;
            }
        }
        const Occasion fresh = make(moved);
        if (!find_(fresh.trigger, fresh.event)) {
            followed_.added.push_back(fresh);
        }
    }

    void look_again(Date day) {
        if (day > today_) {
            followed_.next_look = std::min(followed_.next_look, day);
        }
    }

    [[nodiscard]] Date first_contact(const Sighting& sighting, const Occasion& occasion) const {
        const rules::Trigger& trigger = trigger_of(sighting);
        return review::contact_from(times_of(trigger), days_of(trigger, occasion), calendar_);
    }

    [[nodiscard]] Occasion make(const Sighting& sighting) const {
        Occasion occasion;
        occasion.account = watched_.account;
        occasion.trigger = trigger_of(sighting).id;
        occasion.event = sighting.event.empty() ? to_string(today_) : sighting.event;
        occasion.happened = sighting.happened;
        occasion.noticed = today_;
        occasion.detail = sighting.detail;
        return occasion;
    }

    /// The last day on which an event that is over is news.
    [[nodiscard]] Date last_news(const Sighting& sighting, const Occasion& occasion) const {
        const rules::Trigger& trigger = trigger_of(sighting);
        review::OccasionDays when = days_of(trigger, occasion);
        when.noticed = when.happened; // when it would have been over, had it been known at once
        return review::occasion_window(times_of(trigger), when, calendar_).latest + news;
    }

    [[nodiscard]] bool is_news(const Sighting& sighting, const Occasion& occasion) const {
        if (first_contact(sighting, occasion) > today_ + foresight) {
            return false;
        }
        return sighting.is_ongoing || last_news(sighting, occasion) >= today_;
    }

    [[nodiscard]] bool is_answered(const Occasion& occasion) const {
        const rules::Trigger* trigger = find_trigger(rules_, occasion.trigger);
        return trigger != nullptr && watched_.last_contact
               && *watched_.last_contact >= review::answered_from(
                      times_of(*trigger), days_of(*trigger, occasion), calendar_
                  );
    }

    const rules::RuleSet& rules_;
    const Watched& watched_;
    const FindOccasion& find_;
    const review::Calendar& calendar_;
    Date today_;
    std::set<std::int64_t> seen_;
    Followed followed_;
};

} // namespace

Followed follow(
    const rules::RuleSet& rules,
    const Watched& watched,
    const FindOccasion& find,
    const review::Calendar& calendar,
    Date today
) {
    return Follower{rules, watched, find, calendar, today}.follow();
}

const rules::Trigger* find_trigger(const rules::RuleSet& rules, std::string_view id) {
    for (const rules::Trigger& trigger : rules.triggers) {
        if (trigger.id == id) {
            return &trigger;
        }
    }
    return nullptr;
}

review::TriggerTimes times_of(const rules::Trigger& trigger) {
    return {trigger.after, trigger.lead, trigger.contact_within};
}

review::OccasionDays days_of(const rules::Trigger& trigger, const store::Occasion& occasion) {
    review::OccasionDays when{occasion.happened, occasion.noticed, std::nullopt};
    if (trigger.before) {
        const Result<Date> ahead = parse_date(occasion.event);
        when.ahead = ahead.has_value() ? std::optional{*ahead} : std::nullopt;
    }
    return when;
}

} // namespace reviewd::service
