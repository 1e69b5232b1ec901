#include "tests/support/smtp_server.hpp"

#include "tests/support/accept_all.hpp"
#include "tests/support/wire.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/core.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace reviewd::test {

namespace net = boost::asio;
using net::ip::tcp;

struct SmtpServer::State {
    State(const net::any_io_executor& executor, SmtpServerSettings wanted)
        : settings(std::move(wanted)),
          acceptor(
              executor,
              {net::ip::address_v4::loopback(), static_cast<unsigned short>(settings.port)}
          ) {
        if (settings.tls != SmtpServerSettings::Tls::none) {
            context = server_context(settings.certificate);
        }
    }

    SmtpServerSettings settings;
    tcp::acceptor acceptor;
    std::unique_ptr<net::ssl::context> context;
    std::vector<AcceptedMail> accepted;
    std::vector<std::string> commands;
    int connections = 0;
    int final_dots = 0;
    int bare_line_ends = 0;
};

namespace {

constexpr std::size_t message_bytes_max = 64UL * 1024 * 1024;

struct SmtpClosed {};

std::string decode_base64(const std::string& text) {
    std::string bytes(text.size(), '\0');
    const int length = EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(bytes.data()),
        reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size())
    );
    const auto padding = static_cast<int>(std::count(text.begin(), text.end(), '='));
    bytes.resize(length < padding ? 0 : static_cast<std::size_t>(length - padding));
    return bytes;
}

std::string encode_base64(const std::string& bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()),
        reinterpret_cast<const unsigned char*>(bytes.data()),
        static_cast<int>(bytes.size())
    );
    text.resize(static_cast<std::size_t>(length));
    return text;
}

/// What a client answers who knows the password: RFC 2195.
std::string challenge_answer(const SmtpLogin& login, const std::string& challenge) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(
        EVP_md5(),
        login.password.data(),
        static_cast<int>(login.password.size()),
        reinterpret_cast<const unsigned char*>(challenge.data()),
        challenge.size(),
        digest.data(),
        &size
    );
    std::string answer = login.user + ' ';
    for (unsigned int at = 0; at < size; ++at) {
        answer += fmt::format("{:02x}", digest.at(at));
    }
    return answer;
}

std::string upper_case(std::string_view text) {
    std::string result{text};
    for (char& c : result) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return result;
}

std::string in_angles(std::string_view line) {
    const std::size_t begin = line.find('<');
    const std::size_t end = line.rfind('>');
    const bool is_there = begin != std::string_view::npos && end != std::string_view::npos;
    return is_there ? std::string{line.substr(begin + 1, end - begin - 1)} : std::string{};
}

bool has_bare_line_ends(std::string_view content) {
    for (std::size_t at = 0; at < content.size(); ++at) {
        const bool is_pair =
            content[at] == '\r' && at + 1 < content.size() && content[at + 1] == '\n';
        if (is_pair) {
            ++at;
        } else if (content[at] == '\r' || content[at] == '\n') {
            return true;
        }
    }
    return false;
}

/// One connection.
class SmtpSession {
public:
    SmtpSession(std::shared_ptr<SmtpServer::State> state, tcp::socket socket)
        : state_(std::move(state)), wire_(std::move(socket)) {}

    net::awaitable<void> run() {
        try {
            if (state_->settings.tls == SmtpServerSettings::Tls::implicit) {
                co_await wire_.start_tls(*state_->context);
            }
            co_await answer(SmtpStage::greeting, "220 mail.test ESMTP\r\n");
            for (;;) {
                std::string command = co_await line();
                co_await serve(std::move(command));
            }
        } catch (const SmtpClosed&) {
        } catch (const boost::system::system_error&) {
        }
        wire_.close();
    }

private:
    net::awaitable<void> serve(std::string command) {
        const std::string verb = upper_case(command.substr(0, command.find(' ')));
        if (verb == "EHLO") {
            mail_ = {};
            co_await answer(SmtpStage::ehlo, capabilities());
        } else if (verb == "STARTTLS") {
            co_await start_tls();
        } else if (verb == "AUTH") {
            co_await authenticate(command);
        } else if (verb == "MAIL") {
            co_await begin_mail(command);
        } else if (verb == "RCPT") {
            const char said = co_await answer(SmtpStage::rcpt, "250 2.1.5 ok\r\n");
            if (said == '2') {
                mail_.recipients.push_back(in_angles(command));
            }
        } else if (verb == "DATA") {
            const char said = co_await answer(SmtpStage::data, "354 go on\r\n");
            if (said == '3') {
                co_await take_message();
            }
        } else if (verb == "QUIT") {
            co_await wire_.write("221 2.0.0 bye\r\n");
            throw SmtpClosed{};
        } else if (verb == "RSET" || verb == "NOOP") {
            co_await wire_.write("250 2.0.0 ok\r\n");
        } else {
            co_await wire_.write("502 5.5.1 unknown\r\n");
        }
    }

