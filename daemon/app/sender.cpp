// While the store writes one round, the steps that come up meanwhile gather for the next: with many
// deliveries under way each commit to the disk carries the claims, points of no return and results
// of many; with one under way none of them waits.

#include "daemon/app/sender.hpp"

#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace reviewd::app {

namespace {

namespace net = boost::asio;

constexpr std::chrono::seconds attempt_time{60};
/// While the store writes some, the loop sends others; all in one round would take turns.
constexpr int most_in_a_round = 64;
/// With that much the next round is handed over before the one under way has ended: the store need
/// not wait for a loop that is busy.
constexpr std::size_t much_of_a_round = 32;
constexpr int rounds_most = 2;

LogEvent event_of(notify::Verdict verdict) {
    switch (verdict) {
    case notify::Verdict::accepted:
        return LogEvent::delivery_accepted;
    case notify::Verdict::temporary:
        return LogEvent::delivery_deferred;
    case notify::Verdict::permanent:
        return LogEvent::delivery_rejected;
    case notify::Verdict::uncertain:
        return LogEvent::delivery_uncertain;
    case notify::Verdict::misconfigured:
        return LogEvent::channel_misconfigured;
    }
    return LogEvent::delivery_deferred;
}

// A plain function: GCC 12 destroys some temporaries of a coroutine twice.
AttemptEnd end_of(
    const service::SendOrder& order,
    const notify::Outcome& outcome,
    std::chrono::milliseconds duration,
    TimePoint now
) {
    return AttemptEnd{
        .channel = order.channel,
        .verdict = outcome.verdict,
        .reason = outcome.reason,
        .duration = duration,
        .lateness = std::max(now - order.message.date, std::chrono::milliseconds{0}),
    };
}

} // namespace

/// The surroundings of one attempt in the daemon: its commit is one durable step of the outbox.
class Sender::StoredAttempt final : public notify::Attempt {
public:
    StoredAttempt(Sender& sender, const service::SendOrder& order)
        : sender_{sender}, order_{order}, now_{sender.clock_.now()} {}

    [[nodiscard]] int number() const override { return order_.attempt; }
    [[nodiscard]] TimePoint now() const override { return now_; }
    [[nodiscard]] std::chrono::milliseconds deadline() const override { return attempt_time; }
    [[nodiscard]] net::awaitable<bool> commit() override {
        is_committed_ = co_await sender_.commit(order_.delivery, order_.attempt);
        co_return is_committed_;
    }
    void dialogue(std::string_view /*line*/) override {}
    [[nodiscard]] bool is_watched() const override { return false; }

    [[nodiscard]] bool is_committed() const { return is_committed_; }

private:
    Sender& sender_;
    const service::SendOrder& order_;
    TimePoint now_;
    bool is_committed_ = false;
};

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
    is_store_troubled_ = false;
    for (const auto& [name, channel] : channels_->all()) {
        want(name);
    }
    go_on();
}

void Sender::want(const std::string& channel) {
    lines_[channel].is_wanted = true;
}

/// Runs it beside everything else; what it throws ends up with somebody.
void Sender::spawn(net::awaitable<void> work) {
    net::co_spawn(executor_, std::move(work), [this](const std::exception_ptr& thrown) {
        if (thrown && failed_) {
            failed_(thrown);
        } else if (thrown) {
            std::rethrow_exception(thrown);
        }
    });
}

bool Sender::may_write(int others) const {
    return others == 0
           || (others < rounds_most && commits_.size() + ended_.size() >= much_of_a_round);
}

/// Starts the writing of rounds, unless it is going on.
void Sender::go_on() {
    if (may_write(rounds_) && !is_store_troubled_) {
        ++rounds_;
        spawn(write());
    }
}

