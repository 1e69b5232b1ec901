#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace reviewd::store {

/// Moves all that an account has to another one that it lives on in: its rows, reviews, answers,
/// promises, contacts and occasions. Its own row stays as an alias: what sources say of its key
/// belongs to the other from now on. Inside a transaction.
/// @pre both are active, and at most one of them has an open review
void merge_account(Connection& connection, AccountId from, AccountId into, Date day);

/// How much a merge would move, by what it is: "purchases", "reviews", "subsidiaries"; nothing of
/// what there is none. Rows that vanished from their source, and reviews that are open, are not
/// counted, nor is `into` where it is itself part of `from`.
[[nodiscard]] std::map<std::string, std::int64_t> count_moving(
    Connection& connection, AccountId from, AccountId into
);

} // namespace reviewd::store
