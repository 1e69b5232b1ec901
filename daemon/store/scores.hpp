#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"
#include "scoring/rules/rule_set.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reviewd::store {

/// Number of a kept version of the rules: v1, v2, …
using RulesVersionId = Id<struct RulesVersionTag>;
using ScoreChangeId = Id<struct ScoreChangeTag>;

struct AccountScore {
    AccountId account;
    rules::Points points = 0;
    std::string level; ///< the one in force
    Date level_since{};
    std::string raw_level; ///< by the bands alone
    bool is_judged = true;
    RulesVersionId rules_version;
    Date as_of{};
    std::string made_of; ///< what it was made of when it last changed; the service's own form
    std::optional<Date> replanned; ///< the day on which scoring last moved the open review

    friend bool operator==(const AccountScore&, const AccountScore&) = default;
};

enum class LevelCause {
    first, ///< scored for the first time
    facts,
    rules,
    day, ///< time passed
    person,
    overridden, ///< a person set the level, took that back, or it expired
};

/// A change of an account's points, its level or both.
struct ScoreChange {
    AccountId account;
    Date day{};
    std::string from; ///< level; empty: none
    std::string to;
    std::optional<rules::Points> from_points; ///< absent: none, or not recorded then
    rules::Points points = 0;
    RulesVersionId rules_version;
    LevelCause cause = LevelCause::facts;
    std::string detail; ///< the service's own form; may be empty
};

/// The score each account has, and how its level came to be.
class Scores {
public:
    explicit Scores(Connection& connection) : connection_(connection) {}

    [[nodiscard]] std::optional<AccountScore> find(AccountId account);
    /// Those of these accounts that have one; `ids` ascending, answer in the same order.
    [[nodiscard]] std::vector<AccountScore> find(std::span<const AccountId> ids);
    /// Active accounts that have one, the highest first, and of equal ones the older account.
    [[nodiscard]] std::vector<AccountId> highest(int limit);
    /// Latest first.
    [[nodiscard]] std::vector<ScoreChange> history(AccountId account, int limit = 50);

    /// Writes the scores that differ from what is kept (as_of and made_of alone are no difference).
    /// @returns how many were written
    std::size_t save(std::span<const AccountScore> scores);
    ScoreChangeId record(const ScoreChange& change);
    /// For an account whose open review has become another one: scoring has not moved that yet.
    void forget_replanned(AccountId account);

private:
    Connection& connection_;
};

[[nodiscard]] std::string_view name(LevelCause cause) noexcept;

} // namespace reviewd::store