/// Everything that waits for the store.
service::Round Sender::gather(std::vector<Commit>& commits) {
    service::Round round;
    commits = std::exchange(commits_, {});
    for (const Commit& commit : commits) {
        round.commits.emplace_back(commit.delivery, commit.attempt);
    }
    const std::ptrdiff_t count = std::min<std::ptrdiff_t>(std::ssize(ended_), most_in_a_round);
    const auto end = ended_.begin() + count;
    round.ended.assign(std::make_move_iterator(ended_.begin()), std::make_move_iterator(end));
    ended_.erase(ended_.begin(), end);
    round.wanted = gather_wanted();
    return round;
}

/// What the channels have room for, as much as a round bears; the one after the last comes first.
std::vector<service::Wanted> Sender::gather_wanted() {
    std::vector<service::Wanted> wanted;
    int left = most_in_a_round;
    auto at = lines_.upper_bound(last_served_);
    for (std::size_t i = 0; i < lines_.size() && left > 0; ++i, ++at) {
        at = at == lines_.end() ? lines_.begin() : at;
        auto& [name, line] = *at;
        if (!std::exchange(line.is_wanted, false) || is_stopping_ || is_held_) {
            continue;
        }
        const Channels::Channel* const channel = channels_->find(name);
        const int bound =
            channel == nullptr
                ? 0
                : std::clamp(channel->notifier->concurrency(), 1, notify::deliveries_at_once_max);
        const int under_way = line.under_way + line.asked;
        if (bound > under_way) {
            wanted.push_back({name, std::min(bound - under_way, left), under_way});
            line.asked += wanted.back().limit;
            left -= wanted.back().limit;
            last_served_ = name;
        }
    }
    return wanted;
}

net::awaitable<void> Sender::write() {
    for (;;) {
        std::vector<Commit> commits;
        service::Round round = gather(commits);
        if (round.commits.empty() && round.ended.empty() && round.wanted.empty()) {
            break;
        }
        co_await write_one(std::move(round), std::move(commits));
        if (is_store_troubled_ || !may_write(rounds_ - 1)) {
            break;
        }
    }
    --rounds_;
    happened_(Event::looked);
}

net::awaitable<void> Sender::write_one(service::Round round, std::vector<Commit> commits) {
    Result<service::RoundResult> result = co_await run(round);
    for (const service::Wanted& wanted : round.wanted) {
        lines_[wanted.channel].asked -= wanted.limit;
    }
    if (!result) {
        refused(std::move(round), std::move(commits), result.error().message);
        co_return;
    }
    problem_.clear();
    for (std::size_t i = 0; i < commits.size(); ++i) {
        net::post(
            executor_,
            [permission = std::move(commits[i].permission),
             may = static_cast<bool>(result->may_go_on[i])]() mutable {
                std::move(permission)(may);
            }
        );
    }
    for (const std::string& problem : result->problems) {
        log_.tell(LogEvent::delivery_not_recorded, {{"reason", problem}});
    }
    start_all(round.wanted, std::move(result->orders));
    if (!round.ended.empty()) {
        happened_(Event::settled);
    }
}

net::awaitable<Result<service::RoundResult>> Sender::run(const service::Round& round) {
    auto work = [&round, now = clock_.now()](service::Service& service) {
        return service.outbox().run(round, now);
    };
    try {
        co_return co_await store_.with(std::move(work));
    } catch (const std::exception& error) {
        co_return fail(ErrorCode::internal, error.what());
    }
}

/// The disk is full, perhaps. Nothing more is sent that could not be recorded; results are kept and
/// tried again at the next look.
void Sender::refused(service::Round round, std::vector<Commit> commits, const std::string& reason) {
    is_store_troubled_ = true;
    problem_ = reason;
    log_.tell(
        round.ended.empty() ? LogEvent::outbox_claim_failed : LogEvent::delivery_not_recorded,
        {{"reason", reason}, {"results", round.ended.size()}}
    );
    // Those that came meanwhile as well: no round is written for them before the next look.
    std::move(commits_.begin(), commits_.end(), std::back_inserter(commits));
    commits_.clear();
    for (Commit& commit : commits) {
        net::post(executor_, [permission = std::move(commit.permission)]() mutable {
            std::move(permission)(false);
        });
    }
    ended_.insert(
        ended_.begin(),
        std::make_move_iterator(round.ended.begin()),
        std::make_move_iterator(round.ended.end())
    );
}

