// smtp_sink: an SMTP server for tests of whole programs. Every message is a line of JSON in the
// output file before its 250 is said.

#include "tests/support/certificates.hpp"
#include "tests/support/sink.hpp"
#include "tests/support/smtp_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

namespace {

namespace json = boost::json;
using reviewd::test::AcceptedMail;
using reviewd::test::SmtpServerSettings;

std::string as_line(const AcceptedMail& mail) {
    json::array recipients;
    for (const std::string& recipient : mail.recipients) {
        recipients.emplace_back(reviewd::test::as_utf8(recipient));
    }
    return json::serialize(json::object{
        {"from", reviewd::test::as_utf8(mail.from)},
        {"recipients", recipients},
        {"user", reviewd::test::as_utf8(mail.user)},
        {"tls", mail.has_tls},
        {"content", reviewd::test::as_utf8(mail.content)},
    });
}

int run(int argc, char** argv) {
    std::string output;
    std::string tls = "none";
    std::string certificates;
    std::string user;
    std::string password;
    int defer_first = 0;
    SmtpServerSettings settings;
    CLI::App app{"An SMTP server on 127.0.0.1 that keeps every message as a line of JSON"};
    app.add_option("--output", output, "file to append to")->required();
    app.add_option("--port", settings.port, "0 takes a free one");
    app.add_option("--tls", tls, "none, starttls or implicit")
        ->check(CLI::IsMember({"none", "starttls", "implicit"}));
    app.add_option("--certificates", certificates, "directory for the certificates of a new root");
    app.add_option("--user", user, "demand a login");
    app.add_option("--password", password, "its password");
    app.add_option("--defer-first", defer_first, "answer the first messages with 451");
    CLI11_PARSE(app, argc, argv);

    std::string root;
    if (tls != "none") {
        const reviewd::test::CertificateAuthority authority{certificates};
        settings.certificate = authority.issue("server");
        settings.tls = tls == "implicit" ? SmtpServerSettings::Tls::implicit
                                         : SmtpServerSettings::Tls::starttls;
        root = authority.root_file().string();
    }
    if (!user.empty()) {
        settings.login = reviewd::test::SmtpLogin{user, password};
    }
    if (defer_first > 0) {
        reviewd::test::SmtpStep step;
        step.reply = "451 4.7.1 try again later\r\n";
        step.times = defer_first;
        settings.script[reviewd::test::SmtpStage::final_dot] = step;
    }
    const reviewd::test::SinkFile file{output};
    settings.keep = [&file](const AcceptedMail& mail) {
        file.append(as_line(mail));
    };
    boost::asio::io_context loop{1};
    const reviewd::test::SmtpServer server{loop.get_executor(), std::move(settings)};
    reviewd::test::run_sink(
        loop, json::serialize(json::object{{"port", server.port()}, {"root_file", root}})
    );
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "smtp_sink: %s\n", error.what());
        return 70;
    }
}
