#include "daemon/service/endpoint_gate.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reviewd::service {
namespace {

using std::chrono::milliseconds;

constexpr int failures_until_open = 5;
constexpr milliseconds first_pause = std::chrono::minutes{1};
/// Also of an endpoint that is set up wrongly: then one delivery tries again.
constexpr milliseconds longest_pause = std::chrono::minutes{15};
/// Of an endpoint that asked for less; without a time it waits first_pause.
constexpr milliseconds shortest_asked = std::chrono::seconds{1};
constexpr std::chrono::seconds longest_asked = std::chrono::hours{24};
constexpr double milliseconds_per_minute = 60'000;
constexpr int widest_window = 256;

/// Nobody there, or nobody who can talk now; a word about one message is none of these.
bool is_failure_to_connect(const notify::Outcome& outcome) {
    switch (outcome.reason) {
    case notify::Reason::dns:
    case notify::Reason::connect:
    case notify::Reason::tls:
    case notify::Reason::timeout:
    case notify::Reason::protocol:
        return true;
    case notify::Reason::deferred:
        return outcome.code >= 500 || outcome.code == 421;
    default:
        return false;
    }
}

/// It answered, and wants less, or nothing for a while.
bool asks_to_wait(const notify::Outcome& outcome) {
    return outcome.reason == notify::Reason::rate_limited
           || (outcome.verdict == notify::Verdict::temporary && outcome.retry_after);
}

/// Ended on this side: it says nothing about the endpoint.
bool is_about_us(const notify::Outcome& outcome) {
    switch (outcome.reason) {
    case notify::Reason::shutting_down:
    case notify::Reason::local_io:
        return true;
    case notify::Reason::bad_address:
        return outcome.code == 0;
    default:
        return false;
    }
}

std::string words_of(const notify::Outcome& outcome) {
    const std::string reply = escape_controls(outcome.reply);
    return reply.empty() ? std::string{notify::name(outcome.reason)}
                         : fmt::format("{}: {}", notify::name(outcome.reason), reply);
}

} // namespace

double EndpointGate::burst() const {
    return std::max(1.0, per_minute_ / 6.0);
}

/// What began before a clock was set back begins now: nobody waits until it is as late again.
void EndpointGate::follow(TimePoint now) const {
    filled_ = std::min(filled_, now);
    if (pause_ && pause_->until != TimePoint::max()) {
        pause_->until = std::min(pause_->until, now + pause_->length);
    }
}

double EndpointGate::tokens(TimePoint now) const {
    follow(now);
    const double passed = static_cast<double>((now - filled_).count());
    return std::min(burst(), tokens_ + passed * per_minute_ / milliseconds_per_minute);
}

std::optional<EndpointGate::Pause> EndpointGate::pause(TimePoint now) const {
    follow(now);
    return pause_ && now < pause_->until ? pause_ : std::nullopt;
}

int EndpointGate::room(TimePoint now, int under_way, int bound) const {
    if (pause(now)) {
        return 0;
    }
    if (pause_) {
        return is_probing_ || under_way > 0 ? 0 : 1;
    }
    const int free = std::min({window_, bound, widest_window}) - under_way;
    if (per_minute_ == 0) {
        return std::max(free, 0);
    }
    return std::clamp(free, 0, static_cast<int>(tokens(now)));
}

TimePoint EndpointGate::opens_at(TimePoint now) const {
    follow(now);
    if (pause_ && now < pause_->until) {
        return pause_->until;
    }
    const double missing = per_minute_ == 0 ? 0 : 1 - tokens(now);
    if (missing <= 0) {
        return now;
    }
    const double wait = std::ceil(missing * milliseconds_per_minute / per_minute_);
    return now + milliseconds{static_cast<TimePoint::rep>(wait)};
}

void EndpointGate::claimed(int count, TimePoint now) {
    if (count > 0 && pause_) {
        is_probing_ = true;
    }
    if (per_minute_ > 0) {
        tokens_ = tokens(now) - count;
        filled_ = now;
    }
}

void EndpointGate::ended(const notify::Outcome& outcome, TimePoint now) {
    follow(now);
    is_probing_ = false;
    const bool is_held = pause_ && pause_->until == TimePoint::max();
    if (is_held) {
        return; // a person's wish outlives what was under way
    }
    if (outcome.verdict == notify::Verdict::misconfigured) {
        circuits_ = 0;
        window_ = 1;
        pause_ = Pause{words_of(outcome), now + longest_pause, true, longest_pause};
        return;
    }
    if (is_about_us(outcome)) {
        return;
    }
    if (asks_to_wait(outcome)) {
        wait_as_asked(outcome, now);
        return;
    }
    if (!is_failure_to_connect(outcome)) {
        failures_ = 0;
        if (pause_ && pause_->is_firm && now < pause_->until) {
            return; // it was under way when the endpoint said so
        }
        circuits_ = 0;
        pause_.reset();
        window_ = std::min(window_ + 1, widest_window);
        return;
    }
    window_ = std::max(1, window_ / 2);
    ++failures_;
    // A probe that fails opens it again at once.
    if (failures_ >= failures_until_open || (pause_ && now >= pause_->until)) {
        open_circuit(words_of(outcome), now);
    }
}

void EndpointGate::wait_as_asked(const notify::Outcome& outcome, TimePoint now) {
    window_ = std::max(1, window_ / 2);
    milliseconds length = first_pause;
    if (outcome.retry_after) {
        const milliseconds asked = std::min(*outcome.retry_after, longest_asked);
        length = std::max(shortest_asked, asked);
    }
    const bool is_longer_paused = pause_ && now + length <= pause_->until;
    if (!is_longer_paused) {
        pause_ = Pause{words_of(outcome), now + length, true, length};
    }
}

void EndpointGate::open_circuit(std::string reason, TimePoint now) {
    const bool is_open = pause_ && now < pause_->until;
    if (is_open) {
        return; // words of deliveries that were under way already
    }
    const milliseconds length =
        std::min(longest_pause, first_pause * (std::int64_t{1} << std::min(circuits_, 10)));
    ++circuits_;
    failures_ = 0;
    window_ = 1;
    pause_ = Pause{std::move(reason), now + length, false, length};
}

void EndpointGate::hold(std::string reason) {
    pause_ = Pause{std::move(reason), TimePoint::max()};
    is_probing_ = false;
}

void EndpointGate::resume() {
    pause_.reset();
    is_probing_ = false;
    failures_ = 0;
    circuits_ = 0;
}

void EndpointGate::set_rate(int per_minute) {
    per_minute_ = per_minute;
    tokens_ = std::min(tokens_, burst());
}

} // namespace reviewd::service
