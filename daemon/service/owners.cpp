#include "daemon/service/owners.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reviewd::service {
namespace {

using Ownerless = store::Portfolio::Ownerless;

store::Portfolio portfolio_of(const Context& context) {
    return store::Portfolio{context.database, context.rules().schema};
}

std::vector<Ownerless> ownerless(const Context& context) {
    return portfolio_of(context).ownerless(owner_column_of(context.settings()));
}

/// The key by which accounts of nobody name whom `text` means; empty: they name nobody like that.
std::string named_by(
    const Context& context, const std::vector<Ownerless>& accounts, const std::string& text
) {
    std::set<std::string> keys;
    for (const Ownerless& each : accounts) {
        keys.insert(each.named);
    }
    keys.erase("");
    if (keys.count(text) == 1) {
        return text;
    }
    for (const std::string& key : keys) {
        const auto gone = portfolio_of(context).find_person(key);
        if (gone && lower_case(gone->name) == lower_case(text)) {
            return key;
        }
    }
    return {};
}

std::string words_of(const std::vector<Ownerless>& accounts, const std::string& key) {
    const auto count = std::count_if(accounts.begin(), accounts.end(), [&](const Ownerless& each) {
        return each.named == key;
    });
    return fmt::format(
        "; {} `{}` and {} nobody: `reviewctl plan --owner {}` lists all such, `reviewctl review "
        "reassign --from {} --to PERSON` hands these over",
        count == 1 ? "an account still names" : fmt::format("{} accounts still name", count),
        escape_controls(key),
        count == 1 ? "belongs to" : "belong to",
        nobodys,
        shell_word(key, "KEY")
    );
}

} // namespace

std::optional<store::OwnerColumn> owner_column_of(const config::Settings& settings) {
    if (!settings.owner) {
        return std::nullopt;
    }
    return store::OwnerColumn{settings.owner->table, settings.owner->person_column};
}

std::string key_of_owner(const Context& context, PersonId owner) {
    const auto person = owner ? portfolio_of(context).person(owner) : std::nullopt;
    return person ? person->key : std::string{nobodys};
}

Result<PersonId> find_owner(const Context& context, const std::string& text) {
    const Result<Owner> found = find_giver(context, text);
    if (!found.has_value()) {
        return found.error();
    }
    if (!found->named.empty()) {
        const Error unknown = portfolio_of(context).match_person(text).error();
        return fail(unknown.code, unknown.message + words_of(ownerless(context), found->named));
    }
    return found->person;
}

Result<Owner> find_giver(const Context& context, const std::string& text) {
    if (text == nobodys && !portfolio_of(context).find_person(text)) {
        return Owner{};
    }
    const Result<store::Person> person = portfolio_of(context).match_person(text);
    if (person.has_value()) {
        return Owner{person->id};
    }
    std::string named = named_by(context, ownerless(context), text);
    return named.empty() ? Result<Owner>{person.error()} : Owner{PersonId{}, std::move(named)};
}

std::map<std::string, std::int64_t> count_ownerless(const Context& context) {
    std::map<std::string, std::int64_t> counts;
    for (const Ownerless& each : ownerless(context)) {
        if (!each.named.empty()) {
            ++counts[each.named];
        }
    }
    return counts;
}

std::vector<AccountId> accounts_of(const Context& context, const Owner& owner) {
    if (owner.named.empty()) {
        return portfolio_of(context).accounts_of(owner.person);
    }
    std::vector<AccountId> accounts;
    for (const Ownerless& each : ownerless(context)) {
        if (each.named == owner.named) {
            accounts.push_back(each.account);
        }
    }
    return accounts;
}

} // namespace reviewd::service
