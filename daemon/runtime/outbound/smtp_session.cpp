#include "daemon/runtime/outbound/smtp_session.hpp"

#include "daemon/notify/api/mail_address.hpp"
#include "daemon/notify/api/reply_text.hpp"
#include "daemon/runtime/outbound/mail_data.hpp"
#include "scoring/base/base64.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <utility>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;
using notify::Outcome;
using notify::Reason;
using notify::TlsSettings;
using notify::Verdict;

constexpr std::size_t login_bytes_max = 64UL * 1024;
constexpr std::size_t lines_kept_bytes = 4096;

/// The forms in which a peer could send the login back.
std::vector<std::string> secrets_of(const std::optional<notify::Login>& login) {
    if (!login) {
        return {};
    }
    std::string plain{'\0'};
    plain += login->user + '\0' + login->password;
    return {encode_base64(plain), encode_base64(login->password), login->password};
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
           || c == '-' || c == ':';
}

bool is_host(std::string_view name) {
    return !name.empty() && name.size() <= 253
           && std::all_of(name.begin(), name.end(), is_host_character);
}

CurlEasy::Connection connection_of(
    const notify::MailSubmission& mail, std::shared_ptr<CurlShare> share
) {
    const bool is_plain = mail.tls.mode == TlsSettings::Mode::none;
    return {
        mail.tls,
        is_plain ? notify::AddressPolicy::loopback_only : notify::AddressPolicy::any,
        mail.deadline,
        std::move(share),
    };
}

/// Between two messages a session knows none.
struct Forgetting {
    const notify::MailSubmission*& mail;
    ~Forgetting() { mail = nullptr; }
};

/// What the submission itself has wrong, before anything is connected.
std::optional<Outcome> defect_of(const notify::MailSubmission& mail) {
    Outcome outcome;
    outcome.reason = Reason::bad_address;
    outcome.verdict = Verdict::misconfigured;
    if (!is_host(mail.host)) {
        outcome.reply = "the name of the mail server is no host name";
        return outcome;
    }
    if (!mail.envelope_from.empty()) {
        outcome.reply = notify::check_mail_address(mail.envelope_from);
        if (!outcome.reply.empty()) {
            return outcome;
        }
    }
    outcome.verdict = Verdict::permanent;
    outcome.reply = notify::check_mail_address(mail.envelope_to);
    if (!outcome.reply.empty()) {
        return outcome;
    }
    return std::nullopt;
}

} // namespace

SmtpSession::SmtpSession(
    const net::any_io_executor& executor,
    std::shared_ptr<CurlShare> share,
    const notify::MailSubmission& mail,
    Logins logins
)
    : mail_(&mail),
      easy_(std::make_shared<CurlMulti>(executor), connection_of(mail, std::move(share))),
      stream_(easy_, executor),
      secrets_(secrets_of(mail.login)) {
    easy_.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    easy_.set(CURLOPT_VERBOSE, 1L);
    easy_.set(CURLOPT_DEBUGFUNCTION, &SmtpSession::on_debug);
    easy_.set(CURLOPT_DEBUGDATA, this);
    easy_.set(CURLOPT_HEADERFUNCTION, &SmtpSession::on_header);
    easy_.set(CURLOPT_HEADERDATA, this);
    if (mail.tls.mode == TlsSettings::Mode::starttls_required) {
        easy_.set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    }
    if (mail.login) {
        easy_.set(CURLOPT_USERNAME, mail.login->user.c_str());
        easy_.set(CURLOPT_PASSWORD, mail.login->password.c_str());
        easy_.set(CURLOPT_SASL_IR, 1L);
        easy_.set(
            CURLOPT_LOGIN_OPTIONS,
            logins == Logins::password ? "AUTH=PLAIN;AUTH=LOGIN"
                                       : "AUTH=CRAM-MD5;AUTH=DIGEST-MD5;AUTH=NTLM"
        );
    }
}

std::string SmtpSession::url() const {
    const bool is_ipv6 = mail_->host.find(':') != std::string::npos;
    return fmt::format(
        "{}://{}{}{}:{}/{}",
        mail_->tls.mode == TlsSettings::Mode::implicit ? "smtps" : "smtp",
        is_ipv6 ? "[" : "",
        mail_->host,
        is_ipv6 ? "]" : "",
        mail_->port,
        is_host(mail_->helo_name) ? mail_->helo_name : std::string{"localhost"}
    );
}