    std::string capabilities() const {
        std::string text = "250-mail.test\r\n";
        const bool offers_tls =
            state_->settings.tls == SmtpServerSettings::Tls::starttls && !wire_.has_tls();
        if (offers_tls) {
            text += "250-STARTTLS\r\n";
        } else if (state_->settings.login) {
            text += "250-AUTH " + state_->settings.mechanisms + "\r\n";
        }
        return text + "250-SIZE 67108864\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
    }

    net::awaitable<void> start_tls() {
        if (state_->context == nullptr || wire_.has_tls()) {
            co_await wire_.write("502 5.5.1 no\r\n");
            co_return;
        }
        const char said = co_await answer(SmtpStage::starttls, "220 2.0.0 go\r\n");
        if (said == '2') {
            buffer_.clear(); // what came in clear text behind the command does not count
            co_await wire_.start_tls(*state_->context);
        }
    }

    net::awaitable<void> authenticate(std::string command) {
        const std::string mechanism = upper_case(command.substr(5, command.find(' ', 5) - 5));
        const std::size_t initial = command.find(' ', 5);
        const std::string first = initial == std::string::npos ? "" : command.substr(initial + 1);
        std::optional<SmtpLogin> said;
        if (mechanism == "PLAIN") {
            said = co_await plain_login(first);
        } else if (mechanism == "LOGIN") {
            said = co_await login_login(first);
        } else if (mechanism == "CRAM-MD5") {
            said = co_await challenge_login();
        }
        const auto& login = state_->settings.login;
        const bool is_right =
            login && said && login->user == said->user && login->password == said->password;
        std::string usual = is_right ? "235 2.7.0 welcome\r\n" : "535 5.7.8 wrong\r\n";
        const char answered = co_await answer(SmtpStage::auth, std::move(usual));
        user_ = answered == '2' && said ? said->user : "";
    }

    net::awaitable<std::optional<SmtpLogin>> plain_login(std::string blob) {
        if (blob.empty()) {
            co_await wire_.write("334 \r\n");
            blob = co_await line();
        }
        const std::string plain = decode_base64(blob);
        const std::size_t first = plain.find('\0');
        const std::size_t second = plain.find('\0', first + 1);
        if (second == std::string::npos) {
            co_return std::nullopt;
        }
        co_return SmtpLogin{plain.substr(first + 1, second - first - 1), plain.substr(second + 1)};
    }

    net::awaitable<std::optional<SmtpLogin>> login_login(std::string user) {
        if (user.empty()) {
            co_await wire_.write("334 VXNlcm5hbWU6\r\n");
            user = co_await line();
        }
        co_await wire_.write("334 UGFzc3dvcmQ6\r\n");
        const std::string password = co_await line();
        co_return SmtpLogin{decode_base64(user), decode_base64(password)};
    }

    net::awaitable<std::optional<SmtpLogin>> challenge_login() {
        const std::string challenge = "<1896.697170952@mail.test>";
        std::string asked = "334 " + encode_base64(challenge) + "\r\n";
        co_await wire_.write(std::move(asked));
        const std::string answered = decode_base64(co_await line());
        const auto& login = state_->settings.login;
        const bool is_right = login && answered == challenge_answer(*login, challenge);
        co_return is_right ? login : std::nullopt;
    }

    net::awaitable<void> begin_mail(std::string command) {
        if (state_->settings.login && user_.empty()) {
            co_await wire_.write("530 5.7.0 log in first\r\n");
            co_return;
        }
        mail_ = {};
        mail_.from = in_angles(command);
        mail_.user = user_;
        mail_.has_tls = wire_.has_tls();
        co_await answer(SmtpStage::mail, "250 2.1.0 ok\r\n");
    }

