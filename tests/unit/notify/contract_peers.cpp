#include "tests/unit/notify/contract_peers.hpp"

#include "tests/support/files.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/smtp_server.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <gmime/gmime.h>

#include <algorithm>
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

/// A service that is posted to; what differs is where the handle and the words stand.
class WebPeer final : public ContractPeer {
public:
    enum class Kind { webhook, slack, teams, discord, mattermost, ntfy };

    WebPeer(Kind kind, boost::asio::io_context& loop, const std::filesystem::path& directory)
        : kind_(kind),
          authority_(directory),
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
        const char* own = kind_ == Kind::webhook ? "secret_file: key\n"
                          : kind_ == Kind::ntfy  ? "topic: reviews\ntoken_file: key\n"
                                                 : "";
        return fmt::format(
            "url_file: url\n{}allow_hosts: [localhost]\nauthority_file: {}\n",
            own,
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
                ids.push_back(handle_of(request));
            }
        }
        return ids;
    }

    std::string shown() const override {
        if (kind_ == Kind::webhook) {
            return ""; // the payload, checked by its own test
        }
        return words_of(json::parse(server_.received().back().body));
    }
    std::string canary() const override { return "canary"; }

private:
    /// What the receiver could recognise a repetition by; chats give nothing to do so.
    std::string handle_of(const ReceivedRequest& request) const {
        switch (kind_) {
        case Kind::webhook:
            return request.headers.at("webhook-id");
        case Kind::ntfy:
            return std::string{json::parse(request.body).at("sequence_id").as_string()};
        default:
            return "d-0193-aa";
        }
    }

    /// Subject and text as a reader sees them.
    std::string words_of(const json::value& document) const {
        const auto text = [](const json::value& value) {
            return std::string{value.as_string()};
        };
        std::string words;
        switch (kind_) {
        case Kind::webhook:
            break;
        case Kind::slack:
            for (const json::value& block : document.at("blocks").as_array()) {
                words += text(block.at("text").at("text")) + "\n";
            }
            break;
        case Kind::teams:
            for (const json::value& line :
                 document.at("attachments").at(0).at("content").at("body").as_array()) {
                words += text(line.at("inlines").at(0).at("text")) + "\n";
            }
            break;
        case Kind::discord:
            words = text(document.at("embeds").at(0).at("title")) + "\n"
                    + text(document.at("embeds").at(0).at("description"));
            break;
        case Kind::mattermost:
            words = text(document.at("text"));
            words = words.substr(0, 2) == "**" ? words.substr(2) : words;
            break;
        case Kind::ntfy:
            words = text(document.at("title")) + "\n" + text(document.at("message"));
            break;
        }
        return words;
    }

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

    Kind kind_;
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

/// A program that a channel runs: a script that keeps its input, named by the message's id.
class ProgramPeer final : public ContractPeer {
public:
    enum class Kind { exec, sendmail };

    ProgramPeer(Kind kind, const std::filesystem::path& directory)
        : kind_(kind), directory_(directory) {
        std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
        static_cast<void>(behave(Behaviour::accepts));
    }

    std::string settings() const override {
        const std::string program = (directory_ / (is_gone_ ? "gone" : "program")).string();
        return kind_ == Kind::exec
                   ? fmt::format("command: [{}]\n", program)
                   : fmt::format("program: {}\nfrom: reviews@client.test\n", program);
    }

    bool behave(Behaviour behaviour) override {
        std::string then;
        switch (behaviour) {
        case Behaviour::accepts:
            then = "cat > taken.$$ && mv taken.$$ taken.$(ls | wc -l)";
            break;
        case Behaviour::defers:
            then = "echo later; exit 75";
            break;
        case Behaviour::refuses:
            then = "echo never >&2; exit 65";
            break;
        case Behaviour::denies_login:
            then = "exit 78";
            break;
        case Behaviour::is_silent:
            then = "trap '' TERM; sleep 5";
            break;
        case Behaviour::loses_the_reply:
            then = "cat > taken.$(ls | wc -l); kill -9 $$";
            break;
        case Behaviour::talks_garbage:
        case Behaviour::is_unreachable: // refused when the settings are read
            return false;
        }
        const std::filesystem::path program = directory_ / "program";
        const std::filesystem::path taken = directory_ / "in";
        std::filesystem::create_directories(taken);
        std::ofstream{program} << "#!/bin/sh\ncd " << taken.string() << "\n" << then << "\n";
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
        return true;
    }

    std::vector<std::string> accepted() const override {
        std::vector<std::string> ids;
        for (const std::filesystem::path& file : files()) {
            const std::string input = read_file(file);
            const std::size_t begin = input.find("Message-Id: ");
            ids.push_back(
                kind_ == Kind::exec ? std::string{json::parse(input).at("id").as_string()}
                                    : input.substr(begin, input.find('\n', begin) - begin)
            );
        }
        return ids;
    }

    std::string shown() const override {
        const std::string input = read_file(files().back());
        if (kind_ == Kind::sendmail) {
            return read_mail(input);
        }
        const json::value document = json::parse(input);
        return std::string{document.at("subject").as_string()} + "\n"
               + std::string{document.at("text").as_string()};
    }
    std::string canary() const override { return ""; }

private:
    std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> result;
        for (const auto& entry : std::filesystem::directory_iterator{directory_ / "in"}) {
            result.push_back(entry.path());
        }
        std::sort(result.begin(), result.end());
        return result;
    }

    Kind kind_;
    std::filesystem::path directory_;
    bool is_gone_ = false;
};

/// The message is kept with its delivery, which is not here.
class InboxPeer final : public ContractPeer {
public:
    std::string settings() const override { return "{}\n"; }
    bool behave(Behaviour behaviour) override { return behaviour == Behaviour::accepts; }
    std::vector<std::string> accepted() const override { return {}; }
    std::string shown() const override { return ""; }
    std::string canary() const override { return ""; }
};

template <WebPeer::Kind kind>
std::unique_ptr<ContractPeer> make_web_peer(
    boost::asio::io_context& loop, const std::filesystem::path& directory
) {
    return std::make_unique<WebPeer>(kind, loop, directory);
}

template <ProgramPeer::Kind kind>
std::unique_ptr<ContractPeer> make_program_peer(
    boost::asio::io_context& /*loop*/, const std::filesystem::path& directory
) {
    return std::make_unique<ProgramPeer>(kind, directory);
}

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
        {"inbox",
         [](auto&, const auto&) -> std::unique_ptr<ContractPeer> {
             return std::make_unique<InboxPeer>();
         }},
        {"webhook", &make_web_peer<WebPeer::Kind::webhook>},
        {"slack", &make_web_peer<WebPeer::Kind::slack>},
        {"teams", &make_web_peer<WebPeer::Kind::teams>},
        {"discord", &make_web_peer<WebPeer::Kind::discord>},
        {"mattermost", &make_web_peer<WebPeer::Kind::mattermost>},
        {"ntfy", &make_web_peer<WebPeer::Kind::ntfy>},
        {"exec", &make_program_peer<ProgramPeer::Kind::exec>},
        {"sendmail", &make_program_peer<ProgramPeer::Kind::sendmail>},
    };
    return cases;
}

} // namespace reviewd::test
