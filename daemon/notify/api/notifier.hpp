#pragma once

#include "daemon/notify/api/delivery_traits.hpp"
#include "daemon/notify/api/message.hpp"
#include "daemon/notify/api/outcome.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <string_view>

namespace reviewd::notify {

/// The surroundings of one attempt, given by the dispatcher.
class Attempt {
public:
    Attempt() = default;
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    virtual ~Attempt() = default;

    /// From 1.
    [[nodiscard]] virtual int number() const = 0;
    /// Moment of the attempt, read once by the dispatcher.
    [[nodiscard]] virtual TimePoint now() const = 0;
    /// Time that the whole attempt may take, but for answer_time().
    [[nodiscard]] virtual std::chrono::milliseconds deadline() const = 0;
    /// Time for a mail server's answer to the final dot, from there on. It may be filtering or
    /// storing the message: who does not wait for it sends a duplicate (RFC 5321, 4.5.3.2.6).
    [[nodiscard]] virtual std::chrono::milliseconds answer_time() const {
        return std::chrono::minutes{10};
    }

    /// The point of no return: call it once, just before the bytes that may make the peer accept
    /// (the final dot, the HTTP request, the write). Commits "phase = commit" durably. False: the
    /// attempt must stop and send nothing more.
    [[nodiscard]] virtual boost::asio::awaitable<bool> commit() = 0;

    /// Shows a line of the dialogue to whoever watches (`notifier test`); secrets are masked by the
    /// caller. May do nothing.
    virtual void dialogue(std::string_view line) = 0;
    /// Whether anybody watches; otherwise nobody needs to put the lines together.
    [[nodiscard]] virtual bool is_watched() const { return true; }
};

/// What any channel may have under way.
inline constexpr int deliveries_at_once_max = 256;

/// A configured channel. Lives on the network executor; several deliveries may be under way at
/// once.
class Notifier {
public:
    Notifier() = default;
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;
    virtual ~Notifier() = default;

    /// One attempt. Never throws for what a peer does; returns within attempt.deadline(),
    /// or within attempt.answer_time() after a mail's final dot.
    [[nodiscard]] virtual boost::asio::awaitable<Outcome> deliver(
        const Message& message, Attempt& attempt
    ) = 0;

    /// Deliveries that may be under way at once, 1 … deliveries_at_once_max.
    [[nodiscard]] virtual int concurrency() const { return 1; }

    /// Any thread.
    [[nodiscard]] virtual DeliveryTraits traits() const { return {}; }
};

} // namespace reviewd::notify
