#include "daemon/runtime/outbound/smtp_pool.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;

constexpr int messages_most = 100;
/// Less than any server waits.
constexpr std::chrono::seconds idle_most{8};

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

} // namespace

struct SmtpPool::Idle : std::enable_shared_from_this<SmtpPool::Idle> {
    explicit Idle(const net::any_io_executor& executor) : timer(executor) {}

    std::optional<Kept> take(const std::string& key) {
        std::vector<Kept>& kept = sessions[key];
        while (!kept.empty()) {
            Kept newest = std::move(kept.back());
            kept.pop_back();
            if (newest.session->is_quiet()) {
                return newest;
            }
        }
        return std::nullopt;
    }

    void keep(const std::string& key, Kept session) {
        session.since = net::steady_timer::clock_type::now();
        sessions[key].push_back(std::move(session));
        if (!is_waiting) {
            wait();
        }
    }

    void wait() {
        is_waiting = true;
        timer.expires_after(idle_most);
        timer.async_wait([weak = weak_from_this()](auto error) {
            const auto self = weak.lock();
            if (!error && self) {
                self->is_waiting = false;
                self->sweep();
            }
        });
    }

    void sweep() {
        const auto now = net::steady_timer::clock_type::now();
        for (auto entry = sessions.begin(); entry != sessions.end();) {
            std::vector<Kept>& kept = entry->second;
            const auto is_old = [&](const Kept& one) {
                return one.since + idle_most <= now;
            };
            for (Kept& one : kept) {
                if (is_old(one)) {
                    one.session->say_goodbye();
                }
            }
            kept.erase(std::remove_if(kept.begin(), kept.end(), is_old), kept.end());
            entry = kept.empty() ? sessions.erase(entry) : std::next(entry);
        }
        if (!sessions.empty()) {
            wait();
        }
    }

    std::map<std::string, std::vector<Kept>> sessions;
    net::steady_timer timer;
    bool is_waiting = false;
};

SmtpPool::SmtpPool(std::shared_ptr<CurlMulti> multi)
    : multi_(std::move(multi)), idle_(std::make_shared<Idle>(multi_->executor())) {}

SmtpPool::~SmtpPool() = default;

net::awaitable<notify::Outcome> SmtpPool::submit(const notify::MailSubmission& mail) {
    const std::string key = key_of(mail);
    const std::shared_ptr<Idle> idle = idle_;
    std::optional<Kept> kept = idle->take(key);
    notify::Outcome outcome;
    if (kept) {
        outcome = co_await kept->session->run(mail);
    }
    if (!kept || kept->session->was_stale()) {
        kept = Kept{std::make_unique<SmtpSession>(multi_, mail), 0, {}};
        outcome = co_await kept->session->run(mail);
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
