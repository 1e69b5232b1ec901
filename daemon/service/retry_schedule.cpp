#include "daemon/service/retry_schedule.hpp"

#include <algorithm>
#include <array>

namespace reviewd::service {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// A peer's Retry-After counts up to here.
constexpr milliseconds largest_retry_after = hours{24};

constexpr milliseconds largest_resend = hours{24};
constexpr int doublings_most = 10;

constexpr std::array<milliseconds, 9> webhook_delays{
    seconds{5},
    minutes{5},
    minutes{30},
    hours{2},
    hours{5},
    hours{10},
    hours{14},
    hours{20},
    hours{24}};

/// One well mixed number per input; stateless, so that a restart repeats the same times.
std::uint64_t mix(std::uint64_t value) {
    value += 0x9E3779B97F4A7C15U;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31);
}

milliseconds jittered(milliseconds delay, const Repetition& repetition) {
    const auto id = static_cast<std::uint64_t>(repetition.delivery);
    const auto attempt = static_cast<std::uint64_t>(repetition.attempts);
    constexpr std::uint64_t steps = 4001;
    const std::uint64_t random = mix(repetition.seed ^ mix(id ^ mix(attempt))) % steps;
    return delay * static_cast<std::int64_t>(8000 + random) / 10'000;
}

} // namespace

milliseconds retry_delay(
    notify::DeliveryTraits::Schedule schedule,
    const config::RetrySettings& settings,
    const Repetition& repetition,
    std::optional<seconds> retry_after
) {
    const auto last = static_cast<int>(webhook_delays.size()) - 1;
    const auto index = static_cast<std::size_t>(std::clamp(repetition.attempts - 1, 0, last));
    const milliseconds delay = schedule == notify::DeliveryTraits::Schedule::webhook
                                   ? webhook_delays.at(index)
                                   : std::clamp(repetition.age, settings.first, settings.largest);
    const milliseconds asked =
        retry_after ? std::min<milliseconds>(*retry_after, largest_retry_after) : milliseconds{0};
    return std::max(jittered(delay, repetition), asked);
}

milliseconds resend_delay(
    const config::RetrySettings& settings, const Repetition& repetition, int uncertain
) {
    const auto mail = notify::DeliveryTraits::Schedule::mail;
    const milliseconds usual = retry_delay(mail, settings, repetition, std::nullopt);
    const int doublings = std::clamp(uncertain - 1, 0, doublings_most);
    return std::max(usual, std::min(usual * (std::int64_t{1} << doublings), largest_resend));
}

} // namespace reviewd::service
