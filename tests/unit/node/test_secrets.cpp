#include "config/node/secrets.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/node/yaml.hpp"

#include <string>

namespace reviewd::config {
namespace {

/// What a person sees of a finding of every kind at every value below `node`.
void find_fault(const Node& node, Report& report) {
    if (node.is_map()) {
        const MapReader every_key_is_unknown{node, report};
        for (const Node::Entry& entry : node.entries()) {
            find_fault(entry.value, report);
        }
    } else if (node.is_sequence()) {
        for (const Node& element : node.elements()) {
            find_fault(element, report);
        }
    } else {
        static_cast<void>(read_integer(node, report, 0, 0));
        report.warning(node, "`" + node.text().substr(0, 30) + "…` is wrong", node.text());
        report.error_in_text(node, node.text().size() / 2, node.text());
    }
}

std::string all_that_is_shown_of(const std::string& text) {
    Parsed parsed{text};
    if (parsed.root) {
        find_fault(*parsed.root, parsed.report);
    }
    return parsed.shown();
}

} // namespace

TEST_CASE("no finding shows a secret, on whatever line it stands", "[node][secret]") {
    const auto* const text = GENERATE(
        "public_url: https://bob:HUNTER2@host.example\n",
        "public_url: https://bob:HUNTER2andwhatnotandmoreandmoreandmoreandmore@host.example\n",
        "access_token: HUNTER2\n",
        "client_secret: HUNTER2\n",
        "clientSecret: HUNTER2\n",
        "X-Api-Key: HUNTER2\n",
        "headers: { Authorization: \"Bearer HUNTER2\" }\n",
        "headers:\n  Authorization:\n    - Bearer HUNTER2\n    - HUNTER2\n",
        "{ \"url\": \"https://hooks.example/HUNTER2\" }\n",
        "url:\n  https://hooks.example/HUNTER2\n",
        "URL: https://hooks.example/HUNTER2\n",
        "uri: https://hooks.example/HUNTER2\n",
        "webhook_url: https://hooks.example/HUNTER2\n",
        "webhook: https://hooks.example/services/HUNTER2?x=HUNTER2\n",
        "somewhere: https://hooks.example/HUNTER2\n",
        "rooms: [https://hooks.example/HUNTER2, 'https://hooks.example/HUNTER2']\n",
        "url: hooks.example/services/HUNTER2\n",
        "urls: [ hooks.example/services/HUNTER2 ]\n",
        "url: \"bob:HUNTER2@hooks.example\"\n",
        "relay: smtp://bob:HUN/HUNTER2@host.example\n",
        "relay: smtp://bob:HUN#HUNTER2@host.example\n",
        "relay: smtp://bob:HUN'HUNTER2@host.example\n",
        "relay: 'smtp://bob:HUN\"HUNTER2@host.example'\n",
        "{ token:\n  HUNTER2, colour: red }\n",
        "password: |\n  HUNTER2\n  HUNTER2\nother: 1\n",
        "password:\n  inner: { deep: HUNTER2 }\n",
        "token: HUNTER2\ntoken: HUNTER2\n",
        "pasword: HUNTER2\n",
        "url: https://hooks.example/HUNTER2: [\n",
        "url:\n  https://hooks.example/HUNTER2: [ }\n"
    );
    INFO(text);
    const std::string shown = all_that_is_shown_of(text);
    INFO(shown);
    CHECK_FALSE(shown.empty());
    CHECK(shown.find("HUNTER2") == std::string::npos);
}

TEST_CASE("what is no secret is shown", "[node][secret]") {
    const auto* const line = GENERATE(
        "password_file: /etc/reviewd/key",
        "url_file: /etc/reviewd/room",
        "token_credential: room",
        "token_count: 5",
        "compass: north",
        "first_pass_rate: 0.5",
        "bypass: true",
        "key: account_id",
        "remind_at: 07:30 # password",
        "public_url: https://reviews.example/deep/path",
        "because: read https://wiki.example/budget first",
        "address: ruth@example.org",
        "listen: 127.0.0.1:8095",
        "listen: http://127.0.0.1:8095",
        "webhook: { type: webhook }",
        "channels: [webhook, mail]",
        "file: data/accounts.csv",
        "secret_name: crm",
        "# yaml-language-server: $schema=https://reviewd.example/schema.json"
    );
    CHECK(without_secrets(line) == line);
    CHECK(without_address_secrets(line) == line);
}

TEST_CASE("of an address the host is shown", "[node][secret]") {
    CHECK(
        without_secrets("relay: smtp://bob:HUN/TER2@relay.example:587")
        == "relay: smtp://***@relay.example:587"
    );
    CHECK(
        without_secrets("URL: \"https://hooks.example/T1/x\"")
        == "URL: \"https://hooks.example/***\""
    );
    CHECK(without_secrets("{ url: hooks.example/T1, a: b }") == "{ url: hooks.example/***, a: b }");
    CHECK(
        without_secrets("public_url: https://x.example/way?token=1")
        == "public_url: https://x.example/way?***"
    );
    CHECK(without_address_secrets("found `https://bob:HUNTER2…`") == "found `https://***`");
    CHECK(without_address_secrets("it is at http://[::1]:80/x") == "it is at http://[::1]:80/x");
}

} // namespace reviewd::config
