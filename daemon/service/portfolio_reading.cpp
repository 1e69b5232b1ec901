#include "daemon/service/portfolio_reading.hpp"

#include "daemon/store/account_reader.hpp"
#include "scoring/engine/fact_deriver.hpp"
#include "scoring/engine/fact_horizon.hpp"

namespace reviewd::service {
namespace {

constexpr std::size_t accounts_at_once = 500;

} // namespace

PortfolioReading::PortfolioReading(
    std::shared_ptr<const rules::RuleSet> rules, int minor_digits, Date day
)
    : rules_(std::move(rules)),
      minor_digits_(minor_digits),
      day_(day),
      builder_(rules_->facts.facts.size()) {}

bool PortfolioReading::is_for(
    const std::shared_ptr<const rules::RuleSet>& rules, int minor_digits, Date day
) const {
    return rules_ == rules && minor_digits_ == minor_digits && day_ == day;
}

bool PortfolioReading::read_some(store::Database& database) {
    store::AccountReader reader{database, rules_->schema, minor_digits_};
    reader.leave_out_past(day_);
    const engine::PortfolioContext portfolio = reader.read_context(day_);
    const engine::FactDeriver deriver{*rules_, portfolio};
    const engine::FactHorizon horizon{*rules_, engine::slots_in_use(*rules_), day_};
    const auto entries = reader.read_after(last_, accounts_at_once);
    for (const store::AccountEntry& entry : entries) {
        builder_.add(entry.id, deriver.derive(entry.records));
        owners_.push_back(entry.owner);
        stand_until_.push_back(to_day_number(horizon.stands_until(entry.records)));
        last_ = entry.id;
    }
    return entries.size() < accounts_at_once;
}

} // namespace reviewd::service
