#include "daemon/service/known_shares.hpp"

#include "daemon/service/in_parallel.hpp"
#include "daemon/store/account_reader.hpp"
#include "scoring/engine/columnar/rule_uses.hpp"
#include "scoring/engine/fact_deriver.hpp"

#include <mutex>

namespace reviewd::service {
namespace {

namespace columnar = engine::columnar;

constexpr std::size_t accounts_per_batch = 500;

KnownShares nothing_known(const rules::RuleSet& rules) {
    KnownShares shares;
    for (const rules::Fact& fact : rules.facts.facts) {
        shares.facts.push_back({fact.name, 0});
    }
    for (const rules::Rule& rule : rules.rules) {
        shares.rules.push_back({rule.id, 0});
    }
    return shares;
}

} // namespace

KnownShares count_known(const Context& context, const PortfolioColumns& columns) {
    const rules::RuleSet& rules = context.rules();
    const columnar::FactColumns& facts = columns.facts();
    KnownShares shares = nothing_known(rules);
    shares.accounts = static_cast<std::int64_t>(facts.rows());
    const columnar::RuleUses uses{rules, facts};
    std::mutex mutex;
    in_parallel(facts.rows(), [&](columnar::RowRange range) {
        const std::vector<columnar::RuleUse> used = uses.count(facts, range);
        std::vector<std::int64_t> known(shares.facts.size());
        for (std::size_t slot = 0; slot < known.size(); ++slot) {
            const columnar::Column& column = facts.columns()[slot];
            for (std::size_t row = range.begin; row < range.end; ++row) {
                known[slot] += column.is_known(row) ? 1 : 0;
            }
        }
        const std::lock_guard lock{mutex};
        for (std::size_t i = 0; i < used.size(); ++i) {
            shares.rules[i].known += used[i].judged;
        }
        for (std::size_t i = 0; i < known.size(); ++i) {
            shares.facts[i].known += known[i];
        }
    });
    return shares;
}

KnownShares read_known(const Context& context, Date today) {
    const rules::RuleSet& rules = context.rules();
    KnownShares shares = nothing_known(rules);
    store::AccountReader reader{
        context.database, rules.schema, context.settings().company.minor_digits};
    const engine::PortfolioContext portfolio = reader.read_context(today);
    const engine::FactDeriver deriver{rules, portfolio};
    AccountId after;
    for (;;) {
        const auto entries = reader.read_after(after, accounts_per_batch);
        for (const store::AccountEntry& entry : entries) {
            const engine::FactRow facts = deriver.derive(entry.records);
            for (std::size_t i = 0; i < facts.size(); ++i) {
                shares.facts[i].known += facts[i].is_plain() ? 1 : 0;
            }
            for (const engine::LedgerLine& line : engine::explain(rules, facts).lines) {
                const bool is_judged =
                    line.verdict != engine::LedgerLine::Verdict::cannot_be_judged;
                if (line.kind == engine::LedgerLine::Kind::rule && is_judged) {
                    ++shares.rules[line.index].known;
                }
            }
            ++shares.accounts;
        }
        if (entries.size() < accounts_per_batch) {
            return shares;
        }
        after = entries.back().id;
    }
}

} // namespace reviewd::service
