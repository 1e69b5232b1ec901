#pragma once

#include "scoring/base/error.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::notify {

/// What the outbox does next with the delivery.
enum class Verdict {
    accepted,      ///< the next hop took responsibility
    temporary,     ///< try again later, on the channel's schedule
    permanent,     ///< this message will never be taken: fail it
    uncertain,     ///< it may or may not have been taken: the peer was lost after the point of no
                   ///< return
    misconfigured, ///< nothing can be delivered here until somebody mends it: pause the channel,
                   ///< burn no attempt
};

/// Why, from a closed list that metrics and the history use.
enum class Reason {
    none,
    dns,
    connect,
    tls,
    certificate,
    authentication,
    timeout,
    protocol,      ///< the peer's answer is no answer
    rejected,      ///< 5yz, 4xx
    deferred,      ///< 4yz, 408, 425, 5xx
    rate_limited,  ///< 421/450 rate, 429
    endpoint_gone, ///< 410
    redirected,    ///< 3xx
    bad_address,
    local_io, ///< file or journal could not be written
    shutting_down,
};

[[nodiscard]] std::string_view name(Verdict verdict) noexcept;
[[nodiscard]] std::string_view name(Reason reason) noexcept;

/// The result of one attempt.
struct Outcome {
    Verdict verdict = Verdict::temporary;
    Reason reason = Reason::none;
    int code = 0;              ///< SMTP or HTTP status, errno, exit status; 0: none
    std::string enhanced_code; ///< "5.1.1", or empty
    std::string reply;         ///< the peer's words, at most 1 KiB, controls escaped, no secret
    std::optional<std::chrono::seconds> retry_after; ///< as the peer asked; not yet capped
};

/// A failure that the notifier itself sees. `reply` is for a person and holds no secret.
[[nodiscard]] Outcome failed(Verdict verdict, Reason reason, std::string reply);

/// What the notifier needs of this machine, a secret for instance, cannot be had: somebody has to
/// mend the channel, unless it was for want of descriptors or memory (`try_later`).
[[nodiscard]] Outcome cannot_begin(const Error& error);

} // namespace reviewd::notify
