#pragma once

#include "daemon/ctl/doctor.hpp"
#include "daemon/ctl/terminal.hpp"

#include <string>
#include <string_view>

namespace reviewd::ctl {

/// The name of the check that is bad when no daemon answers.
inline constexpr std::string_view daemon_check = "daemon";

/// 0; 69 when no daemon answers; 78 when one does and a check is bad: "something was found in an
/// unconfigured or misconfigured state", says sysexits(3).
[[nodiscard]] int exit_code_of(const Findings& findings);

/// "ok", "warning" or "bad"; the name in JSON too.
[[nodiscard]] std::string_view word(Finding::State state);

/// What doctor found, a row for each check. On a terminal what does not fit goes on below, word by
/// word; nothing is cut, since a remedy is there to be copied.
[[nodiscard]] std::string findings_page(const Findings& findings, const Screen& screen);

} // namespace reviewd::ctl
