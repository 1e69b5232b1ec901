#include "daemon/notify/api/channel_settings.hpp"
#include "daemon/notify/web/web_endpoint.hpp"
#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "daemon/runtime/process/process_host.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/notify/samples.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/core.h>

#include <string>
#include <utility>
#include <vector>

namespace reviewd::test::test_settings {

using reviewd::notify::check_web_url;
using reviewd::notify::count_errors;
using reviewd::notify::read_concurrency;
using reviewd::notify::WebEndpoint;
using namespace reviewd::test;

namespace {

/// What is reported about a channel's settings; empty when they are taken.
std::string findings(std::string_view type, const std::string& yaml) {
    boost::asio::io_context loop{1};
    reviewd::runtime::CurlOutbound outbound{loop.get_executor()};
    reviewd::runtime::ProcessHost processes{loop.get_executor()};
    reviewd::config::Report report;
    const auto notifier =
        make_notifier(type, yaml, {outbound, processes, "/etc/reviewd", "", {}}, report);
    CHECK((notifier == nullptr || !report.has_errors() || !report.diagnostics().empty()));
    CHECK((notifier != nullptr || report.has_errors()));
    return render(report.diagnostics());
}

} // namespace

TEST_CASE("settings that are right are taken without a word", "[notify][settings]") {
    CHECK(findings("journal", "{}").empty());
    CHECK(findings("file", "path: x.jsonl").empty());
    CHECK(findings("smtp", "{host: mail.test, from: a@b.test}").empty());
    CHECK(findings("smtp", "{host: localhost, tls: none, port: 2525, from: a@b.test}").empty());
    for (const char* host :
         {"::1", "10.0.0.3", "mail", "mx_1.test.", "m\u00fcller.test", "1and1.test"}) {
        CAPTURE(host);
        CHECK(findings("smtp", fmt::format("{{host: '{}', from: a@b.test}}", host)).empty());
    }
    CHECK(findings("webhook", "{url: 'https://x.test/h', secret_file: key}").empty());
    CHECK(findings(
              "webhook",
              "{url: 'http://x.test/h', secret_file: key, allow_http: true, allow_hosts: [x.test]}"
    )
              .empty());
}

TEST_CASE("settings that are wrong are shown with their place", "[notify][settings]") {
    const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> rows{
        {"journal", {"colour: red", "colour"}},
        {"file", {"{}", "path"}},
        {"file", {"path: ''", "a file name is expected"}},
        {"smtp", {"from: a@b.test", "host"}},
        {"smtp", {"{host: '', from: a@b.test}", "the name of the mail host is empty"}},
        {"smtp", {"{host: ' ', from: a@b.test}", "the name of the mail host is empty"}},
        {"smtp", {"{host: 'smtp://x', from: a@b.test}", "write it without the scheme"}},
        {"smtp", {"{host: 'a b', from: a@b.test}", "`a b` is no name of a host"}},
        {"smtp", {"{host: x..y, from: a@b.test}", "`x..y` is no name of a host"}},
        {"smtp", {"{host: 10.0.0.300, from: a@b.test}", "`10.0.0.300` is no name of a host"}},
        {"smtp", {"{host: 'x.example:25', from: a@b.test}", "write the port as `port: 25`"}},
        {"smtp", {"host: x", "from"}},
        {"smtp", {"{host: x, from: nobody}", "exactly one `@`"}},
        {"smtp", {"{host: x, from: a@b, tls: maybe}", "starttls"}},
        {"smtp", {"{host: mail.test, from: a@b, tls: none}", "to this machine only"}},
        {"smtp", {"{host: x, from: a@b, port: 70000}", "70000"}},
        {"smtp", {"{host: x, from: a@b, user: u}", "a login needs both"}},
        {"smtp", {"{host: x, from: a@b, password_file: p}", "a login needs both"}},
        {"smtp", {"{host: x, from: a@b, user: u, password: hunter22}", "does not stand in"}},
        {"smtp", {"{host: x, from: a@b, list_id: 'a b'}", "a list id has the form"}},
        {"smtp", {"{host: x, from: a@b, concurrency: 65}", "64"}},
        {"smtp", {"{host: x, from: a@b, concurrency: 0}", "from 1 to 64"}},
        {"sendmail", {"{from: a@b, concurrency: 17}", "from 1 to 16"}},
        {"exec", {"{command: [/bin/true], concurrency: 5}", "from 1 to 4"}},
        {"webhook",
         {"{url: 'https://x.test/', secret_file: k, concurrency: 257}", "from 1 to 256"}},
        {"webhook", {"secret_file: k", "`url` (or `url_file`) is missing"}},
        {"webhook", {"url: 'https://x.test/'", "a webhook is signed"}},
        {"webhook", {"{url: 'http://x.test/', secret_file: k}", "allow_http"}},
        {"webhook", {"{url: 'https://x.test/', url_file: u, secret_file: k}", "another source"}},
        {"webhook", {"{url: 'https://x.test/', secret_file: k, secret_credential: c}", "exclude"}},
    };
    for (const auto& [type, row] : rows) {
        CAPTURE(type, row.first);
        REVIEWD_CHECK_CONTAINS(findings(type, row.first), row.second);
    }
}

TEST_CASE("only errors keep a channel from being made", "[notify][settings]") {
    config::Report report;
    const auto node = config::parse_yaml("channel.yaml", "concurrency: 9", report);
    REQUIRE(node);
    config::MapReader settings{*node, report};
    report.warning(*node, "noted");
    CHECK(count_errors(report) == 0);
    CHECK(read_concurrency(settings, 9) == 9);
    CHECK(count_errors(report) == 0);
    CHECK(read_concurrency(settings, 8) == 1);
    CHECK(count_errors(report) == 1);
}

TEST_CASE("a password in the configuration is not repeated", "[notify][settings][T35]") {
    const std::string text = findings("smtp", "host: x\nfrom: a@b\nuser: u\npassword: hunter22\n");
    CHECK(text.find("hunter22") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(text, "password_file");
}

TEST_CASE("addresses of webhooks are checked", "[notify][webhook][T29]") {
    constexpr auto https = WebEndpoint::Scheme::https_only;
    constexpr auto http = WebEndpoint::Scheme::http_allowed;
    CHECK(check_web_url("https://x.test/hook?k=1", https).empty());
    CHECK(check_web_url("https://x.test:8443/", https).empty());
    CHECK(check_web_url("http://x.test/", http).empty());
    for (const char* url :
         {"http://x.test/",
          "file:///etc/passwd",
          "gopher://x.test/",
          "ftp://x.test/",
          "https:///path",
          "https://",
          "https://user:pass@x.test/",
          "https://user@x.test/",
          "https://x.test/#part",
          "https://x.test:25/",
          "https://x.test:587/",
          "x.test/hook",
          "//x.test/",
          "",
          "https://x.test/a b",
          "https://x.test/\r\nHost: y"}) {
        CAPTURE(url);
        CHECK_FALSE(check_web_url(url, https).empty());
    }
}

} // namespace reviewd::test::test_settings
