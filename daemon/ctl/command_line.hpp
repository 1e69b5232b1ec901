#pragma once

#include "daemon/ctl/terminal.hpp"
#include "scoring/base/result.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace reviewd::ctl {

/// What every command may be given.
struct GlobalOptions {
    std::string config_file = "/etc/reviewd/reviewd.yaml";
    bool is_config_given = false;
    std::string socket; ///< empty: the configuration's
    std::string state;  ///< empty: the configuration's
    std::string data;   ///< empty: the configuration's
    std::string now;    ///< with is_offline: the day to work on; empty: today
    bool is_offline = false;
    bool is_json = false;
};

/// One run of reviewctl. A command's callback stores what is to be done in `action`.
struct Invocation {
    GlobalOptions options;
    const Terminal& terminal;
    std::function<int()> action; ///< returns the exit code

    /// Shows a failure and gives its exit code.
    [[nodiscard]] int failed(const Error& error) const;
    /// Shows JSON with indentation on a terminal, else on one line.
    void show_json(const boost::json::value& value) const;
    /// Shows what came of a command: the failure, with `--json` the answer itself, else what `show`
    /// prints of it. @returns the exit code
    [[nodiscard]] int answered(
        const Result<boost::json::value>& answer, const std::function<void()>& show
    ) const;
};

/// Runs reviewctl with these arguments (without the program's name).
/// @returns an exit code of <sysexits.h>
[[nodiscard]] int run_command_line(
    const std::vector<std::string>& arguments, const Terminal& terminal
);

} // namespace reviewd::ctl
