#include "daemon/notify/api/outcome.hpp"

#include <utility>

namespace reviewd::notify {

std::string_view name(Verdict verdict) noexcept {
    switch (verdict) {
    case Verdict::accepted:
        return "accepted";
    case Verdict::temporary:
        return "temporary";
    case Verdict::permanent:
        return "permanent";
    case Verdict::uncertain:
        return "uncertain";
    case Verdict::misconfigured:
        return "misconfigured";
    }
    return "unknown";
}

std::string_view name(Reason reason) noexcept {
    switch (reason) {
    case Reason::none:
        return "none";
    case Reason::dns:
        return "dns";
    case Reason::connect:
        return "connect";
    case Reason::tls:
        return "tls";
    case Reason::certificate:
        return "certificate";
    case Reason::authentication:
        return "authentication";
    case Reason::timeout:
        return "timeout";
    case Reason::protocol:
        return "protocol";
    case Reason::rejected:
        return "rejected";
    case Reason::deferred:
        return "deferred";
    case Reason::rate_limited:
        return "rate_limited";
    case Reason::endpoint_gone:
        return "endpoint_gone";
    case Reason::redirected:
        return "redirected";
    case Reason::bad_address:
        return "bad_address";
    case Reason::local_io:
        return "local_io";
    case Reason::shutting_down:
        return "shutting_down";
    }
    return "unknown";
}

Outcome failed(Verdict verdict, Reason reason, std::string reply) {
    Outcome outcome;
    outcome.verdict = verdict;
    outcome.reason = reason;
    outcome.reply = std::move(reply);
    return outcome;
}

Outcome cannot_begin(const Error& error) {
    const bool passes = error.code == ErrorCode::try_later;
    return failed(
        passes ? Verdict::temporary : Verdict::misconfigured, Reason::local_io, error.message
    );
}

} // namespace reviewd::notify