net::awaitable<Outcome> SmtpSession::run(
    const notify::MailSubmission& mail, std::chrono::milliseconds deadline
) {
    mail_ = &mail;
    const Forgetting forgetting{mail_};
    if (auto defect = defect_of(mail)) {
        co_return *defect;
    }
    was_kept_ = is_open_;
    was_answered_ = false;
    was_stale_ = false;
    is_open_ = false;
    if (was_kept_) {
        easy_.renew(deadline);
    } else {
        easy_.limit(deadline);
        if (auto failed = co_await connect()) {
            co_return *failed;
        }
    }
    const std::string content = to_mail_data(mail.content);
    if (auto failed = co_await envelope(content.size())) {
        const bool is_about_connection = failed->code == 0 || failed->code == 421;
        was_stale_ = was_kept_ && is_about_connection && (!was_answered_ || failed->code == 421)
                     && failed->reason != Reason::timeout;
        co_return *failed;
    }
    show(">", fmt::format("(the message, {} bytes)", content.size()));
    const bool is_sent = co_await stream_.send(content);
    if (!is_sent) {
        co_return co_await cut_short();
    }
    Outcome outcome = co_await finish();
    is_open_ = outcome.verdict == Verdict::accepted && received_.empty();
    if (!is_open_) {
        say_goodbye();
    }
    co_return outcome;
}

net::awaitable<SmtpSession::OptionalOutcome> SmtpSession::envelope(std::size_t content_bytes) {
    std::string from = fmt::format("MAIL FROM:<{}>", mail_->envelope_from);
    if (greeting_.find("SIZE") != std::string::npos) {
        from += fmt::format(" SIZE={}", content_bytes);
    }
    const std::string to = fmt::format("RCPT TO:<{}>", mail_->envelope_to);
    if (greeting_.find("PIPELINING") == std::string::npos) {
        if (auto failed = co_await command(std::move(from), 2, Refused::sender)) {
            co_return failed;
        }
        if (auto failed = co_await command(to, 2, Refused::message)) {
            co_return failed;
        }
        co_return co_await command("DATA", 3, Refused::message);
    }
    show(">", from);
    show(">", to);
    show(">", "DATA");
    const std::string all = fmt::format("{}\r\n{}\r\nDATA\r\n", from, to);
    bool is_sent = received_.empty();
    if (is_sent) {
        is_sent = co_await stream_.send(all);
    }
    if (!is_sent) {
        co_return lost(Phase::before_commit);
    }
    static constexpr std::array<std::pair<int, Refused>, 3> replies{
        {{2, Refused::sender}, {2, Refused::message}, {3, Refused::message}}};
    for (const auto& [wanted, what] : replies) {
        if (auto failed = co_await expect(wanted, what)) {
            // The connection ends here: a DATA that was taken all the same gets no message.
            co_return failed;
        }
    }
    co_return std::nullopt;
}

net::awaitable<SmtpSession::OptionalOutcome> SmtpSession::expect(int wanted, Refused what) {
    const std::optional<SmtpReply> reply = co_await receive();
    if (!reply) {
        co_return lost(Phase::before_commit);
    }
    was_answered_ = true;
    if (reply->code / 100 != wanted) {
        co_return refused(*reply, what);
    }
    co_return std::nullopt;
}

bool SmtpSession::is_quiet() {
    return is_open_ && stream_.is_quiet();
}

net::awaitable<SmtpSession::OptionalOutcome> SmtpSession::connect() {
    const std::string address = url();
    const bool is_connected = co_await stream_.connect(address);
    const bool is_denied = easy_.result() == CURLE_LOGIN_DENIED && !easy_.is_late();
    found_no_login_ = mail_->login && !has_sent_login_ && (is_connected || is_denied);
    if (found_no_login_) {
        Outcome outcome;
        outcome.verdict = Verdict::misconfigured;
        outcome.reason = Reason::authentication;
        outcome.reply = "the server offers no way to log in that is supported";
        co_return outcome;
    }
    if (!is_connected) {
        co_return connect_failure();
    }
    co_return std::nullopt;
}

