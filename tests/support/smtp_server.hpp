#pragma once

#include "tests/support/certificates.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::test {

/// Where in the dialogue the script of a server acts.
enum class SmtpStage { greeting, ehlo, starttls, auth, mail, rcpt, data, final_dot };

/// What a server does at a stage instead of the usual.
struct SmtpStep {
    enum class Then { go_on, close, silence };
    std::string reply; ///< raw bytes with their line ends; empty: says nothing
    Then then = Then::go_on;
    std::chrono::milliseconds per_byte{}; ///< pause before each byte of the reply
    int times = -1;                       ///< how often, before the usual returns; -1: always
};

/// A message that the server took responsibility for.
struct AcceptedMail {
    std::string from;
    std::vector<std::string> recipients;
    std::string content; ///< dots removed again, line ends as they came
    std::string user;    ///< who had logged in, or empty
    bool has_tls = false;
};

struct SmtpLogin {
    std::string user;
    std::string password;
};

struct SmtpServerSettings {
    enum class Tls { none, starttls, implicit };
    Tls tls = Tls::none;
    CertificateFiles certificate;   ///< for TLS
    std::optional<SmtpLogin> login; ///< needed before MAIL, if set
    /// Offered for it; understood are these and CRAM-MD5.
    std::string mechanisms = "PLAIN LOGIN";
    std::map<SmtpStage, SmtpStep> script;
    std::function<void(const AcceptedMail&)> keep; ///< runs before the 250 of the final dot
    int port = 0;                                  ///< 0: one that is free
};

/// A real SMTP server on 127.0.0.1 that follows a script and remembers what it saw. At
/// SmtpStage::final_dot a step with a reply of the class 4 or 5 refuses; one without a reply has
/// taken the message and says nothing about it.
class SmtpServer {
public:
    SmtpServer(const boost::asio::any_io_executor& executor, SmtpServerSettings settings);
    SmtpServer(const SmtpServer&) = delete;
    SmtpServer& operator=(const SmtpServer&) = delete;
    ~SmtpServer();

    [[nodiscard]] int port() const;
    /// May be changed between deliveries.
    [[nodiscard]] std::map<SmtpStage, SmtpStep>& script();
    [[nodiscard]] const std::vector<AcceptedMail>& accepted() const;
    /// Lines of the clients, without those of a message.
    [[nodiscard]] const std::vector<std::string>& commands() const;
    [[nodiscard]] int connections() const;
    /// Final dots that arrived, accepted or not.
    [[nodiscard]] int final_dots() const;
    /// Bodies of messages that had CR or LF outside a pair.
    [[nodiscard]] int bare_line_ends() const;

    struct State;

private:
    std::shared_ptr<State> state_;
};

} // namespace reviewd::test
