#include "scoring/engine/backtest.hpp"

#include <algorithm>
#include <map>

namespace reviewd::engine {
namespace {

void count(HitRate& rate, const BacktestCase& one) {
    ++rate.count;
    rate.hits += one.is_hit ? 1 : 0;
}

HitRate& place_of(BacktestRule& rule, LedgerLine::Verdict verdict) {
    switch (verdict) {
    case LedgerLine::Verdict::fired:
        return rule.fired;
    case LedgerLine::Verdict::did_not_fire:
        return rule.did_not_fire;
    case LedgerLine::Verdict::cannot_be_judged:
        break;
    }
    return rule.cannot_be_judged;
}

/// A band ends where its share of the accounts is reached and the score changes.
std::vector<BacktestBand> banded(std::vector<const BacktestCase*> cases, std::size_t bands) {
    std::stable_sort(cases.begin(), cases.end(), [](const auto* a, const auto* b) {
        return a->points > b->points;
    });
    std::vector<BacktestBand> result;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const bool is_full = i * bands >= result.size() * cases.size();
        const bool is_other = i == 0 || cases[i]->points != cases[i - 1]->points;
        if (is_full && is_other) {
            result.push_back({{}, cases[i]->points, cases[i]->points});
        }
        count(result.back().hits, *cases[i]);
        result.back().lowest = cases[i]->points;
    }
    return result;
}

} // namespace

std::size_t sensible_bands(std::size_t accounts) {
    constexpr std::size_t most = 10;
    constexpr std::size_t accounts_of_a_band = 15;
    return std::clamp<std::size_t>(accounts / accounts_of_a_band, 1, most);
}

BacktestReport evaluate_backtest(
    const rules::RuleSet& rules, const std::vector<BacktestCase>& cases, std::size_t bands
) {
    BacktestReport report;
    report.levels.resize(rules.levels.size());
    report.rules.resize(rules.rules.size());
    std::vector<Outcome> outcomes;
    std::vector<const BacktestCase*> all;
    std::vector<std::map<std::string, std::int64_t>> bought(rules.rules.size());
    for (const BacktestCase& one : cases) {
        count(report.all, one);
        count(report.levels.at(one.level), one);
        outcomes.push_back({one.points, one.is_hit});
        all.push_back(&one);
        for (std::size_t rule = 0; rule < report.rules.size(); ++rule) {
            const LedgerLine::Verdict verdict = one.verdicts.at(rule);
            count(place_of(report.rules[rule], verdict), one);
            if (verdict == LedgerLine::Verdict::fired) {
                for (const std::string& product : one.bought) {
                    ++bought[rule][product];
                }
            }
        }
    }
    for (std::size_t rule = 0; rule < report.rules.size(); ++rule) {
        auto& list = report.rules[rule].bought;
        list.assign(bought[rule].begin(), bought[rule].end());
        std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
            return a.second > b.second;
        });
    }
    report.curve = area_under_curve(outcomes);
    report.bands = banded(std::move(all), bands);
    return report;
}

} // namespace reviewd::engine
