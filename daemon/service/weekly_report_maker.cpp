#include "daemon/service/weekly_report_maker.hpp"

#include "daemon/service/digest_maker.hpp"
#include "daemon/service/judge_account.hpp"
#include "daemon/service/stand_ins.hpp"
#include "daemon/service/workload.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/team_numbers.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace reviewd::service {
namespace {

using std::chrono::days;

constexpr std::size_t lines_shown = 10;
constexpr int moves_read = 1000;

/// Everybody below the reader, at any distance.
std::vector<const PersonProfile*> team_of(const People& people, const PersonProfile& reader) {
    std::vector<const PersonProfile*> team;
    for (const PersonProfile& person : people.all()) {
        const auto managers = people.managers_of(person.id);
        if (std::any_of(managers.begin(), managers.end(), [&](const PersonProfile* manager) {
                return manager->id == reader.id;
            })) {
            team.push_back(&person);
        }
    }
    std::sort(team.begin(), team.end(), [](const PersonProfile* a, const PersonProfile* b) {
        return a->called < b->called;
    });
    return team;
}

class ReportMaker {
public:
    ReportMaker(const Context& context, const PersonProfile& reader, TimePoint now)
        : context_(context),
          now_(now),
          portfolio_(context.database, context.rules().schema),
          team_(team_of(*context.people, reader)) {
        report_.recipient = reader.name;
        report_.habits = message::habits_of(reader.language, *context_.templates);
        report_.today = reader.today(now);
        // The day that the report is meant for, also where a holiday has put it off: no day is in
        // two reports, and none is left out but those of a week that had no report.
        const std::chrono::weekday meant =
            context_.settings().reminders.weekly_report.value_or(std::chrono::weekday{report_.today}
            );
        const Date week = report_.today - (std::chrono::weekday{report_.today} - meant);
        report_.from = week - days{7};
        report_.until = week - days{1};
    }

    message::WeeklyReport run(const PersonProfile& reader) {
        store::TeamNumbers numbers{context_.database};
        std::map<PersonId, std::int64_t> accounts;
        for (const auto& count : portfolio_.accounts_by_owner()) {
            accounts[count.owner] = count.accounts;
        }
        const auto held = numbers.held(report_.from, report_.until);
        for (const PersonProfile* person : team_) {
            message::TeamRow row;
            row.name = person->called;
            row.accounts = accounts[person->id];
            const auto found = held.find(person->id);
            row.held = found == held.end() ? 0 : found->second;
            row.room = places_in(*person, report_.today, report_.today + days{7});
            add_open(*person, row);
            report_.team.push_back(std::move(row));
        }
        add_overdue();
        add_moves(numbers);
        DataAge age = data_age(context_, reader, now_);
        report_.data_as_of = std::move(age.as_of);
        report_.stale = std::move(age.stale);
        return std::move(report_);
    }

private:
    std::string account_name(AccountId id) {
        const auto account = portfolio_.account(id);
        return account ? account->name : std::string{};
    }

    void add_open(const PersonProfile& person, message::TeamRow& row) {
        store::ReviewFilter filter;
        filter.owner = person.id;
        filter.due_until = report_.today + days{6};
        filter.limit = std::numeric_limits<int>::max();
        for (store::Review& review : store::Reviews{context_.database}.list(filter)) {
            if (review.due >= report_.today) {
                ++row.planned;
                continue;
            }
            ++row.overdue;
            row.too_late += review.latest < report_.today ? 1 : 0;
            if (stand_in_of(context_, review, person.today(now_))) {
                review.due = std::min(review.due, review.latest); // whoever calls had that day
            }
            overdue_.push_back(std::move(review));
        }
        add_late_ahead(person, row);
    }

    /// What has its day still ahead, behind its latest one, which is over: that account is not
    /// covered. With whoever stands in for its owner it is overdue as well.
    void add_late_ahead(const PersonProfile& person, message::TeamRow& row) {
        for (store::Review& review :
             store::Reviews{context_.database}.beyond_latest_of(person.id)) {
            if (review.latest >= report_.today || review.due < report_.today) {
                continue;
            }
            ++row.too_late;
            if (stand_in_of(context_, review, person.today(now_))) {
                ++row.overdue;
                review.due = review.latest; // the day that was missed
                overdue_.push_back(std::move(review));
            }
        }
    }

    void add_overdue() {
        std::sort(
            overdue_.begin(),
            overdue_.end(),
            [](const store::Review& a, const store::Review& b) {
                return std::pair{a.due, a.id} < std::pair{b.due, b.id};
            }
        );
        report_.overdue_count = static_cast<std::int64_t>(overdue_.size());
        for (std::size_t i = 0; i < std::min(overdue_.size(), lines_shown); ++i) {
            const store::Review& review = overdue_[i];
            const bool is_waiting = review.quiet_until && *review.quiet_until > report_.today;
            report_.overdue.push_back(
                {account_name(review.account),
                 context_.people->owner(review.owner).called,
                 review.level,
                 review.due,
                 is_waiting ? review.quiet_until : std::nullopt}
            );
        }
    }

    void add_moves(store::TeamNumbers& numbers) {
        for (const store::OwnedLevelChange& move :
             numbers.level_changes(report_.from, report_.until, moves_read)) {
            const bool is_ours =
                std::any_of(team_.begin(), team_.end(), [&](const PersonProfile* person) {
                    return person->id == move.owner;
                });
            if (!is_ours) {
                continue;
            }
            ++report_.move_count;
            if (report_.moves.size() < lines_shown) {
                const auto from = find_level(context_.rules(), move.change.from);
                const auto to = find_level(context_.rules(), move.change.to);
                report_.moves.push_back(
                    {account_name(move.change.account),
                     context_.people->owner(move.owner).called,
                     move.change.from,
                     move.change.to,
                     to && (!from || *to < *from),
                     move.change.day}
                );
            }
        }
    }

    const Context& context_;
    TimePoint now_;
    store::Portfolio portfolio_;
    std::vector<const PersonProfile*> team_;
    message::WeeklyReport report_;
    std::vector<store::Review> overdue_;
};

} // namespace

message::WeeklyReport make_weekly_report(
    const Context& context, const PersonProfile& reader, TimePoint now
) {
    return ReportMaker{context, reader, now}.run(reader);
}

} // namespace reviewd::service
