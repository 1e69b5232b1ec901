#pragma once

// daemon/notify/plugins/journal: the channel `journal` writes one entry per delivery into the
// system's journal. The entry carries identities alone (the fields REVIEWD_DELIVERY,
// REVIEWD_REMINDERS and REVIEWD_ATTEMPT), because the journal is read by people who may not read
// customers' data. On a terminal the daemon also prints the message. No settings. An entry that the
// journal has taken may still be dropped by it: the journal gives no receipt. A journal or terminal
// that takes nothing for a while holds up a thread of its own, never the loop.
//
//     channels:
//       log: { type: journal }

#include "daemon/notify/api/plugin.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::notify {

class JournalNotifier final : public Notifier {
public:
    /// Sends one entry, its fields as "NAME=value"; 0, or a negative errno.
    using Send = std::function<int(const std::vector<std::string>& fields)>;
    using TerminalLine = std::function<void(std::string_view)>;

    /// @param terminal_line may be empty
    /// @param blocking runs what waits for the journal and the terminal; empty: the loop does
    JournalNotifier(
        Send send, TerminalLine terminal_line, boost::asio::any_io_executor blocking = {}
    );

    [[nodiscard]] boost::asio::awaitable<Outcome> deliver(const Message& message, Attempt& attempt)
        override;
    [[nodiscard]] DeliveryTraits traits() const override {
        DeliveryTraits traits;
        traits.when_uncertain = DeliveryTraits::WhenUncertain::accept;
        traits.limits = DeliveryTraits::Limits::none;
        return traits;
    }

private:
    void print(const Message& message) const;

    Send send_;
    TerminalLine terminal_line_;
    boost::asio::any_io_executor blocking_;
};

[[nodiscard]] std::unique_ptr<Notifier> make_journal_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
