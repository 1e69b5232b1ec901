#pragma once

#include "daemon/notify/api/outbound.hpp"
#include "daemon/runtime/outbound/curl_easy.hpp"
#include "daemon/runtime/outbound/curl_stream.hpp"
#include "daemon/runtime/outbound/smtp_reply.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::runtime {

/// One SMTP connection and the messages that go over it, one after the other. libcurl resolves,
/// connects, negotiates TLS and logs in; the five commands of the transaction are spoken here,
/// because libcurl waits for the answer to the final dot without giving the loop back, so that one
/// silent peer would stop all deliveries.
class SmtpSession {
public:
    /// Ways to log in. A password is sent as it is where the server takes that, because there is
    /// TLS around it, or this machine: left to itself libcurl prefers GSSAPI and NTLM, which
    /// servers offer that have no such account, and tries nothing else when they fail.
    enum class Logins { password, challenge };

    SmtpSession(
        const boost::asio::any_io_executor& executor,
        std::shared_ptr<CurlShare> share,
        const notify::MailSubmission& mail,
        Logins logins = Logins::password
    );
    SmtpSession(const SmtpSession&) = delete;
    SmtpSession& operator=(const SmtpSession&) = delete;

    /// Connects if it has to and submits the message, in at most that much time. Server, login and
    /// TLS are those that the session was made for.
    [[nodiscard]] boost::asio::awaitable<notify::Outcome> run(
        const notify::MailSubmission& mail, std::chrono::milliseconds deadline
    );

    /// Whether another message may follow: the last one was accepted and the server waits.
    [[nodiscard]] bool is_open() const { return is_open_; }
    /// Whether the server was silent since the last message, as it should be.
    [[nodiscard]] bool is_quiet();
    /// Whether the last run() was lost before the server had said a word about it, on a connection
    /// that had been kept: servers close those when they like, and it says nothing.
    [[nodiscard]] bool was_stale() const { return was_stale_; }
    /// Whether the server offers no login of the kind that the session was made for.
    [[nodiscard]] bool found_no_login() const { return found_no_login_; }
    /// Says QUIT and waits for nothing.
    void say_goodbye();

private:
    enum class Phase { before_commit, after_commit };
    using OptionalOutcome = std::optional<notify::Outcome>;

    static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
    static int on_debug(CURL* easy, curl_infotype type, char* bytes, std::size_t size, void* self);

    [[nodiscard]] std::string url() const;
    [[nodiscard]] boost::asio::awaitable<OptionalOutcome> connect();
    [[nodiscard]] notify::Outcome connect_failure() const;
    /// Sends the line and wants a reply of the class `wanted` (2 or 3); anything else is returned.
    [[nodiscard]] boost::asio::awaitable<OptionalOutcome> command(
        std::string line, int wanted, Refused what
    );
    /// The commands at once where the server allows it, else one by one.
    [[nodiscard]] boost::asio::awaitable<OptionalOutcome> envelope(std::size_t content_bytes);
    [[nodiscard]] boost::asio::awaitable<OptionalOutcome> expect(int wanted, Refused what);
    [[nodiscard]] boost::asio::awaitable<notify::Outcome> cut_short();
    [[nodiscard]] boost::asio::awaitable<notify::Outcome> finish();
    [[nodiscard]] boost::asio::awaitable<std::optional<SmtpReply>> receive();
    [[nodiscard]] notify::Outcome refused(const SmtpReply& reply, Refused what) const;
    [[nodiscard]] notify::Outcome lost(Phase phase) const;
    void note_line(std::string_view line);
    void note_command(std::string_view line);
    void show(std::string_view direction, std::string_view text) const;

    const notify::MailSubmission* mail_;
    CurlEasy easy_;
    CurlStream stream_;
    std::vector<std::string> secrets_;
    std::string received_;   ///< bytes behind the last reply
    std::string last_lines_; ///< of the reply that libcurl reads, bounded
    std::string greeting_;   ///< extensions of the last EHLO, one a line
    std::size_t header_bytes_ = 0;
    notify::Reason loss_ = notify::Reason::connect;
    bool has_sent_login_ = false;
    bool found_no_login_ = false;
    bool is_open_ = false;
    bool was_kept_ = false;     ///< this run began on an open connection
    bool was_answered_ = false; ///< in this run
    bool was_stale_ = false;
};

} // namespace reviewd::runtime
