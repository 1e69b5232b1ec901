#pragma once

#include "config/loader/settings.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/portfolio.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::service {

/// What people type for the accounts that nobody owns; a person with that key comes first.
inline constexpr std::string_view nobodys = "none";

/// Whose accounts are meant.
struct Owner {
    PersonId person{};   ///< none: of the accounts that nobody owns
    std::string named{}; ///< those whose sources name this key all the same; empty: all of them
};

/// The key of the owner, who may be gone, or `nobodys`: what histories and the audit call them.
[[nodiscard]] std::string key_of_owner(const Context& context, PersonId owner);

/// How the settings find the owner of an account that names none.
[[nodiscard]] std::optional<store::OwnerColumn> owner_column_of(const config::Settings& settings);

/// Somebody by key or name, or nobody.
/// @errors `not_found`, with what to do when accounts name somebody who is gone; `conflict`
[[nodiscard]] Result<PersonId> find_owner(const Context& context, const std::string& text);

/// As find_owner; the key or the name of somebody who is gone means the accounts that still name
/// them.
/// @errors as find_owner
[[nodiscard]] Result<Owner> find_giver(const Context& context, const std::string& text);

/// How many accounts of nobody name which key; those that name none are left out. By key.
[[nodiscard]] std::map<std::string, std::int64_t> count_ownerless(const Context& context);

/// Active ones, ascending.
[[nodiscard]] std::vector<AccountId> accounts_of(const Context& context, const Owner& owner);

} // namespace reviewd::service
