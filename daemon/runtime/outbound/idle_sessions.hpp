#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::runtime {

/// Open connections that wait some seconds for their next message, by what makes them fit for it.
/// A Session says whether its peer is quiet and says goodbye before it goes. Held by a shared
/// pointer, because its timer may outlive its owner.
template <class Session>
class IdleSessions : public std::enable_shared_from_this<IdleSessions<Session>> {
public:
    struct Kept {
        std::unique_ptr<Session> session;
        int messages = 0; ///< that went over it
    };

    using Clock = boost::asio::steady_timer::clock_type;

    /// @param idle_most how long a session may wait: less than nearly any of its servers does
    IdleSessions(const boost::asio::any_io_executor& executor, std::chrono::seconds idle_most)
        : timer_(executor), idle_most_(idle_most) {}

    /// The one used last whose peer has neither spoken nor gone, if it has not waited too long; it
    /// is not kept here any more.
    [[nodiscard]] std::optional<Kept> take(
        const std::string& key, Clock::time_point now = Clock::now()
    ) {
        std::vector<Waiting>& waiting = sessions_[key];
        while (!waiting.empty()) {
            Waiting newest = std::move(waiting.back());
            waiting.pop_back();
            if (is_old(newest, now)) {
                newest.kept.session->say_goodbye();
            } else if (newest.kept.session->is_quiet()) {
                return std::move(newest.kept);
            }
        }
        return std::nullopt;
    }

    void keep(const std::string& key, Kept kept, Clock::time_point now = Clock::now()) {
        sessions_[key].push_back({std::move(kept), now});
        if (!is_waiting_) {
            wait();
        }
    }

private:
    struct Waiting {
        Kept kept;
        Clock::time_point since;
    };

    [[nodiscard]] bool is_old(const Waiting& one, Clock::time_point now) const {
        return one.since + idle_most_ <= now;
    }

    void wait() {
        is_waiting_ = true;
        timer_.expires_after(idle_most_);
        timer_.async_wait([weak = this->weak_from_this()](auto error) {
            const auto self = weak.lock();
            if (!error && self) {
                self->is_waiting_ = false;
                self->sweep();
            }
        });
    }

    void sweep() {
        const auto now = Clock::now();
        for (auto entry = sessions_.begin(); entry != sessions_.end();) {
            std::vector<Waiting>& waiting = entry->second;
            const auto is_over = [&](const Waiting& one) {
                return is_old(one, now);
            };
            for (Waiting& one : waiting) {
                if (is_over(one)) {
                    one.kept.session->say_goodbye();
                }
            }
            waiting.erase(std::remove_if(waiting.begin(), waiting.end(), is_over), waiting.end());
            entry = waiting.empty() ? sessions_.erase(entry) : std::next(entry);
        }
        if (!sessions_.empty()) {
            wait();
        }
    }

    std::map<std::string, std::vector<Waiting>> sessions_;
    boost::asio::steady_timer timer_;
    std::chrono::seconds idle_most_;
    bool is_waiting_ = false;
};

} // namespace reviewd::runtime
