#include "daemon/app/exit_status.hpp"

#include <sysexits.h>

#include <algorithm>
#include <array>

namespace reviewd::app {

namespace {

using Restart = ExitStatus::Restart;

// A database that is none, damaged, too new or another user's is the same one a moment later, and
// so are a wrong command line, another holder of the lock and a bad configuration. A disk that
// failed may answer again, and what is full or short may have room.
constexpr std::array known_ends{
    ExitStatus{EX_USAGE, Restart::is_of_no_use},
    ExitStatus{EX_DATAERR, Restart::is_of_no_use},
    ExitStatus{EX_SOFTWARE, Restart::may_help},
    ExitStatus{EX_CANTCREAT, Restart::is_of_no_use},
    ExitStatus{EX_IOERR, Restart::may_help},
    ExitStatus{EX_TEMPFAIL, Restart::may_help},
    ExitStatus{EX_NOPERM, Restart::is_of_no_use},
    ExitStatus{EX_CONFIG, Restart::is_of_no_use},
};

} // namespace

std::span<const ExitStatus> exit_statuses() noexcept {
    return known_ends;
}

int exit_status(ErrorCode code) noexcept {
    const int wanted = exit_code(code);
    const bool is_known =
        std::any_of(known_ends.begin(), known_ends.end(), [wanted](const ExitStatus& each) {
            return each.code == wanted;
        });
    return is_known ? wanted : EX_SOFTWARE;
}

} // namespace reviewd::app
