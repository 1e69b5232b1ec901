#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// What accounts are counted by.
struct ReportGroup {
    PersonId owner;
    std::string level;   ///< empty: not scored
    std::string segment; ///< empty: none
    friend auto operator<=>(const ReportGroup&, const ReportGroup&) = default;
};

/// Reviews of one group.
struct CoverageRow {
    ReportGroup group;
    std::int64_t accounts = 0;
    std::int64_t never_reviewed = 0; ///< of the accounts
    std::int64_t planned = 0;        ///< open reviews
    std::int64_t overdue = 0;        ///< of those, due before today
    // In the period:
    std::int64_t done = 0;
    std::int64_t done_without_answers = 0; ///< of those
    std::int64_t missed = 0;
    std::int64_t skipped = 0;
    std::int64_t attempts = 0;
};

/// Purchases of the accounts of one level, over twelve months and the twelve before.
struct RevenueRow {
    std::string level;
    std::int64_t accounts = 0;
    std::int64_t bought_before = 0; ///< accounts that bought in the earlier twelve months
    std::int64_t bought_again = 0;  ///< of those, in the later ones too
    std::int64_t revenue_minor = 0; ///< minor units of the reporting currency
    std::int64_t revenue_before_minor = 0;
};

/// A customer who is content: to be asked what they like best.
struct FriendlyRow {
    AccountId account;
    std::string key, name, segment, size;
    PersonId owner;
    double satisfaction = 0;
    Date answered{};
    std::optional<Date> value_point; ///< the last one recorded
};

/// Counts for reports; reads only.
class ReportRows {
public:
    explicit ReportRows(Connection& connection) : connection_(connection) {}

    /// The days of a report, and their moments where the company is.
    struct Period {
        Date from{};
        Date to{};         ///< included
        TimePoint begin{}; ///< of `from`
        TimePoint end{};   ///< of `to`: the moment after it
    };
    /// @param late_too open reviews that are overdue though their own day is still to come
    [[nodiscard]] std::vector<CoverageRow> coverage(
        const Period& period, Date today, std::span<const ReviewId> late_too = {}
    );
    /// Twelve months up to `today`.
    [[nodiscard]] std::vector<RevenueRow> revenue(Date today);
    /// Accounts whose last answer to `question` is at least `smallest`, given since `since`; by
    /// segment, size and satisfaction.
    struct Friendly {
        std::string_view question;
        std::string_view value_question;
        double smallest = 8;
        Date since{};
    };
    [[nodiscard]] std::vector<FriendlyRow> friendly(const Friendly& wanted);

private:
    Connection& connection_;
};

} // namespace reviewd::store
