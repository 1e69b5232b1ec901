#pragma once

#include "daemon/notify/api/outbound.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace reviewd::runtime {

class CurlShare;
class SmtpPool;
class WebPool;

/// The network as it is. Lives on one executor that runs one handler at a time: the coroutines are
/// to be awaited on it. The process ignores SIGPIPE. May go while deliveries are under way; they
/// end with their coroutines.
class CurlOutbound final : public notify::Outbound {
public:
    explicit CurlOutbound(const boost::asio::any_io_executor& executor);
    ~CurlOutbound() override;

    [[nodiscard]] boost::asio::awaitable<notify::Outcome> submit(const notify::MailSubmission& mail
    ) override;

    [[nodiscard]] boost::asio::awaitable<std::pair<notify::Outcome, notify::WebReply>> post(
        const notify::WebRequest& request
    ) override;

private:
    CurlOutbound(
        const boost::asio::any_io_executor& executor, const std::shared_ptr<CurlShare>& share
    );

    std::unique_ptr<SmtpPool> mail_;
    std::unique_ptr<WebPool> web_;
};

} // namespace reviewd::runtime
