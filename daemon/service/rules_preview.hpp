#pragma once

#include "config/loader/rules_reader.hpp"
#include "daemon/service/portfolio_columns.hpp"
#include "scoring/engine/columnar/rule_uses.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// An account that other rules would give another level.
struct PreviewedMove {
    AccountId account;
    std::string key, name, owner; ///< owner: name of a person; empty: nobody's
    std::size_t from = 0;         ///< index in RulesPreview::levels_before
    std::size_t to = 0;           ///< index in RulesPreview::levels_after
    rules::Points points_before = 0;
    rules::Points points_after = 0;
};

/// A person's reviews: what levels and cadences alone ask for, in a week on average.
struct PreviewedLoad {
    std::string owner; ///< name; empty: nobody's accounts
    std::int64_t accounts = 0;
    double before = 0;
    double after = 0;
};

/// What a rule of the new set would do.
struct PreviewedRule {
    std::string id;
    enum class Change { none, changed, added } change = Change::none;
    bool has_group = false;
    engine::columnar::RuleUse use;
    /// A fact, and how many of the accounts for which the rule cannot be judged lack it.
    struct Missing {
        std::string fact;
        std::int64_t accounts = 0;
    };
    std::vector<Missing> missing; ///< the most frequent first
    /// An account for which its evaluation fails.
    struct Failure {
        std::string key, name;
        std::string error; ///< why
    };
    std::vector<Failure> failures; ///< the first few of `use.failed`
};

/// What is odd about a rule, if anything.
enum class RuleRemark {
    none,
    never_judged,  ///< for every account something is missing, or its evaluation fails
    never_fires,   ///< not for any account for which it can be judged
    gives_nothing, ///< it fires, but its points are zero
    idle,          ///< it fires, but the cap of its group swallows its points everywhere
    always_fires,
};
[[nodiscard]] RuleRemark remark_on(const PreviewedRule& rule, std::int64_t accounts);

/// What would follow from other rules, by the raw bands, for all active accounts.
struct RulesPreview {
    std::int64_t accounts = 0;
    std::vector<std::string> levels_before; ///< from the highest to the lowest
    std::vector<std::string> levels_after;
    std::vector<std::vector<std::int64_t>> matrix; ///< accounts, by level before and after
    std::int64_t moving = 0;                       ///< accounts whose level has another name
    std::vector<PreviewedMove> moves; ///< the widest moves first, at most as many as asked for
    /// Accounts by score, in bars of equal width from `histogram_from` on; the last one holds its
    /// upper edge too.
    rules::Points histogram_from = 0;
    rules::Points histogram_width = 0;
    std::vector<std::int64_t> histogram_before;
    std::vector<std::int64_t> histogram_after;
    std::vector<PreviewedLoad> loads; ///< the greatest change first
    std::vector<PreviewedRule> rules;
    std::vector<std::string> removed_rules; ///< ids
    bool are_facts_changed = false;         ///< facts, not rules alone, are other ones
    bool is_one_rule_only = false;          ///< one rule was evaluated, and nothing else
};

/// Works a preview out, in pieces, without changing anything. One thread, the database's.
class RulesPreviewJob {
public:
    /// For begin(); rules that have been read already need no file. Both outlive the job.
    RulesPreviewJob(
        Context& context, PortfolioColumns& columns, std::shared_ptr<const rules::RuleSet> rules
    );

    /// The file takes the place that config::find_places gives it among those in force, or joins
    /// them.
    /// @param context, columns outlive the job
    /// @errors `bad_config` with all findings
    [[nodiscard]] static Result<std::unique_ptr<RulesPreviewJob>> begin(
        Context& context, PortfolioColumns& columns, const config::RulesFile& file
    );

    /// Does a bounded piece. @returns whether result() has all it needs
    bool step(TimePoint now);
    /// How many accounts have been read; absent: none need to be.
    [[nodiscard]] std::optional<std::size_t> accounts_read() const;

    /// @param most_moves how many moves to list
    /// @errors `try_later` when accounts came or went meanwhile
    [[nodiscard]] Result<RulesPreview> result(std::size_t most_moves) const;

private:
    [[nodiscard]] const engine::columnar::FactColumns& facts() const;
    [[nodiscard]] std::optional<std::size_t> only_changed_rule() const;
    [[nodiscard]] engine::columnar::ScoreColumns new_scores(bool& is_one_rule_only) const;
    void compare_levels(
        RulesPreview& preview,
        const engine::columnar::ScoreColumns& scores,
        std::vector<std::uint32_t>& moved_rows
    ) const;
    void list_moves(
        RulesPreview& preview,
        const engine::columnar::ScoreColumns& scores,
        std::vector<std::uint32_t> moved_rows,
        std::size_t most_moves
    ) const;
    void draw_histograms(RulesPreview& preview, const engine::columnar::ScoreColumns& scores) const;
    void weigh_loads(RulesPreview& preview, const engine::columnar::ScoreColumns& scores) const;
    void describe_rules(RulesPreview& preview) const;
    [[nodiscard]] std::vector<PreviewedRule::Failure> failures_of(
        const rules::Rule& rule, const std::vector<std::uint32_t>& rows
    ) const;

    Context& context_;
    PortfolioColumns& columns_;
    std::shared_ptr<const rules::RuleSet> before_;
    std::shared_ptr<const rules::RuleSet> after_;
    bool has_equal_facts_ = true;
    std::optional<PortfolioReading> reading_;                ///< of facts that are other ones
    std::optional<engine::columnar::FactColumns> own_facts_; ///< once all are read
};

} // namespace reviewd::service
