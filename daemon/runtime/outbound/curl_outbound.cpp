#include "daemon/runtime/outbound/curl_outbound.hpp"

#include "daemon/runtime/outbound/curl_share.hpp"
#include "daemon/runtime/outbound/smtp_pool.hpp"
#include "daemon/runtime/outbound/web_pool.hpp"

namespace reviewd::runtime {

namespace net = boost::asio;

CurlOutbound::CurlOutbound(const net::any_io_executor& executor)
    : CurlOutbound(executor, std::make_shared<CurlShare>()) {}

CurlOutbound::CurlOutbound(
    const net::any_io_executor& executor, const std::shared_ptr<CurlShare>& share
)
    : mail_(std::make_unique<SmtpPool>(executor, share)),
      web_(std::make_unique<WebPool>(executor, share)) {}

CurlOutbound::~CurlOutbound() = default;

net::awaitable<notify::Outcome> CurlOutbound::submit(const notify::MailSubmission& mail) {
    co_return co_await mail_->submit(mail);
}

net::awaitable<std::pair<notify::Outcome, notify::WebReply>> CurlOutbound::post(
    const notify::WebRequest& request
) {
    co_return co_await web_->post(request);
}

} // namespace reviewd::runtime
