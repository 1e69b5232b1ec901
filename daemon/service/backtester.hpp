#pragma once

#include "daemon/service/context.hpp"
#include "scoring/base/period.hpp"
#include "scoring/base/result.hpp"
#include "scoring/engine/backtest.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// What is asked of the past.
struct BacktestWish {
    Date as_of{};
    Period horizon; ///< how long after it counts
    /// Rules to try instead of those in force: each file takes the place of the one of its name.
    std::vector<config::RulesFile> files;
    /// CEL over a row of purchases and `is_new` (the account did not own the product on the day):
    /// a row that happened within the horizon and fulfils it makes the account a hit.
    std::string outcome = "is_new";
    std::optional<std::size_t> bands;
};

struct BacktestAccount {
    std::string key;
    std::string name;
    rules::Points points = 0;
    std::size_t level = 0;
    bool is_hit = false;
    std::vector<std::string> bought;
};

struct BacktestView {
    BacktestWish wish;
    Date until{}; ///< the last day that counts
    std::shared_ptr<const rules::RuleSet> rules;
    engine::BacktestReport report;
    std::vector<BacktestAccount> accounts; ///< highest points first
    /// Facts that were not known of every account on the day, and for how many they were.
    std::vector<std::pair<std::string, std::int64_t>> known;
    std::vector<std::string> warnings; ///< what not to read into the numbers
};

/// Scores every account as of a past day, from only what was known then, by the raw bands, and
/// holds the scores against what happened afterwards. Reads only; one piece per step.
class Backtester {
public:
    explicit Backtester(const Context& context);
    ~Backtester();
    Backtester(const Backtester&) = delete;
    Backtester& operator=(const Backtester&) = delete;

    /// @errors `usage` for a day that is not over, a horizon in working days or of nothing, an
    /// outcome with mistakes; `bad_data` for rules with mistakes; `try_later` while one is under
    /// way
    [[nodiscard]] Result<void> begin(BacktestWish wish, TimePoint now);
    [[nodiscard]] bool is_busy() const;
    void step();
    /// Of the last one; nothing before the first.
    [[nodiscard]] const std::optional<BacktestView>& result() const { return result_; }

private:
    struct Run;

    const Context& context_;
    std::unique_ptr<Run> run_;
    std::optional<BacktestView> result_;
};

} // namespace reviewd::service
