#include "daemon/notify/api/process_outcome.hpp"

#include "daemon/notify/api/reply_text.hpp"
#include "scoring/base/shortage.hpp"

#include <fmt/core.h>

#include <system_error>

namespace reviewd::notify {

Outcome not_started(const ProcessResult& result) {
    Outcome outcome = failed(
        result.is_short || is_shortage(result.status) ? Verdict::temporary : Verdict::misconfigured,
        Reason::local_io,
        clean_reply(
            result.status == 0
                ? result.output
                : fmt::format(
                    "the program did not start: {}", std::generic_category().message(result.status)
                )
        )
    );
    outcome.code = result.status;
    return outcome;
}

} // namespace reviewd::notify
