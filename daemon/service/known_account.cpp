#include "daemon/service/known_account.hpp"

#include "scoring/engine/fact_deriver.hpp"

#include <array>
#include <utility>

namespace reviewd::service {

std::optional<KnownAccount> read_known(const Context& context, AccountId account, Date as_of) {
    const rules::RuleSet& rules = context.rules();
    store::AccountReader reader{
        context.database, rules.schema, context.settings().company.minor_digits};
    reader.leave_out_past(as_of);
    const std::array ids{account};
    std::vector<store::AccountEntry> entries = reader.read(ids);
    if (entries.empty()) {
        return std::nullopt;
    }
    const engine::PortfolioContext portfolio = reader.read_context(as_of);
    const engine::FactDeriver deriver{rules, portfolio};
    engine::FactRow facts = deriver.derive(entries.front().records);
    return KnownAccount{std::move(entries.front()), std::move(facts)};
}

} // namespace reviewd::service