    net::awaitable<void> take_message() {
        const std::string end = "\r\n.\r\n";
        std::string raw = "\r\n"; // so that an empty message ends like any other
        raw += std::exchange(buffer_, {});
        std::size_t found = raw.find(end);
        while (found == std::string::npos) {
            const std::size_t from = raw.size() < end.size() ? 0 : raw.size() - end.size();
            co_await fill(raw);
            found = raw.find(end, from);
            if (raw.size() > message_bytes_max) {
                throw SmtpClosed{};
            }
        }
        buffer_ = raw.substr(found + end.size());
        raw.resize(found + 2);
        state_->bare_line_ends += has_bare_line_ends(raw) ? 1 : 0;
        boost::algorithm::replace_all(raw, "\r\n..", "\r\n.");
        mail_.content = raw.substr(2);
        ++state_->final_dots;
        co_await end_message();
    }

    net::awaitable<void> end_message() {
        const auto step = state_->settings.script.find(SmtpStage::final_dot);
        const bool has_step = step != state_->settings.script.end() && step->second.times != 0;
        const std::string& reply = has_step ? step->second.reply : std::string{};
        const bool refuses = !reply.empty() && (reply[0] == '4' || reply[0] == '5');
        if (!refuses) {
            state_->accepted.push_back(mail_);
            if (state_->settings.keep) {
                state_->settings.keep(mail_);
            }
        }
        co_await answer(SmtpStage::final_dot, "250 2.0.0 taken\r\n");
    }

    /// Says the scripted or the usual reply; returns its first digit, or '0' when nothing was said.
    net::awaitable<char> answer(SmtpStage stage, std::string usual) {
        auto& script = state_->settings.script;
        const auto found = script.find(stage);
        if (found == script.end() || found->second.times == 0) {
            co_await wire_.write(usual);
            co_return usual[0];
        }
        found->second.times -= found->second.times > 0 ? 1 : 0;
        const SmtpStep step = found->second;
        if (step.per_byte.count() > 0) {
            co_await wire_.write_slowly(step.reply, step.per_byte);
        } else {
            co_await wire_.write(step.reply);
        }
        if (step.then == SmtpStep::Then::close) {
            throw SmtpClosed{};
        }
        if (step.then == SmtpStep::Then::silence) {
            co_await wire_.wait_for_end();
        }
        co_return step.reply.empty() ? '0' : step.reply[0];
    }

    net::awaitable<std::string> line() {
        std::size_t end = buffer_.find("\r\n");
        while (end == std::string::npos) {
            co_await fill(buffer_);
            end = buffer_.find("\r\n");
        }
        std::string result = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        state_->commands.push_back(result);
        co_return result;
    }

    net::awaitable<void> fill(std::string& buffer) {
        std::array<char, 16384> chunk{};
        const std::size_t count = co_await wire_.read_some(net::buffer(chunk));
        buffer.append(chunk.data(), count);
    }

    std::shared_ptr<SmtpServer::State> state_;
    Wire wire_;
    std::string buffer_;
    std::string user_;
    AcceptedMail mail_;
};

} // namespace

SmtpServer::SmtpServer(const net::any_io_executor& executor, SmtpServerSettings settings)
    : state_(std::make_shared<State>(executor, std::move(settings))) {
    net::co_spawn(executor, accept_all<SmtpSession>(state_), net::detached);
}

SmtpServer::~SmtpServer() {
    boost::system::error_code ignored;
    static_cast<void>(state_->acceptor.close(ignored));
}

int SmtpServer::port() const {
    return state_->acceptor.local_endpoint().port();
}

std::map<SmtpStage, SmtpStep>& SmtpServer::script() {
    return state_->settings.script;
}

const std::vector<AcceptedMail>& SmtpServer::accepted() const {
    return state_->accepted;
}

const std::vector<std::string>& SmtpServer::commands() const {
    return state_->commands;
}

int SmtpServer::connections() const {
    return state_->connections;
}

int SmtpServer::final_dots() const {
    return state_->final_dots;
}

int SmtpServer::bare_line_ends() const {
    return state_->bare_line_ends;
}

} // namespace reviewd::test
