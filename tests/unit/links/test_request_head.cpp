#include "daemon/links/accept_language.hpp"
#include "daemon/links/form_fields.hpp"
#include "daemon/links/peer_limits.hpp"
#include "daemon/links/request_head.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace reviewd::links;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

int refusal(const std::string& head) {
    return read_head(head, {}).refusal;
}

std::string post(const std::string& more) {
    return "POST /a/x HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
}

} // namespace

TEST_CASE("an ordinary request is read", "[links]") {
    const RequestHead head = read_head(
        "POST /a/abc HTTP/1.1\r\nHost: reviews.example\r\nContent-Length: 12\r\nContent-Type: "
        "application/x-www-form-urlencoded; charset=UTF-8\r\nSec-Fetch-Site: same-origin\r\nOrigin: "
        "null\r\nX-Forwarded-For: 192.0.2.1, 192.0.2.7\r\n\r\n",
        {}
    );
    CHECK(head.refusal == 0);
    CHECK(head.method == "POST");
    CHECK(head.target == "/a/abc");
    CHECK(head.body_bytes == 12);
    CHECK(head.content_type == "application/x-www-form-urlencoded");
    CHECK(head.fetch_site == "same-origin");
    CHECK(client_of("127.0.0.1", {"127.0.0.1"}, head.forwarded_for) == "192.0.2.7");
    CHECK(client_of("198.51.100.1", {"127.0.0.1"}, head.forwarded_for) == "198.51.100.1");
}

TEST_CASE("the last line that a proxy added is the one that counts", "[links][T24]") {
    const std::vector<std::pair<std::string, std::string>> vectors{
        {"", "127.0.0.1"},
        {"X-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7"},
        {"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7"},
        {"X-Forwarded-For: 192.0.2.1\r\nX: y\r\nx-forwarded-for: 192.0.2.3, 192.0.2.7\r\n",
         "192.0.2.7"},
        {"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For:\r\n", "127.0.0.1"},
    };
    for (const auto& [fields, expected] : vectors) {
        INFO(fields);
        const RequestHead head =
            read_head("GET /a/x HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n", {});
        CHECK(head.refusal == 0);
        CHECK(client_of("127.0.0.1", {"127.0.0.1"}, head.forwarded_for) == expected);
    }
}

