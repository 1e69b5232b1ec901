#pragma once

#include "daemon/notify/api/outbound.hpp"
#include "daemon/runtime/outbound/curl_share.hpp"
#include "daemon/runtime/outbound/idle_sessions.hpp"
#include "daemon/runtime/outbound/smtp_session.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace reviewd::runtime {

/// Keeps connections to mail servers for the next message: a greeting, TLS and a login cost more
/// than a message does. A connection carries at most a hundred messages and waits some seconds for
/// the next one. Belongs to its executor.
class SmtpPool {
public:
    SmtpPool(boost::asio::any_io_executor executor, std::shared_ptr<CurlShare> share);
    SmtpPool(const SmtpPool&) = delete;
    SmtpPool& operator=(const SmtpPool&) = delete;

    [[nodiscard]] boost::asio::awaitable<notify::Outcome> submit(const notify::MailSubmission& mail
    );

private:
    using Idle = IdleSessions<SmtpSession>;

    boost::asio::any_io_executor executor_;
    std::shared_ptr<CurlShare> share_;
    std::shared_ptr<Idle> idle_;
};

} // namespace reviewd::runtime
