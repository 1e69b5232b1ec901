#include "daemon/simulation/peers.hpp"

#include <array>
#include <charconv>

namespace reviewd::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::int64_t review_of(const std::string& reminder) {
    std::int64_t review = 0;
    std::from_chars(reminder.data(), reminder.data() + reminder.size(), review);
    return review;
}

} // namespace

Peers::Peers(std::uint64_t seed, const FaultPlan& faults)
    : random_(seed, "peers"), faults_(faults) {}

void Peers::live(TimePoint now) {
    for (const std::string channel : {"mail", "chat"}) {
        if (random_.chance(faults_.chance(Fault::channel_down, 0.01))) {
            outages_[channel] = {now + hours{random_.between(1, 24 * 8)}};
        }
        if (random_.chance(faults_.chance(Fault::channel_refuses, 0.01))) {
            outages_[channel] = {
                now + hours{random_.between(1, 48)}, notify::Verdict::misconfigured};
        }
    }
    if (faults_.is_over()) {
        outages_.clear();
    }
}

notify::Outcome Peers::hiccup() {
    switch (random_.below(4)) {
    case 0:
        return failed(notify::Verdict::permanent, notify::Reason::rejected, "550 no such user");
    case 1: {
        notify::Outcome outcome =
            failed(notify::Verdict::temporary, notify::Reason::rate_limited, "429");
        outcome.retry_after = std::chrono::seconds{random_.below(100'000)};
        return outcome;
    }
    case 2:
        return failed(notify::Verdict::uncertain, notify::Reason::timeout, "no answer");
    default:
        return failed(notify::Verdict::temporary, notify::Reason::deferred, "451 greylisted");
    }
}

PeerAnswer Peers::answer(const service::SendOrder& order, TimePoint now) {
    PeerAnswer answer;
    const auto outage = outages_.find(order.channel);
    if (outage != outages_.end() && now < outage->second.until) {
        answer.outcome = failed(outage->second.verdict, notify::Reason::connect, "refused");
        return answer;
    }
    if (random_.chance(faults_.chance(Fault::channel_flaky, 0.05))) {
        answer.outcome = hiccup();
        answer.is_committed = random_.chance(0.7);
        return answer;
    }
    answer.is_accepted = answer.is_committed = true;
    answer.outcome.verdict = notify::Verdict::accepted;
    if (random_.chance(faults_.chance(Fault::answer_lost, 0.02))) {
        answer.outcome = failed(notify::Verdict::uncertain, notify::Reason::timeout, "lost");
    }
    if (random_.chance(faults_.chance(Fault::answer_late, 0.03))) {
        answer.delay = minutes{random_.between(1, 60 * 8)};
    }
    return answer;
}

int Peers::accept(const service::SendOrder& order, TimePoint now) {
    for (const std::string& reminder : order.message.reminder_ids) {
        ++reminders_[reminder].accepted;
        last_reminders_[review_of(reminder)] = now;
    }
    return ++messages_[order.message.id].accepted;
}

void Peers::lose(const service::SendOrder& order) {
    ++messages_[order.message.id].uncertain;
    for (const std::string& reminder : order.message.reminder_ids) {
        ++reminders_[reminder].uncertain;
    }
}

std::optional<TimePoint> Peers::last_reminder(std::int64_t review) const {
    const auto found = last_reminders_.find(review);
    return found == last_reminders_.end() ? std::nullopt : std::optional{found->second};
}

} // namespace reviewd::simulation
