#include "daemon/runtime/outbound/smtp_pool.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;

constexpr int messages_most = 100;
constexpr std::chrono::seconds smtp_idle_most{8};

/// Everything that makes a connection fit for a message.
std::string key_of(const notify::MailSubmission& mail) {
    return fmt::format(
        "{}\n{}\n{}\n{}\n{}\n{}\n{}",
        mail.host,
        mail.port,
        static_cast<int>(mail.tls.mode),
        mail.tls.authority_file,
        mail.helo_name,
        mail.login ? mail.login->user : "",
        mail.login ? mail.login->password : ""
    );
}

/// Of the deadline that began then; at least a moment, because one of nothing would be none.
std::chrono::milliseconds time_left(
    std::chrono::steady_clock::time_point begun, std::chrono::milliseconds deadline
) {
    using std::chrono::milliseconds;
    const auto passed = std::chrono::steady_clock::now() - begun;
    return std::max(milliseconds{1}, deadline - std::chrono::duration_cast<milliseconds>(passed));
}

} // namespace

SmtpPool::SmtpPool(net::any_io_executor executor, std::shared_ptr<CurlShare> share)
    : executor_(std::move(executor)),
      share_(std::move(share)),
      idle_(std::make_shared<Idle>(executor_, smtp_idle_most)) {}

net::awaitable<notify::Outcome> SmtpPool::submit(const notify::MailSubmission& mail) {
    const auto begun = std::chrono::steady_clock::now();
    const std::string key = key_of(mail);
    const std::shared_ptr<Idle> idle = idle_;
    const net::any_io_executor executor = executor_;
    const std::shared_ptr<CurlShare> share = share_;
    std::optional<Idle::Kept> kept = idle->take(key);
    notify::Outcome outcome;
    if (kept) {
        outcome = co_await kept->session->run(mail, mail.deadline);
    }
    if (!kept || kept->session->was_stale()) {
        const std::chrono::milliseconds left = time_left(begun, mail.deadline);
        kept = Idle::Kept{std::make_unique<SmtpSession>(executor, share, mail), 0};
        outcome = co_await kept->session->run(mail, left);
    }
    if (kept->session->found_no_login()) {
        // libcurl tells what is offered when it has made its choice: that takes another connection.
        const std::chrono::milliseconds left = time_left(begun, mail.deadline);
        const auto logins = SmtpSession::Logins::challenge;
        kept = Idle::Kept{std::make_unique<SmtpSession>(executor, share, mail, logins), 0};
        outcome = co_await kept->session->run(mail, left);
    }
    ++kept->messages;
    if (kept->session->is_open() && kept->messages < messages_most) {
        idle->keep(key, std::move(*kept));
    } else if (kept->session->is_open()) {
        kept->session->say_goodbye();
    }
    co_return outcome;
}

} // namespace reviewd::runtime
