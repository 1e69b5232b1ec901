#include "daemon/runtime/outbound/web_answer.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reviewd::test::test_web_answer {

using reviewd::runtime::WebAnswerReader;
using State = WebAnswerReader::State;

namespace {

constexpr std::size_t kept = 8;

WebAnswerReader read(std::string_view bytes) {
    WebAnswerReader reader{kept};
    reader.take(bytes);
    return reader;
}

} // namespace

TEST_CASE("an answer may come in pieces of one byte", "[outbound][web][F27]") {
    const std::vector<std::string> answers{
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nthere",
        "HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nth\r\n3\r\nere\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 5\r\n\r\nthere",
    };
    for (const std::string& answer : answers) {
        CAPTURE(answer);
        WebAnswerReader reader{kept};
        for (std::size_t at = 0; at < answer.size(); ++at) {
            const State state = reader.take({&answer[at], 1});
            CHECK((state == State::complete) == (at + 1 == answer.size()));
        }
        CHECK(reader.may_be_kept());
        CHECK(reader.reply().status == 200);
        CHECK(reader.reply().body == "there");
        bool has_header = false;
        for (const auto& [name, value] : reader.reply().headers) {
            has_header = has_header || (name == "x-a" && value == "b");
        }
        CHECK(has_header);
        const WebAnswerReader whole = read(answer);
        CHECK(whole.state() == State::complete);
        CHECK(whole.reply().body == "there");
    }
}

TEST_CASE("an answer is fresh until something of it has come", "[outbound][web]") {
    WebAnswerReader reader{kept};
    CHECK(reader.is_fresh());
    reader.take("HTTP/1.1 103 Early Hints\r\n");
    CHECK_FALSE(reader.is_fresh());
    reader.take("Link: </x>\r\n\r\n");
    CHECK(reader.is_fresh());
    reader.take("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2");
    CHECK_FALSE(reader.is_fresh());
    reader.take("02 Accepted\r\n\r\n");
    CHECK_FALSE(reader.is_fresh());
}

TEST_CASE("a status counts when its header is complete", "[outbound][web][F32]") {
    WebAnswerReader reader = read("HTTP/1.1 204 No Content\r\nServer: x\r\n");
    CHECK(reader.state() == State::head);
    CHECK(reader.take("\r\n") == State::complete);
    CHECK(reader.reply().status == 204);
    CHECK(reader.reply().body.empty());
    CHECK(std::string{reader.head()} == "HTTP/1.1 204 No Content\r\nServer: x");

    WebAnswerReader open_end = read("HTTP/1.1 200 OK\r\n\r\nab");
    CHECK(open_end.state() == State::body);
    CHECK(open_end.end() == State::complete);
    CHECK(open_end.reply().body == "ab");
    CHECK_FALSE(open_end.may_be_kept());

    WebAnswerReader cut_off = read("HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nab");
    CHECK(cut_off.end() == State::enough);
    CHECK(cut_off.reply().status == 500);
    CHECK(cut_off.reply().body == "ab");
}

TEST_CASE("a body is kept as far as there is room", "[outbound][web][F32][T33]") {
    for (const char* head :
         {"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n",
          "HTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n"}) {
        CAPTURE(head);
        WebAnswerReader reader = read(head);
        CHECK(reader.take("12345678") == State::body);
        CHECK(reader.take("9") == State::enough);
        CHECK(reader.reply().body == "12345678");
        CHECK_FALSE(reader.may_be_kept());
    }
    // What comes between the pieces is bounded too.
    WebAnswerReader extended = read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
    State state = State::body;
    for (int piece = 0; piece < 100 && state == State::body; ++piece) {
        state = extended.take(std::string(4096, 'x'));
    }
    CHECK(state == State::enough);
}

TEST_CASE("what is no HTTP answer is recognised", "[outbound][web][T33]") {
    for (const char* bytes :
         {"220 mail.test ESMTP\r\n",
          "HTTP/2 200\r\n\r\n",
          "HTTP/1.1 20 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "\x16\x03\x01\x02"}) {
        CAPTURE(bytes);
        WebAnswerReader reader = read(bytes);
        CHECK((reader.state() == State::broken || reader.end() == State::broken));
    }
    WebAnswerReader nothing{kept};
    CHECK(nothing.end() == State::broken);
}

TEST_CASE("a connection is kept only when the peer keeps it and said no more", "[outbound][web]") {
    CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").may_be_kept());
    CHECK_FALSE(
        read("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").may_be_kept()
    );
    CHECK_FALSE(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").may_be_kept());
    CHECK_FALSE(
        read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n").may_be_kept()
    );
    CHECK_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n").may_be_kept());
}

} // namespace reviewd::test::test_web_answer
