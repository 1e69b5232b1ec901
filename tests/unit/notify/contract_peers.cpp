#include "tests/unit/notify/contract_peers.hpp"

#include "tests/support/files.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/smtp_server.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <gmime/gmime.h>

#include <fstream>
#include <sstream>
#include <utility>

namespace reviewd::test {
namespace {

namespace json = boost::json;

constexpr std::string_view password = "canary-password-77";
constexpr std::string_view signing_key = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5IQ==";

void write_secret(const std::filesystem::path& file, std::string_view content) {
    std::ofstream{file} << content << '\n';
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write
    );
}

/// The text of a mail's first leaf, and its subject.
std::string read_mail(const std::string& raw) {
    g_mime_init();
    GMimeStream* stream = g_mime_stream_mem_new_with_buffer(raw.data(), raw.size());
    GMimeParser* parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage* mail = g_mime_parser_construct_message(parser, nullptr);
    GMimeObject* part = g_mime_message_get_mime_part(mail);
    if (GMIME_IS_MULTIPART(part)) {
        part = g_mime_multipart_get_part(GMIME_MULTIPART(part), 0);
    }
    char* body = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
    std::string text = g_mime_message_get_subject(mail) + std::string{"\n"} + body;
    g_free(body);
    g_object_unref(mail);
    g_object_unref(parser);
    g_object_unref(stream);
    return text;
}

class SmtpPeer final : public ContractPeer {
public:
    SmtpPeer(boost::asio::io_context& loop, const std::filesystem::path& directory)
        : authority_(directory), server_(loop.get_executor(), server_settings()) {
        write_secret(directory / "password", password);
    }

    std::string settings() const override {
        return fmt::format(
            "host: localhost\nport: {}\ntls: implicit\nauthority_file: {}\nuser: reviews\n"
            "password_file: password\nfrom: reviews@client.test\nfrom_name: Reviews\n",
            is_gone_ ? 1 : server_.port(),
            authority_.root_file().string()
        );
    }

    bool behave(Behaviour behaviour) override {
        using Then = SmtpStep::Then;
        auto& script = server_.script();
        script.clear();
        is_gone_ = behaviour == Behaviour::is_unreachable;
        switch (behaviour) {
        case Behaviour::accepts:
        case Behaviour::is_unreachable:
            break;
        case Behaviour::defers:
            set(SmtpStage::final_dot, "451 4.3.0 later\r\n");
            break;
        case Behaviour::refuses:
            set(SmtpStage::rcpt, "550 5.1.1 unknown\r\n");
            break;
        case Behaviour::denies_login:
            set(SmtpStage::auth, fmt::format("535 5.7.8 not with {}\r\n", password));
            break;
        case Behaviour::is_silent:
            set(SmtpStage::final_dot, "", Then::silence);
            break;
        case Behaviour::loses_the_reply:
            set(SmtpStage::final_dot, "", Then::close);
            break;
        case Behaviour::talks_garbage:
            set(SmtpStage::final_dot, fmt::format("{}\x1b[2J\r\n", password), Then::silence);
            break;
        }
        return true;
    }

    std::vector<std::string> accepted() const override {
        std::vector<std::string> ids;
        for (const AcceptedMail& mail : server_.accepted()) {
            const std::size_t begin = mail.content.find("Message-Id: ");
            ids.push_back(mail.content.substr(begin, mail.content.find("\r\n", begin) - begin));
        }
        return ids;
    }

    std::string shown() const override { return read_mail(server_.accepted().back().content); }
    std::string canary() const override { return std::string{password}; }

private:
    SmtpServerSettings server_settings() const {
        SmtpServerSettings settings;
        settings.tls = SmtpServerSettings::Tls::implicit;
        settings.certificate = authority_.issue("server");
        settings.login = SmtpLogin{"reviews", std::string{password}};
        return settings;
    }

    void set(SmtpStage stage, std::string reply, SmtpStep::Then then = SmtpStep::Then::go_on) {
        server_.script()[stage] = SmtpStep{std::move(reply), then, {}, -1};
    }

    CertificateAuthority authority_;
    SmtpServer server_;
    bool is_gone_ = false;
};

class WebhookPeer final : public ContractPeer {
public:
    WebhookPeer(boost::asio::io_context& loop, const std::filesystem::path& directory)
        : authority_(directory),
          server_(loop.get_executor(), server_settings()),
          directory_(directory) {
        write_secret(directory / "key", signing_key);
        behave_now(Behaviour::accepts);
    }

