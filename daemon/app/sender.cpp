// One line per channel with as much under way as its notifier says. A claim is made when there is
// room; each end of a delivery makes room and looks again, so that a channel never waits for the
// loop.

#include "daemon/app/sender.hpp"

#include "scoring/base/text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace reviewd::app {

namespace {

namespace net = boost::asio;

constexpr std::chrono::seconds attempt_time{60};
constexpr int most_at_once = 64;

/// Names of events, each with a paragraph in the manual.
std::string_view event_of(notify::Verdict verdict) {
    switch (verdict) {
    case notify::Verdict::accepted:
        return "delivery.accepted";
    case notify::Verdict::temporary:
        return "delivery.deferred";
    case notify::Verdict::permanent:
        return "delivery.rejected";
    case notify::Verdict::uncertain:
        return "delivery.uncertain";
    case notify::Verdict::misconfigured:
        return "channel.misconfigured";
    }
    return "delivery.deferred";
}

/// The surroundings of one attempt in the daemon: its commit is one durable step of the outbox.
class StoredAttempt final : public notify::Attempt {
public:
    StoredAttempt(StoreDoor& store, const service::SendOrder& order, TimePoint now)
        : store_{store}, order_{order}, now_{now} {}

    [[nodiscard]] int number() const override { return order_.attempt; }
    [[nodiscard]] TimePoint now() const override { return now_; }
    [[nodiscard]] std::chrono::milliseconds deadline() const override { return attempt_time; }
    [[nodiscard]] net::awaitable<bool> commit() override {
        auto mark = [delivery = order_.delivery,
                     attempt = order_.attempt](service::Service& service) {
            return service.outbox().mark_commit(delivery, attempt);
        };
        is_committed_ = co_await store_.with(std::move(mark));
        co_return is_committed_;
    }
    void dialogue(std::string_view /*line*/) override {}

    [[nodiscard]] bool is_committed() const { return is_committed_; }

private:
    StoreDoor& store_;
    const service::SendOrder& order_;
    TimePoint now_;
    bool is_committed_ = false;
};

} // namespace

Sender::Sender(
    net::any_io_executor executor,
    StoreDoor& store,
    const Clock& clock,
    const runtime::Log& log,
    std::function<void(Event)> happened
)
    : executor_{std::move(executor)},
      store_{store},
      clock_{clock},
      log_{log},
      happened_{std::move(happened)} {}

void Sender::use(std::shared_ptr<const Channels> channels) {
    channels_ = std::move(channels);
}

void Sender::look() {
    for (const auto& [name, channel] : channels_->all()) {
        look(name);
    }
}

void Sender::look(const std::string& channel) {
    if (is_stopping_) {
        return;
    }
    Line& line = lines_[channel];
    if (line.is_claiming) {
        line.is_to_look_again = true;
        return;
    }
    line.is_claiming = true;
    ++claiming_;
    net::co_spawn(executor_, claim(channel), net::detached);
}

net::awaitable<void> Sender::claim(std::string channel) {
    Line& line = lines_[channel];
    const Channels::Channel* const found = channels_->find(channel);
    const std::shared_ptr<notify::Notifier> notifier = found == nullptr ? nullptr : found->notifier;
    const int room =
        notifier ? std::clamp(notifier->concurrency(), 1, most_at_once) - line.under_way : 0;
    if (room > 0) {
        auto work = [channel, room, now = clock_.now()](service::Service& service) {
            return service.outbox().claim(channel, room, now);
        };
        try {
            Result<std::vector<service::SendOrder>> orders = co_await store_.with(std::move(work));
            if (!orders) {
                log_.warning(
                    "outbox.claim_failed",
                    {{"channel", channel}, {"reason", orders.error().message}}
                );
            } else {
                for (service::SendOrder& order : *orders) {
                    ++line.under_way;
                    ++under_way_;
                    net::co_spawn(executor_, deliver(std::move(order), notifier), net::detached);
                }
            }
        } catch (const std::exception& error) {
            log_.error("outbox.claim_failed", {{"channel", channel}, {"reason", error.what()}});
        }
    }
    line.is_claiming = false;
    --claiming_;
    if (line.is_to_look_again) {
        line.is_to_look_again = false;
        look(channel);
    }
    happened_(Event::looked);
}

net::awaitable<void> Sender::deliver(
    service::SendOrder order, std::shared_ptr<notify::Notifier> notifier
) {
    StoredAttempt attempt{store_, order, clock_.now()};
    notify::Outcome outcome;
    try {
        outcome = co_await notifier->deliver(order.message, attempt);
    } catch (const std::exception& error) {
        // Before the point of no return nothing can have arrived; after it nobody knows.
        outcome.verdict =
            attempt.is_committed() ? notify::Verdict::uncertain : notify::Verdict::temporary;
        outcome.reason = notify::Reason::protocol;
        outcome.reply = escape_controls(error.what());
    }
    try {
        co_await settle(order, std::move(outcome));
    } catch (const std::exception& error) {
        // The claim stays; the next start makes of it what its phase says.
        log_.error(
            "delivery.not_recorded", {{"delivery", order.delivery.value}, {"reason", error.what()}}
        );
    }
    --lines_[order.channel].under_way;
    --under_way_;
    look(order.channel);
    happened_(Event::settled);
}

net::awaitable<void> Sender::settle(const service::SendOrder& order, notify::Outcome outcome) {
    const bool is_accepted = outcome.verdict == notify::Verdict::accepted;
    Counts& counts = counts_[order.channel];
    ++(is_accepted ? counts.accepted : counts.not_accepted);
    if (is_accepted) {
        log_.info(
            "delivery.accepted",
            {{"delivery", order.delivery.value},
             {"channel", order.channel},
             {"attempt", order.attempt}}
        );
    } else {
        log_.warning(
            event_of(outcome.verdict),
            {{"delivery", order.delivery.value},
             {"channel", order.channel},
             {"attempt", order.attempt},
             {"reason", notify::name(outcome.reason)},
             {"code", outcome.code},
             {"reply", outcome.reply}}
        );
    }
    auto work = [delivery = order.delivery,
                 attempt = order.attempt,
                 result = std::move(outcome),
                 now = clock_.now()](service::Service& service) {
        return service.outbox().settle(delivery, attempt, result, now);
    };
    const Result<void> recorded = co_await store_.with(std::move(work));
    if (!recorded) {
        log_.error(
            "delivery.not_recorded",
            {{"delivery", order.delivery.value}, {"reason", recorded.error().message}}
        );
    }
}

} // namespace reviewd::app
