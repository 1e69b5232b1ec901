#pragma once

// daemon/notify/plugins/inbox: the channel `inbox` keeps messages where they are: in the daemon's
// own database, read with `reviewctl inbox --person KEY`. To accept one is to write that down, so
// each stands there exactly once, whatever crashes. No settings.
//
//     channels:
//       inbox: { type: inbox }

#include "daemon/notify/api/plugin.hpp"

#include <memory>

namespace reviewd::notify {

class InboxNotifier final : public Notifier {
public:
    [[nodiscard]] boost::asio::awaitable<Outcome> deliver(const Message& message, Attempt& attempt)
        override;
    [[nodiscard]] int concurrency() const override { return 64; }
    [[nodiscard]] DeliveryTraits traits() const override {
        DeliveryTraits traits;
        traits.when_uncertain = DeliveryTraits::WhenUncertain::accept;
        traits.limits = DeliveryTraits::Limits::none;
        return traits;
    }
};

[[nodiscard]] std::unique_ptr<Notifier> make_inbox_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