    std::string settings() const override {
        write_secret(
            directory_ / "url",
            fmt::format("https://localhost:{}/hook/canary-path", is_gone_ ? 1 : server_.port())
        );
        return fmt::format(
            "url_file: url\nsecret_file: key\nallow_hosts: [localhost]\nauthority_file: {}\n",
            authority_.root_file().string()
        );
    }

    bool behave(Behaviour behaviour) override {
        behave_now(behaviour);
        return true;
    }

    std::vector<std::string> accepted() const override {
        std::vector<std::string> ids;
        for (const ReceivedRequest& request : server_.received()) {
            if (request.status >= 200 && request.status < 300) {
                ids.push_back(request.headers.at("webhook-id"));
            }
        }
        return ids;
    }

    std::string shown() const override { return ""; } // the payload, checked by its own test
    std::string canary() const override { return "canary"; }

private:
    HttpServerSettings server_settings() const {
        HttpServerSettings settings;
        settings.certificate = authority_.issue("server");
        return settings;
    }

    void behave_now(Behaviour behaviour) {
        using Then = HttpAnswer::Then;
        HttpAnswer answer;
        is_gone_ = behaviour == Behaviour::is_unreachable;
        switch (behaviour) {
        case Behaviour::accepts:
        case Behaviour::is_unreachable:
            break;
        case Behaviour::defers:
            answer.status = 503;
            break;
        case Behaviour::refuses:
            answer.status = 422;
            break;
        case Behaviour::denies_login:
            answer.status = 401;
            break;
        case Behaviour::is_silent:
            answer.raw = "";
            answer.then = Then::silence;
            break;
        case Behaviour::loses_the_reply:
            answer.raw = "";
            answer.then = Then::close;
            break;
        case Behaviour::talks_garbage:
            answer.raw = "220 canary\x1b[2J ESMTP\r\n";
            answer.then = Then::close;
            break;
        }
        answer.body = "no such thing: /hook/canary-path";
        answer.headers = {{"X-Echo", "canary"}};
        server_.answer() = answer;
    }

    CertificateAuthority authority_;
    HttpServer server_;
    std::filesystem::path directory_;
    bool is_gone_ = false;
};

class FilePeer final : public ContractPeer {
public:
    explicit FilePeer(const std::filesystem::path& directory) : directory_(directory) {}

    std::string settings() const override {
        return fmt::format("path: {}\n", is_gone_ ? "missing/lines.jsonl" : "lines.jsonl");
    }

    bool behave(Behaviour behaviour) override {
        is_gone_ = behaviour == Behaviour::is_unreachable;
        return is_gone_ || behaviour == Behaviour::accepts;
    }

    std::vector<std::string> accepted() const override {
        std::vector<std::string> ids;
        for (const json::value& line : lines()) {
            ids.emplace_back(line.at("id").as_string());
        }
        return ids;
    }

    std::string shown() const override {
        const json::value line = lines().back();
        return std::string{line.at("subject").as_string()} + "\n"
               + std::string{line.at("text").as_string()};
    }
    std::string canary() const override { return ""; }

private:
    std::vector<json::value> lines() const {
        std::vector<json::value> result;
        if (!std::filesystem::exists(directory_ / "lines.jsonl")) {
            return result;
        }
        std::istringstream text{read_file(directory_ / "lines.jsonl")};
        for (std::string line; std::getline(text, line);) {
            result.push_back(json::parse(line));
        }
        return result;
    }

    std::filesystem::path directory_;
    bool is_gone_ = false;
};

/// The journal gives no receipt: nothing of it can be seen from here.
class JournalPeer final : public ContractPeer {
public:
    std::string settings() const override { return "{}\n"; }
    bool behave(Behaviour behaviour) override { return behaviour == Behaviour::accepts; }
    std::vector<std::string> accepted() const override { return {}; }
    std::string shown() const override { return ""; }
    std::string canary() const override { return ""; }
};

} // namespace

const std::vector<ContractCase>& contract_cases() {
    static const std::vector<ContractCase> cases{
        {"journal",
         [](auto&, const auto&) -> std::unique_ptr<ContractPeer> {
             return std::make_unique<JournalPeer>();
         }},
        {"file",
         [](auto&, const auto& directory) -> std::unique_ptr<ContractPeer> {
             return std::make_unique<FilePeer>(directory);
         }},
        {"smtp",
         [](auto& loop, const auto& directory) -> std::unique_ptr<ContractPeer> {
             return std::make_unique<SmtpPeer>(loop, directory);
         }},
        {"webhook",
         [](auto& loop, const auto& directory) -> std::unique_ptr<ContractPeer> {
             return std::make_unique<WebhookPeer>(loop, directory);
         }},
    };
    return cases;
}

} // namespace reviewd::test