TEST_CASE("what a client writes into X-Forwarded-For itself counts for nothing", "[links][T24]") {
    const std::vector<std::string> proxies{"127.0.0.1", "::1", "10.0.0.5", "2001:DB8:0::7"};
    const std::vector<std::pair<std::string, std::string>> vectors{
        {"192.0.2.66, 192.0.2.7", "192.0.2.7"},
        {"127.0.0.1, 192.0.2.7", "192.0.2.7"},
        // A chain of proxies that are all believed: the client stands left of them.
        {"192.0.2.66, 192.0.2.7, 10.0.0.5", "192.0.2.7"},
        {"192.0.2.7 ,\t10.0.0.5,2001:db8::7,127.0.0.1", "192.0.2.7"},
        {"192.0.2.66, ::ffff:192.0.2.7", "192.0.2.7"},
        {"192.0.2.66, 2001:DB8::0:9", "2001:db8::9"},
        // Nobody knows who asked: they share the limits of the proxy.
        {"192.0.2.66, unknown", "127.0.0.1"},
        {"192.0.2.66, 192.0.2.7:4711", "127.0.0.1"},
        {"192.0.2.66,", "127.0.0.1"},
        {",,,", "127.0.0.1"},
        {"10.0.0.5", "127.0.0.1"},
        {"192.0.2.66, _hidden, 10.0.0.5", "127.0.0.1"},
        {std::string(8'000, ',') + "192.0.2.7", "192.0.2.7"},
        {std::string(8'000, '7'), "127.0.0.1"},
    };
    for (const auto& [field, expected] : vectors) {
        INFO(field);
        CHECK(client_of("127.0.0.1", proxies, field) == expected);
        CHECK(client_of("198.51.100.1", proxies, field) == "198.51.100.1");
        CHECK(client_of("127.0.0.1", {}, field) == "127.0.0.1");
    }
    CHECK(client_of("::ffff:127.0.0.1", proxies, "192.0.2.7") == "192.0.2.7");
    CHECK(client_of("2001:db8::7", proxies, "192.0.2.7") == "192.0.2.7");
}

TEST_CASE("a browser's languages are weighed, and none of its text is kept", "[links]") {
    const std::vector<std::pair<std::string, std::string>> vectors{
        {"", "en"},
        {"bn", "bn"},
        {"BN-bd", "bn"},
        {"bn-BD,bn;q=0.9,en-GB;q=0.8", "bn"},
        {"en-GB,en;q=0.9,bn;q=0.8", "en"},
        {"de-DE,de;q=0.9,bn;q=0.4,en;q=0.3", "bn"},
        {"de,fr;q=0.9", "en"},
        {"en;q=0.5 , bn;q=0.501", "bn"},
        {"bn;q=0,en;q=0.1", "en"},
        {"bn;q=0", "en"},
        {"*,bn;q=0.5", "en"},
        {"de,*;q=0.1,bn;q=0.5", "bn"},
        {"bn;q=2,en;q=0.1", "en"},
        {"bn;q=0.0001,en", "en"},
        {"bn;q=,bn;level=1,bnx,b n", "en"},
        {"bn\"><script>", "en"},
        {",,,;;q=1,bn", "bn"},
        {std::string(5'000, ',') + "bn", "en"},
    };
    for (const auto& [field, expected] : vectors) {
        INFO(field);
        CHECK(preferred_language(field) == expected);
        const RequestHead head =
            read_head("GET /a/x HTTP/1.1\r\nHost: x\r\nAccept-Language: " + field + "\r\n\r\n", {});
        CHECK(head.refusal == 0);
        CHECK(head.language == expected);
    }
    // What is refused for its fields still says in which language.
    const RequestHead refused = read_head(post("Accept-Language: bn\r\n"), {});
    CHECK(refused.refusal == 411);
    CHECK(refused.language == "bn");
    CHECK(read_head("GET", {}).language == "en");
}

TEST_CASE("what two programs could read differently is refused", "[links][T23]") {
    const std::vector<std::pair<std::string, int>> vectors{
        {post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"), 501},
        {post("Transfer-Encoding: gzip\r\nContent-Length: 4\r\n"), 501},
        {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 501},
        {post("Transfer-Encoding: chunked, gzip\r\n"), 501},
        {post("Transfer-Encoding: xchunked\r\n"), 501},
        {post("Transfer-Encoding:\tchunked\r\n"), 501},
        {"POST /a/x HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
        {post("Content-Length: 4\r\nContent-Length: 4\r\n"), 400},
        {post("Content-Length: 4\r\nContent-Length: 5\r\n"), 400},
        {post("Content-Length: 4, 4\r\n"), 400},
        {post("Content-Length: -1\r\n"), 400},
        {post("Content-Length: +4\r\n"), 400},
        {post("Content-Length: 0x4\r\n"), 400},
        {post("Content-Length: 4 4\r\n"), 400},
        {post("Content-Length:\r\n"), 400},
        {post("Content-Length: 99999999999999999999999\r\n"), 400},
        {post("Content-Length: 32769\r\n"), 413},
        {post(""), 411},
        {post("Content-Length : 4\r\n"), 400},
        {post("Content-Length: 4\r\n X: folded\r\n"), 400},
        {post("X: a\r\n\tfolded\r\nContent-Length: 4\r\n"), 400},
        {post("X: a\rb\r\nContent-Length: 4\r\n"), 400},
        {post("X: a\nY: b\r\nContent-Length: 4\r\n"), 400},
        {post("X\r\nContent-Length: 4\r\n"), 400},
        {post(": x\r\nContent-Length: 4\r\n"), 400},
        {post("X: \0\r\nContent-Length: 4\r\n"s), 400},
        {post("Host: y\r\nContent-Length: 4\r\n"), 400},
        {post("Expect: 100-continue\r\nContent-Length: 4\r\n"), 417},
        {"GET /a/x HTTP/1.1\r\n\r\n", 400},
        {"GET http://evil.test/a/x HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET /a/\0x HTTP/1.1\r\nHost: x\r\n\r\n"s, 400},
        {"GET /a/\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET  /a/x HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET /a/x\r\nHost: x\r\n\r\n", 400},
        {"GET /a/x HTTP/2.0\r\nHost: x\r\n\r\n", 505},
        {"GET /a/x http/1.1\r\nHost: x\r\n\r\n", 400},
        {"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"DELETE /a/x HTTP/1.1\r\nHost: x\r\n\r\n", 405},
        {"GET /a/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n", 400},
        {"\r\nGET /a/x HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"\x16\x03\x01\x02\x00"s, 400},
    };
    for (const auto& [head, expected] : vectors) {
        INFO(head);
        CHECK(refusal(head) == expected);
    }
    CHECK(vectors.size() >= 30);
    CHECK_FALSE(may_become_head("GET / HTTP/1.1\nHost"));
    CHECK_FALSE(may_become_head("GET /\0"s));
    CHECK(may_become_head("GET / HTTP/1.1\r\nHo"));
}

TEST_CASE("a head has a size", "[links][T25]") {
    CHECK(refusal("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(9000, 'a') + "\r\n\r\n") == 431);
    std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 100; ++i) {
        many += "X: y\r\n";
    }
    CHECK(refusal(many + "\r\n") == 431);
}

TEST_CASE("forms are decoded strictly", "[links][T25][T28]") {
    const auto form = read_form("action=done&note=a+b%0D%0Ac%26d&answer.satisfaction=9&empty=");
    REQUIRE(form);
    CHECK(form->at("note") == "a b\nc&d");
    CHECK(form->at("answer.satisfaction") == "9");
    CHECK(form->at("empty").empty());
    CHECK(read_form("").has_value());
    for (const char* bad : {"a", "a=1&a=2", "=1", "a=%", "a=%4", "a=%zz", "a=%00", "a=1&&b=2"}) {
        INFO(bad);
        CHECK_FALSE(read_form(bad));
    }
    std::string many;
    for (int i = 0; i < 65; ++i) {
        many += "f" + std::to_string(i) + "=1&";
    }
    CHECK_FALSE(read_form(many));
    CHECK_FALSE(read_form(std::string(65, 'a') + "=1"));
}

TEST_CASE("one client cannot take everything", "[links][T24]") {
    PeerRules rules;
    rules.connections = 5;
    rules.connections_of_one = 3;
    rules.requests_per_minute = 4;
    rules.faults_per_minute = 2;
    PeerLimits limits{rules};
    for (int i = 0; i < 3; ++i) {
        CHECK(limits.open("a", 0ms));
    }
    CHECK_FALSE(limits.open("a", 0ms));
    CHECK(limits.open("b", 0ms));
    CHECK(limits.open("b", 0ms));
    CHECK_FALSE(limits.open("c", 0ms));
    limits.close("a", 0ms);
    CHECK(limits.open("c", 0ms));
    CHECK(limits.connections() == 5);

    for (int i = 0; i < 4; ++i) {
        CHECK(limits.may_ask("d", 1s));
    }
    CHECK_FALSE(limits.may_ask("d", 59s));
    CHECK(limits.may_ask("d", 62s));
    limits.fault("e", 1s);
    CHECK(limits.may_ask("e", 1s));
    limits.fault("e", 1s);
    CHECK_FALSE(limits.may_ask("e", 2s));
    CHECK(limits.may_ask("e", 62s));
}

TEST_CASE("a client with a whole /64 of IPv6 addresses is one client", "[links][T24]") {
    PeerRules rules;
    rules.connections_of_one = 2;
    rules.requests_per_minute = 2;
    rules.faults_per_minute = 1;
    PeerLimits limits{rules};
    CHECK(limits.open("2001:db8:1:2::1", 0ms));
    CHECK(limits.open("2001:db8:1:2:ffff::2", 0ms));
    CHECK_FALSE(limits.open("2001:db8:1:2::3", 0ms));
    limits.close("2001:0db8:1:2:ffff::2", 0ms);
    CHECK(limits.open("2001:db8:1:2::3", 0ms));
    CHECK(limits.may_ask("2001:db8:1:2::4", 1s));
    CHECK(limits.may_ask("2001:db8:1:2::5", 1s));
    CHECK_FALSE(limits.may_ask("2001:db8:1:2::6", 1s));
    CHECK(limits.may_ask("2001:db8:1:3::6", 1s));
    limits.fault("2001:db8:1:3::7", 1s);
    CHECK_FALSE(limits.may_ask("2001:db8:1:3::8", 1s));
    CHECK(limits.remembered() == 2);
    // IPv4 addresses are one client each, however they are spelt.
    limits.fault("::ffff:192.0.2.1", 1s);
    CHECK_FALSE(limits.may_ask("192.0.2.1", 1s));
    CHECK(limits.may_ask("192.0.2.2", 1s));
}

TEST_CASE("addresses are forgotten after their minute", "[links][T24]") {
    PeerLimits limits{{}};
    for (int i = 0; i < 1000; ++i) {
        REQUIRE(limits.open("peer " + std::to_string(i), 0ms));
        limits.close("peer " + std::to_string(i), 0ms);
    }
    CHECK(limits.open("late", 3min));
    CHECK(limits.remembered() == 1);
}

TEST_CASE("a proxy is not one person", "[links][T24]") {
    PeerRules rules;
    rules.connections = 5;
    rules.connections_of_one = 2;
    PeerLimits limits{rules};
    for (int i = 0; i < 4; ++i) {
        CHECK(limits.open("proxy", 0ms, PeerLimits::PeerKind::proxy));
    }
    CHECK(limits.open("a", 0ms));
    CHECK_FALSE(limits.open("proxy", 0ms, PeerLimits::PeerKind::proxy));
    for (int i = 0; i < 4; ++i) {
        limits.close("proxy", 0ms);
    }
    CHECK(limits.connections() == 1);
    CHECK(limits.open("a", 0ms));
    CHECK_FALSE(limits.open("a", 0ms));
}

TEST_CASE("addresses without number take no more than their room", "[links][T24]") {
    PeerRules rules;
    rules.remembered = 100;
    PeerLimits limits{rules};
    REQUIRE(limits.open("stays", 0ms));
    for (int i = 0; i < 1000; ++i) {
        const std::string address = "client " + std::to_string(i);
        CHECK(limits.may_ask(address, 0ms));
        limits.fault(address, 0ms);
        REQUIRE(limits.remembered() <= 101);
    }
    limits.close("stays", 0ms);
    CHECK(limits.connections() == 0);
}
