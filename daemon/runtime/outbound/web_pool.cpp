#include "daemon/runtime/outbound/web_pool.hpp"

#include "daemon/runtime/outbound/web_exchange.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;

/// What has carried that much may come to its end: names move to other addresses.
constexpr int requests_most = 1000;
/// Many web servers close after five seconds: a request must not cross that on its way.
constexpr std::chrono::seconds web_idle_most{3};

} // namespace

WebPool::WebPool(net::any_io_executor executor, std::shared_ptr<CurlShare> share)
    : executor_(std::move(executor)),
      share_(std::move(share)),
      idle_(std::make_shared<Idle>(executor_, web_idle_most)) {}

net::awaitable<std::pair<notify::Outcome, notify::WebReply>> WebPool::post(
    const notify::WebRequest& request
) {
    const std::shared_ptr<Idle> idle = idle_;
    const net::any_io_executor executor = executor_;
    const std::shared_ptr<CurlShare> share = share_;
    WebExchange exchange{request};
    if (auto defect = exchange.defect()) {
        co_return std::pair{std::move(*defect), notify::WebReply{}};
    }
    const std::string key = WebConnection::key_of(request);
    std::optional<Idle::Kept> kept = idle->take(key);
    notify::Outcome outcome;
    if (kept) {
        outcome = co_await exchange.run(*kept->session);
    }
    if (!kept || exchange.was_stale()) {
        kept = Idle::Kept{std::make_unique<WebConnection>(executor, share, request), 0};
        outcome = co_await exchange.run(*kept->session);
    }
    ++kept->messages;
    if (exchange.may_be_kept() && kept->messages < requests_most) {
        idle->keep(key, std::move(*kept));
    }
    co_return std::pair{std::move(outcome), exchange.reply()};
}

} // namespace reviewd::runtime