void Sender::start_all(
    const std::vector<service::Wanted>& wanted, std::vector<service::SendOrder> orders
) {
    std::map<std::string, int> found;
    for (service::SendOrder& order : orders) {
        ++found[order.channel];
        start(std::move(order));
    }
    for (const service::Wanted& each : wanted) {
        if (found[each.channel] >= each.limit) {
            want(each.channel); // there may be more
        }
    }
}

void Sender::start(service::SendOrder order) {
    ++lines_[order.channel].under_way;
    ++under_way_;
    const Channels::Channel* const channel = channels_->find(order.channel);
    std::shared_ptr<notify::Notifier> notifier = channel == nullptr ? nullptr : channel->notifier;
    spawn(deliver(std::move(order), std::move(notifier)));
}

net::awaitable<bool> Sender::commit(DeliveryId delivery, int attempt) {
    auto join = [this, delivery, attempt](auto handler) {
        commits_.push_back({delivery, attempt, Permission{std::move(handler)}});
        if (is_store_troubled_) {
            Permission permission = std::move(commits_.back().permission);
            commits_.pop_back();
            net::post(executor_, [refuse = std::move(permission)]() mutable {
                std::move(refuse)(false);
            });
        }
        go_on();
    };
    co_return co_await net::async_initiate<const net::use_awaitable_t<>, void(bool)>(
        std::move(join), net::use_awaitable
    );
}

net::awaitable<void> Sender::deliver(
    service::SendOrder order, std::shared_ptr<notify::Notifier> notifier
) {
    StoredAttempt attempt{*this, order};
    notify::Outcome outcome;
    const std::chrono::milliseconds begun = clock_.since_boot();
    try {
        if (notifier) {
            outcome = co_await notifier->deliver(order.message, attempt);
        } else {
            outcome.verdict = notify::Verdict::misconfigured;
            outcome.reply = "the channel is gone";
        }
    } catch (const std::exception& error) {
        // Before the point of no return nothing can have arrived; after it nobody knows.
        outcome.verdict =
            attempt.is_committed() ? notify::Verdict::uncertain : notify::Verdict::temporary;
        outcome.reason = notify::Reason::protocol;
        outcome.reply = escape_controls(error.what());
    }
    tell(order, outcome);
    if (attempted_) {
        attempted_(end_of(order, outcome, clock_.since_boot() - begun, clock_.now()));
    }
    ended_.push_back({order.delivery, order.attempt, std::move(outcome)});
    --lines_[order.channel].under_way;
    --under_way_;
    want(order.channel);
    go_on();
    if (rounds_ == 0) {
        happened_(Event::looked); // no round will tell that this one has ended
    }
}

void Sender::tell(const service::SendOrder& order, const notify::Outcome& outcome) {
    const bool is_accepted = outcome.verdict == notify::Verdict::accepted;
    Counts& counts = counts_[order.channel];
    ++(is_accepted ? counts.accepted : counts.not_accepted);
    if (is_accepted) {
        log_.tell(
            LogEvent::delivery_accepted,
            {{"delivery", order.delivery.value},
             {"channel", order.channel},
             {"attempt", order.attempt}}
        );
        return;
    }
    log_.tell(
        event_of(outcome.verdict),
        {{"delivery", order.delivery.value},
         {"channel", order.channel},
         {"attempt", order.attempt},
         {"reason", notify::name(outcome.reason)},
         {"code", outcome.code},
         {"reply", outcome.reply}}
    );
}

} // namespace reviewd::app
