#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace reviewd::ctl {

/// Which facts and rules to list with the shares of accounts for which they are known or can be
/// judged: all, or those that are not so for every account.
enum class KnownFacts { all, incomplete };

/// The answer of `status` on one screen: what is well, what is not, what to do.
[[nodiscard]] std::string status_page(
    const boost::json::value& status, const Screen& screen, KnownFacts which = KnownFacts::all
);

} // namespace reviewd::ctl
