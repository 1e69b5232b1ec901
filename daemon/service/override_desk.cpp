#include "daemon/service/override_desk.hpp"

#include "daemon/service/judge_account.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

namespace reviewd::service {
namespace {

constexpr std::chrono::days longest_override{731};
constexpr std::size_t longest_reason = 1'000;

Result<void> check_wish(const rules::RuleSet& rules, const OverrideDesk::Wish& wish, Date today) {
    std::vector<std::string> levels;
    for (const rules::Level& level : rules.levels) {
        levels.push_back(level.name);
    }
    if (!find_level(rules, wish.level)) {
        const std::string hint = did_you_mean(wish.level, levels);
        return fail(
            ErrorCode::usage,
            fmt::format(
                "there is no level `{}`; {}",
                escape_controls(wish.level),
                hint.empty() ? fmt::format("levels are {}", fmt::join(levels, ", ")) : hint
            )
        );
    }
    if (wish.until < today || wish.until > today + longest_override) {
        return fail(
            ErrorCode::usage,
            fmt::format(
                "{} {}: a level is set until a day from {} to {}",
                to_string(wish.until),
                wish.until < today ? "has passed" : "is too far ahead",
                to_string(today),
                to_string(today + longest_override)
            )
        );
    }
    const bool is_text = !trim(wish.because).empty() && wish.because.size() <= longest_reason
                         && !find_invalid_utf8(wish.because);
    if (!is_text) {
        return fail(ErrorCode::usage, "say why the level is set, in at most 1,000 bytes");
    }
    return {};
}

} // namespace

Result<store::Override> OverrideDesk::set(const Wish& wish, const Actor& actor, TimePoint now) {
    const Date today = context_.company_day(now);
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    const Result<store::Account> account = portfolio.find_account(wish.account);
    const Result<void> checked = check_wish(context_.rules(), wish, today);
    if (!account.has_value() || !checked.has_value()) {
        return account.has_value() ? checked.error() : account.error();
    }
    const store::Override one{
        account->id, wish.level, today, wish.until, wish.because, actor.who, std::nullopt, {}};
    const Result<void> written = store::write(context_.database, [&]() -> Result<void> {
        store::Overrides overrides{context_.database};
        static_cast<void>(overrides.end(account->id, today, actor.who));
        overrides.insert(one);
        store::Audit{context_.database}.record(
            {0,
             now,
             actor.who,
             actor.from,
             "override.set",
             fmt::format(R"({{"account":{}}})", account->id.value)}
        );
        rescorer_.score_one(account->id, store::LevelCause::overridden, now);
        return {};
    });
    if (!written.has_value()) {
        return written.error();
    }
    context_.are_reviews_changed = true;
    scheduler_.request();
    return one;
}

Result<void> OverrideDesk::remove(const std::string& text, const Actor& actor, TimePoint now) {
    const Date today = context_.company_day(now);
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    const Result<store::Account> account = portfolio.find_account(text);
    if (!account.has_value()) {
        return account.error();
    }
    const Result<void> written = store::write(context_.database, [&]() -> Result<void> {
        if (!store::Overrides{context_.database}.end(account->id, today, actor.who)) {
            return fail(
                ErrorCode::not_found,
                fmt::format("no level is set for `{}`", escape_controls(account->name))
            );
        }
        store::Audit{context_.database}.record(
            {0,
             now,
             actor.who,
             actor.from,
             "override.removed",
             fmt::format(R"({{"account":{}}})", account->id.value)}
        );
        rescorer_.score_one(account->id, store::LevelCause::overridden, now);
        return {};
    });
    if (written.has_value()) {
        context_.are_reviews_changed = true;
        scheduler_.request();
    }
    return written;
}

} // namespace reviewd::service
