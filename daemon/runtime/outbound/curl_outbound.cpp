#include "daemon/runtime/outbound/curl_outbound.hpp"

#include "daemon/runtime/outbound/curl_multi.hpp"
#include "daemon/runtime/outbound/smtp_pool.hpp"
#include "daemon/runtime/outbound/web_exchange.hpp"

#include <utility>

namespace reviewd::runtime {

namespace net = boost::asio;

CurlOutbound::CurlOutbound(net::any_io_executor executor)
    : multi_(std::make_shared<CurlMulti>(std::move(executor))),
      mail_(std::make_unique<SmtpPool>(multi_)) {}

CurlOutbound::~CurlOutbound() = default;

net::awaitable<notify::Outcome> CurlOutbound::submit(const notify::MailSubmission& mail) {
    co_return co_await mail_->submit(mail);
}

net::awaitable<std::pair<notify::Outcome, notify::WebReply>> CurlOutbound::post(
    const notify::WebRequest& request
) {
    WebExchange exchange{multi_, request};
    co_return co_await exchange.run();
}

} // namespace reviewd::runtime
