// What people do with leave and with whole portfolios. Each change is one transaction: after a
// crash it is there as a whole or not at all, and the model learns which.

#include "daemon/simulation/world.hpp"
#include "daemon/store/leaves.hpp"
#include "daemon/store/portfolio.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::simulation {
namespace {

using std::chrono::days;

const service::Actor head{"head", "socket"};

/// Whether leave that was asked for stands in the database.
bool stands(store::Database& database, const std::string& person, const std::string& because) {
    const std::vector<store::Leave> all = store::Leaves{database}.in_force(person);
    return std::any_of(all.begin(), all.end(), [&](const store::Leave& leave) {
        return leave.because == because;
    });
}

} // namespace

void World::manage() {
    // Only of what the daemon has read can be said what should follow.
    if (!are_imports_seen_ || machine_.service().is_busy() || !has_room()) {
        return;
    }
    const auto strikes = [&](Fault fault, double usual) {
        return !machine_.disk().is_crashed() && affairs_.chance(faults_.chance(fault, usual));
    };
    if (strikes(Fault::leave, 0.015)) {
        go_on_leave();
    }
    if (strikes(Fault::leave, 0.01)) {
        come_back_sooner();
    }
    if (strikes(Fault::handover, 0.01)) {
        hand_over();
    }
    if (strikes(Fault::merges, 0.01)) {
        merge_two();
    }
}

// ---- leave ----------------------------------------------------------------------------------

void World::go_on_leave() {
    const std::string key = affairs_.pick(company_.present_owners());
    if (!model_.knows(key)) {
        return;
    }
    const Person& person = *company_.find(key);
    const Date today = company_.zone_of(person).civil_day(daemon_now());
    const Date first = today + days{affairs_.between(1, 40)};
    const Date last = first + days{affairs_.below(25)};
    const std::pair span{first, last};
    if (std::ranges::any_of(person.leave, [&](const auto& given) {
            return given.second == span;
        })) {
        return; // the same leave twice would be refused
    }
    asked_leave_ = AskedLeave{key, fmt::format("leave {}", ++leave_count_), {first, last}};
    const Result<store::Leave> taken = machine_.service().leave().add(
        {key, first, last, asked_leave_->because}, {key, "socket"}, daemon_now()
    );
    if (machine_.disk().is_crashed()) {
        return;
    }
    if (!taken.has_value()) {
        throw Violated({now_, "I12", "people can go on leave", taken.error().message});
    }
    told(*std::exchange(asked_leave_, std::nullopt));
}

void World::come_back_sooner() {
    std::vector<AskedLeave> coming;
    for (const Person& person : company_.people()) {
        const Date today = company_.zone_of(person).civil_day(daemon_now());
        for (const auto& [because, off] : person.leave) {
            if (off.second > today) {
                coming.push_back({person.key, because, off, AskedLeave::Wish::end});
            }
        }
    }
    if (coming.empty()) {
        return;
    }
    asked_leave_ = affairs_.pick(coming);
    for (const store::Leave& leave : store::Leaves{machine_.database()}.in_force()) {
        if (leave.person == asked_leave_->person && leave.because == asked_leave_->because) {
            const auto removed = machine_.service().leave().remove(leave.id, head, daemon_now());
            if (machine_.disk().is_crashed()) {
                return;
            }
            if (!removed.has_value()) {
                throw Violated({now_, "I12", "leave can be ended", removed.error().message});
            }
            return told(*std::exchange(asked_leave_, std::nullopt));
        }
    }
    throw Violated({now_, "I17", "acknowledged leave is in force", asked_leave_->because});
}

void World::told(const AskedLeave& asked) {
    const bool is_taken = asked.wish == AskedLeave::Wish::take;
    if (is_taken) {
        company_.take_leave(asked.person, asked.because, asked.days);
    } else {
        company_.end_leave(asked.person, asked.because);
    }
    trace_.add(
        now_,
        is_taken ? "on leave" : "leave ended",
        fmt::format(
            "{} {} {} … {}",
            asked.person,
            asked.because,
            to_string(asked.days.first),
            to_string(asked.days.second)
        )
    );
    ++happened_[is_taken ? "leaves taken" : "leaves ended"];
    wake_ = now_;
}