/// What the server said last counts more than libcurl's word for it.
Outcome SmtpSession::connect_failure() const {
    Outcome outcome = easy_.failure(notify::clean_reply(last_lines_, secrets_));
    SmtpReplyReader reader;
    std::string_view lines = last_lines_;
    if (easy_.is_short() || easy_.is_late()
        || reader.take(lines) != SmtpReplyReader::State::complete || reader.reply().code < 400) {
        return outcome;
    }
    const bool is_login = outcome.reason == Reason::authentication;
    outcome = refused(reader.reply(), Refused::connection);
    if (is_login && outcome.verdict == Verdict::permanent) {
        outcome.reason = Reason::authentication;
    }
    if (outcome.verdict == Verdict::permanent) {
        outcome.verdict = Verdict::misconfigured; // about the server, not about this message
    }
    return outcome;
}

net::awaitable<SmtpSession::OptionalOutcome> SmtpSession::command(
    std::string line, int wanted, Refused what
) {
    show(">", line);
    line += "\r\n";
    std::optional<SmtpReply> reply;
    if (received_.empty() && co_await stream_.send(line)) {
        reply = co_await receive();
    } else if (!received_.empty()) {
        // Words that nobody asked for: an answer could be taken for that of a later command.
        reply = co_await receive();
        if (reply && reply->code < 400) {
            reply.reset();
            loss_ = Reason::protocol;
        }
    }
    if (!reply) {
        co_return lost(Phase::before_commit);
    }
    was_answered_ = true;
    if (reply->code / 100 != wanted) {
        const Outcome failed = refused(*reply, what);
        say_goodbye();
        co_return failed;
    }
    co_return std::nullopt;
}

/// The message did not go out whole. Who says why, and goes, has refused it.
net::awaitable<Outcome> SmtpSession::cut_short() {
    const std::optional<SmtpReply> reply = co_await receive();
    if (reply && reply->code >= 400) {
        co_return refused(*reply, Refused::message);
    }
    co_return lost(Phase::before_commit);
}

net::awaitable<Outcome> SmtpSession::finish() {
    if (!received_.empty()) {
        // Words before the dot: the end of the dialogue, whatever they say.
        const std::optional<SmtpReply> early = co_await receive();
        if (early && early->code >= 400) {
            co_return refused(*early, Refused::message);
        }
        loss_ = Reason::protocol;
        co_return lost(Phase::before_commit);
    }
    const bool may_go_on = co_await mail_->commit();
    if (!may_go_on) {
        Outcome outcome;
        outcome.reason = Reason::shutting_down;
        co_return outcome;
    }
    if (easy_.is_late()) {
        co_return lost(Phase::before_commit); // the dot was never sent
    }
    if (mail_->answer_time.count() > 0) {
        easy_.renew(mail_->answer_time);
    }
    show(">", ".");
    if (!co_await stream_.send(".\r\n")) {
        co_return lost(Phase::after_commit);
    }
    const std::optional<SmtpReply> reply = co_await receive();
    if (!reply || reply->code / 100 == 3) {
        co_return lost(Phase::after_commit);
    }
    Outcome outcome;
    if (reply->code / 100 == 2) {
        outcome.verdict = Verdict::accepted;
        outcome.code = reply->code;
        outcome.enhanced_code = reply->enhanced_code;
        outcome.reply = notify::clean_reply(reply->text, secrets_);
    } else {
        outcome = refused(*reply, Refused::message);
    }
    co_return outcome;
}

net::awaitable<std::optional<SmtpReply>> SmtpSession::receive() {
    SmtpReplyReader reader;
    std::array<char, 4096> chunk{};
    for (;;) {
        std::string_view bytes = received_;
        const auto state = reader.take(bytes);
        received_ = std::string{bytes};
        if (state == SmtpReplyReader::State::complete) {
            show("<", reader.reply().text);
            co_return reader.reply();
        }
        if (state == SmtpReplyReader::State::broken) {
            loss_ = Reason::protocol;
            co_return std::nullopt;
        }
        const std::size_t count = co_await stream_.receive(chunk);
        if (count == 0) {
            co_return std::nullopt;
        }
        received_.assign(chunk.data(), count);
    }
}

