#pragma once

#include "daemon/simulation/company.hpp"
#include "scoring/base/date.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::simulation {

/// What the daemon should think, worked out the plain way: day by day, account by account, without
/// any of its code. It knows what was imported, what people reported as done, and the rules, and
/// says which levels and days are right.
class Model {
public:
    explicit Model(const Company& company) : company_(company), rules_(company.rules()) {}

    // ---- what happened --------------------------------------------------------------------------

    /// The daemon has read this source of the export.
    void imported(const std::string& source, const Export& read);
    void rules_loaded(const RuleBook& rules) { rules_ = rules; }
    /// A talk with the customer, and what was answered in it.
    struct Talk {
        Date day{};
        std::int64_t review = 0; ///< its number; 0: it was no review
        std::optional<int> satisfaction{};
    };
    void held(const std::string& account, const Talk& talk);
    /// The talk was none after all: it was a review that was opened again.
    void reopened(const std::string& account, const Talk& talk);
    /// An account was given to somebody, whatever its source says of it now.
    void handed_over(const std::string& account, const std::string& to);
    /// One account lives on in another one.
    void merged(const std::string& from, const std::string& into);

    // ---- what follows ---------------------------------------------------------------------------

    [[nodiscard]] bool is_active(const std::string& account) const;
    [[nodiscard]] std::vector<std::string> active_accounts() const;
    /// Key of the person who owns it; empty when nobody known does.
    [[nodiscard]] std::string owner(const std::string& account) const;
    [[nodiscard]] bool knows(const std::string& person) const { return people_.count(person) == 1; }
    /// The managers above a person, the nearest first.
    [[nodiscard]] std::vector<std::string> managers_of(const std::string& person) const;

    /// Points as of a day, and the level whose band they are in.
    [[nodiscard]] int points(const std::string& account, Date today) const;
    [[nodiscard]] static std::string level_of(int points);

    [[nodiscard]] bool was_held(const std::string& account) const;
    [[nodiscard]] Date last_held(const std::string& account) const;
    struct Series {
        Date held{};
        Date latest{};
        Date target{};
    };
    /// All of the following in one. @pre was_held
    [[nodiscard]] Series series(const std::string& account, const std::string& level) const;
    /// The last day on which the next review of an account may be held, whatever the weekday.
    [[nodiscard]] Date latest(const std::string& account, const std::string& level) const;
    /// The day on which it is wanted, whatever the weekday: the series keeps its day of the month
    /// as long as reviews are held on the day.
    [[nodiscard]] Date target(const std::string& account, const std::string& level) const;

    [[nodiscard]] const Company& company() const { return company_; }

private:
    struct Known {
        std::vector<Date> held;               ///< ascending
        std::map<std::size_t, Talk> answered; ///< with satisfaction; by the order of the reports
        /// The latest answer; null: there is none.
        [[nodiscard]] const Talk* latest_answer() const;
    };

    struct Handover {
        std::string to;
        std::string named; ///< by the source, then; absent there: empty
    };

    void buy(const Purchase& one);
    void sort_purchases();
    [[nodiscard]] std::string living(const std::string& account) const;
    /// A review of a series.
    struct Turn {
        Date held{};
        Date wanted{};       ///< the day held, where that is neither it nor the next working day
        unsigned anchor = 1; ///< day of month of the series
    };
    /// @pre was_held
    [[nodiscard]] Turn last_turn(const std::string& account, const std::string& level) const;
    [[nodiscard]] Date wanted_after(
        const Turn& last, const std::string& account, const std::string& level
    ) const;
    [[nodiscard]] Date latest_after(Date day, const std::string& account, const std::string& level)
        const;
    [[nodiscard]] bool is_vip(const std::string& account) const;
    [[nodiscard]] Date next_working(const std::string& account, Date day) const;

    const Company& company_;
    RuleBook rules_;
    std::map<std::string, Customer> customers_;
    std::map<std::string, Purchase> purchases_;
    std::map<std::string, std::vector<const Purchase*>> bought_; ///< the same, by account
    std::map<std::string, Ticket> tickets_;
    std::map<std::string, std::string> people_; ///< with their managers
    std::map<std::string, Known> known_;
    std::size_t reports_ = 0;
    std::map<std::string, Handover> handovers_;
    std::map<std::string, std::string> merged_; ///< into which one
};

/// A calendar month forward, day by day; the 31st becomes the month's last day.
[[nodiscard]] Date months_later(Date day, int months, unsigned anchor);

} // namespace reviewd::simulation