void World::check_leave() {
    if (asked_leave_) {
        const AskedLeave asked = *std::exchange(asked_leave_, std::nullopt);
        const bool is_there = stands(machine_.database(), asked.person, asked.because);
        if (is_there == (asked.wish == AskedLeave::Wish::take)) {
            told(asked);
        }
    }
    std::size_t known = 0;
    for (const Person& person : company_.people()) {
        known += person.leave.size();
        for (const auto& [because, off] : person.leave) {
            if (!stands(machine_.database(), person.key, because)) {
                throw Violated(
                    {now_, "I17", fmt::format("{} of {} stands", because, person.key), "it is gone"}
                );
            }
        }
    }
    const std::size_t found = store::Leaves{machine_.database()}.in_force().size();
    if (found != known) {
        throw Violated(
            {now_, "I17", fmt::format("{} leaves are in force", known), std::to_string(found)}
        );
    }
}

// ---- portfolios -----------------------------------------------------------------------------

std::optional<store::Review> World::open_review(const std::string& account) {
    store::Portfolio portfolio{
        machine_.database(), machine_.service().configuration().rules->schema};
    const Result<store::Account> found = portfolio.find_account(account);
    return found.has_value() ? store::Reviews{machine_.database()}.open_of(found->id)
                             : std::nullopt;
}

void World::hand_over() {
    const std::string account = affairs_.pick(model_.active_accounts());
    const std::string from = model_.owner(account);
    const std::string to = affairs_.pick(company_.present_owners());
    if (to == from || !model_.knows(to)) {
        return;
    }
    if (from.empty() || affairs_.chance(0.5)) {
        hand_over_one(account, to);
    } else {
        hand_over_all(from, to);
    }
}

void World::hand_over_one(const std::string& account, const std::string& to) {
    const std::optional<store::Review> review = open_review(account);
    const PersonId person = machine_.service().views().find_person(to).value();
    if (!review) {
        throw Violated({now_, "I1", fmt::format("{} has an open review", account), "none"});
    }
    change(
        "handed over",
        *review,
        [&]() -> Result<store::Review> {
            const auto moved = machine_.service().accounts().reassign(
                review->account, {person, "another territory"}, head, daemon_now()
            );
            return moved.has_value() ? Result<store::Review>{moved->front()}
                                     : Result<store::Review>{moved.error()};
        },
        [this, account, to](const store::Review&) { model_.handed_over(account, to); }
    );
}

void World::hand_over_all(const std::string& from, const std::string& to) {
    std::vector<std::string> accounts = model_.active_accounts();
    std::erase_if(accounts, [&](const std::string& key) { return model_.owner(key) != from; });
    const std::optional<store::Review> review = open_review(accounts.front());
    const PersonId leaver = machine_.service().views().find_person(from).value();
    const PersonId heir = machine_.service().views().find_person(to).value();
    if (!review) {
        throw Violated({now_, "I1", fmt::format("{} has an open review", accounts.front()), "none"}
        );
    }
    std::size_t moved_count = accounts.size();
    change(
        "of portfolios handed over",
        *review,
        [&]() -> Result<store::Review> {
            const auto moved = machine_.service().accounts().reassign_all(
                {leaver}, {heir, "left"}, head, daemon_now()
            );
            if (!moved.has_value()) {
                return moved.error();
            }
            moved_count = moved->size();
            return moved->front();
        },
        [this, accounts, to](const store::Review&) {
            for (const std::string& account : accounts) {
                model_.handed_over(account, to);
            }
        }
    );
    if (moved_count != accounts.size()) {
        throw Violated(
            {now_,
             "I14",
             fmt::format("{} hands over {} reviews", from, accounts.size()),
             std::to_string(moved_count)}
        );
    }
}

void World::merge_two() {
    const std::vector<std::string> active = model_.active_accounts();
    const std::string from = affairs_.pick(active);
    const std::string into = affairs_.pick(active);
    const bool are_few = static_cast<int>(active.size()) * 2 < plan_.accounts;
    if (from == into || are_few) {
        return;
    }
    const std::optional<store::Review> old = open_review(from);
    const std::optional<store::Review> kept = open_review(into);
    if (!old || !kept) {
        throw Violated({now_, "I1", "active accounts have an open review", from + ", " + into});
    }
    const bool is_old_first = std::pair{old->due, old->id} < std::pair{kept->due, kept->id};
    const store::Review first = is_old_first ? *old : *kept;
    change(
        "merged",
        is_old_first ? *kept : *old,
        [&] {
            return machine_.service().accounts().merge(
                old->account, kept->account, head, daemon_now()
            );
        },
        [this, from, into, first](const store::Review&) {
            model_.merged(from, into);
            const auto survivor = open_review(into);
            if (!survivor || survivor->id != first.id || open_review(from)->id != first.id) {
                throw Violated(
                    {now_,
                     "I1",
                     fmt::format("of two merged reviews {} goes on", first.id.value),
                     survivor ? std::to_string(survivor->id.value) : "none"}
                );
            }
        }
    );
}

} // namespace reviewd::simulation
