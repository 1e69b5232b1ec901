#pragma once

#include "daemon/notify/api/outbound.hpp"
#include "daemon/runtime/outbound/curl_multi.hpp"
#include "daemon/runtime/outbound/smtp_session.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace reviewd::runtime {

/// Keeps connections to mail servers for the next message: a greeting, TLS and a login cost more
/// than a message does. A connection carries at most a hundred messages and waits some seconds for
/// the next one. Belongs to its executor.
class SmtpPool {
public:
    explicit SmtpPool(std::shared_ptr<CurlMulti> multi);
    SmtpPool(const SmtpPool&) = delete;
    SmtpPool& operator=(const SmtpPool&) = delete;
    ~SmtpPool();

    [[nodiscard]] boost::asio::awaitable<notify::Outcome> submit(const notify::MailSubmission& mail
    );

private:
    struct Kept {
        std::unique_ptr<SmtpSession> session;
        int messages = 0;
        boost::asio::steady_timer::time_point since;
    };
    struct Idle;

    std::shared_ptr<CurlMulti> multi_;
    std::shared_ptr<Idle> idle_; ///< its timer may outlive this
};

} // namespace reviewd::runtime