/// Servers that check the sender with the recipient (Postfix does, unless told otherwise) name it
/// at the beginning: "553 5.7.1 <sender>: Sender address rejected: not owned by user".
Outcome SmtpSession::refused(const SmtpReply& reply, Refused what) const {
    const std::string words = fmt::format("<{}>: Sender address rejected", mail_->envelope_from);
    const bool names_sender =
        reply.text.substr(0, words.size() + 14).find(words) != std::string::npos;
    return refusal(reply, names_sender ? Refused::sender : what, secrets_);
}

Outcome SmtpSession::lost(Phase phase) const {
    Outcome outcome;
    outcome.verdict = phase == Phase::after_commit ? Verdict::uncertain : Verdict::temporary;
    outcome.reason = easy_.is_late() ? Reason::timeout : loss_;
    switch (outcome.reason) {
    case Reason::timeout:
        outcome.reply = "no answer in time";
        break;
    case Reason::protocol:
        outcome.reply = "the server's answer is not SMTP";
        break;
    default:
        outcome.reply = "the connection was lost";
        break;
    }
    return outcome;
}

void SmtpSession::say_goodbye() {
    constexpr std::string_view quit = "QUIT\r\n";
    std::size_t count = 0;
    static_cast<void>(curl_easy_send(easy_.handle(), quit.data(), quit.size(), &count));
    show(">", "QUIT");
}

void SmtpSession::show(std::string_view direction, std::string_view text) const {
    if (mail_ != nullptr && mail_->dialogue) {
        mail_->dialogue(fmt::format("{} {}", direction, notify::clean_reply(text, secrets_)));
    }
}

/// Keeps the lines of the newest reply and the extensions of the newest EHLO.
void SmtpSession::note_line(std::string_view line) {
    const bool is_code = line.size() > 4;
    const std::string_view last_code = std::string_view{last_lines_}.substr(0, 3);
    const bool continues =
        is_code && line.substr(0, 3) == last_code && !last_lines_.empty()
        && last_lines_[last_lines_.rfind('\n', last_lines_.size() - 2) + 1 + 3] == '-';
    if (!continues) {
        last_lines_.clear();
    }
    if (last_lines_.size() + line.size() <= lines_kept_bytes) {
        last_lines_ += line;
    }
    if (is_code && line.substr(0, 3) == "250") {
        greeting_ += line.substr(4);
    }
}

/// @returns 0, with which libcurl gives the connection up, or the line's size
std::size_t SmtpSession::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& session = *static_cast<SmtpSession*>(self);
    const std::string_view line{bytes, size * count};
    session.header_bytes_ += line.size();
    if (session.header_bytes_ > login_bytes_max || session.easy_.is_short()) {
        return 0;
    }
    try {
        session.note_line(line);
        session.show("<", line);
    } catch (const std::exception&) {
        session.easy_.ran_short(); // libcurl knows no exceptions
        return 0;
    }
    return line.size();
}

int SmtpSession::on_debug(
    CURL* /*easy*/, curl_infotype type, char* bytes, std::size_t size, void* self
) {
    if (type != CURLINFO_HEADER_OUT) {
        return 0;
    }
    auto& session = *static_cast<SmtpSession*>(self);
    try {
        session.note_command({bytes, size});
    } catch (const std::exception&) {
        session.easy_.ran_short(); // the answer to it is read no more
    }
    return 0;
}

/// What libcurl says by itself: up to the end of the login.
void SmtpSession::note_command(std::string_view line) {
    const std::string_view verb = line.substr(0, line.find_first_of(" \r\n"));
    if (verb == "EHLO" || verb == "HELO" || verb == "STARTTLS" || verb == "QUIT") {
        greeting_.clear();
        show(">", line);
    } else if (verb == "AUTH") {
        has_sent_login_ = true;
        const std::string_view mechanism = line.substr(0, line.find_first_of(" \r\n", 5));
        show(">", fmt::format("{} ***", mechanism));
    } else {
        show(">", "***"); // the rest of a login
    }
}

} // namespace reviewd::runtime
