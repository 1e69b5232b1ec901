#pragma once

#include "daemon/app/channels.hpp"
#include "daemon/app/store_door.hpp"
#include "daemon/runtime/log.hpp"
#include "daemon/service/dispatcher.hpp"
#include "scoring/base/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace reviewd::app {

/// Takes deliveries from the outbox to their notifiers, channel by channel: claim, deliver, settle.
/// What one delivery meets is no concern of the others. Belongs to its executor.
class Sender {
public:
    struct Counts {
        std::size_t accepted = 0;
        std::size_t not_accepted = 0;
    };

    enum class Event {
        looked, ///< the outbox was asked for a channel's deliveries
        settled ///< an attempt was recorded
    };

    /// @param happened is called after each event; all references outlive this
    Sender(
        boost::asio::any_io_executor executor,
        StoreDoor& store,
        const Clock& clock,
        const runtime::Log& log,
        std::function<void(Event)> happened
    );

    /// From now on deliveries go to these; those under way keep theirs.
    void use(std::shared_ptr<const Channels> channels);
    /// Looks into the outbox for each channel with room. Returns at once.
    void look();
    /// Claims nothing any more; what is under way goes on.
    void stop() { is_stopping_ = true; }

    [[nodiscard]] std::size_t under_way() const { return under_way_; }
    /// Whether anything is being claimed or delivered.
    [[nodiscard]] bool is_busy() const { return under_way_ > 0 || claiming_ > 0; }
    /// Of attempts since the start, by channel.
    [[nodiscard]] const std::map<std::string, Counts>& counts() const { return counts_; }

private:
    struct Line {
        int under_way = 0;
        bool is_claiming = false;
        bool is_to_look_again = false;
    };

    void look(const std::string& channel);
    [[nodiscard]] boost::asio::awaitable<void> claim(std::string channel);
    [[nodiscard]] boost::asio::awaitable<void> deliver(
        service::SendOrder order, std::shared_ptr<notify::Notifier> notifier
    );
    [[nodiscard]] boost::asio::awaitable<void> settle(
        const service::SendOrder& order, notify::Outcome outcome
    );

    boost::asio::any_io_executor executor_;
    StoreDoor& store_;
    const Clock& clock_;
    const runtime::Log& log_;
    std::function<void(Event)> happened_;
    std::shared_ptr<const Channels> channels_;
    std::map<std::string, Line> lines_;
    std::map<std::string, Counts> counts_;
    std::size_t under_way_ = 0;
    std::size_t claiming_ = 0;
    bool is_stopping_ = false;
};

} // namespace reviewd::app
