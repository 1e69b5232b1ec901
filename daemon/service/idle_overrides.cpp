#include "daemon/service/idle_overrides.hpp"

#include "daemon/service/judge_account.hpp"
#include "daemon/store/portfolio.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace reviewd::service {
namespace {

/// "hartley (top until 2026-12-01)", the first few of them.
std::string listed(const std::vector<IdleOverride>& idle) {
    constexpr std::size_t most = 5;
    std::string text;
    for (std::size_t i = 0; i < idle.size() && i < most; ++i) {
        text += fmt::format(
            "{}{} ({} until {})",
            i == 0 ? "" : ", ",
            escape_controls(idle[i].account_key),
            escape_controls(idle[i].override.level),
            to_string(idle[i].override.until)
        );
    }
    return idle.size() > most ? fmt::format("{}, and {} more", text, idle.size() - most) : text;
}

} // namespace

std::vector<IdleOverride> find_idle_overrides(const Context& context, const rules::RuleSet& rules) {
    store::Portfolio portfolio{context.database, rules.schema};
    std::vector<IdleOverride> idle;
    for (auto& [id, one] : store::Overrides{context.database}.open()) {
        if (find_level(rules, one.level)) {
            continue;
        }
        // Nothing can be done about an account that has vanished, and nothing follows from it.
        const auto account = portfolio.account(id);
        if (account && account->is_active) {
            idle.push_back({std::move(one), account->key, account->name});
        }
    }
    return idle;
}

bool is_level_set(
    const std::map<AccountId, store::Override>& open, AccountId account, const rules::RuleSet& rules
) {
    const auto found = open.find(account);
    return found != open.end() && find_level(rules, found->second.level).has_value();
}

void note_rules_in_force(Context& context, store::RulesVersionId version) {
    context.note(LogEvent::rules_activated, fmt::format("rules v{} are in force", version.value));
    const std::vector<IdleOverride> idle = find_idle_overrides(context, context.rules());
    if (!idle.empty()) {
        context.note(
            LogEvent::override_idle,
            fmt::format(
                "rules v{} do not have the level that was set for {}; scores decide "
                "instead: {}",
                version.value,
                counted(idle.size(), "account", "accounts"),
                listed(idle)
            )
        );
    }
}

} // namespace reviewd::service
