#pragma once

#include "daemon/ctl/terminal.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace reviewd::ctl {

/// A backtest as tables: by score, by level, by rule, and what not to read into it.
[[nodiscard]] std::string backtest_page(const boost::json::value& answer, const Screen& screen);

/// The changes of one account's score and level, the latest first, each with its cause in words.
[[nodiscard]] std::string score_history_page(
    const boost::json::value& answer, const Screen& screen
);

} // namespace reviewd::ctl
