#include "daemon/notify/plugins/inbox/inbox_notifier.hpp"

namespace reviewd::notify {

boost::asio::awaitable<Outcome> InboxNotifier::deliver(
    const Message& /*message*/, Attempt& attempt
) {
    const bool may_go_on = co_await attempt.commit();
    if (!may_go_on) {
        co_return failed(Verdict::temporary, Reason::shutting_down, "stopped before the write");
    }
    attempt.dialogue("inbox: kept in the database");
    co_return failed(Verdict::accepted, Reason::none, {});
}

std::unique_ptr<Notifier> make_inbox_notifier(
    config::MapReader& /*settings*/, const PluginContext& /*context*/
) {
    return std::make_unique<InboxNotifier>();
}

} // namespace reviewd::notify
