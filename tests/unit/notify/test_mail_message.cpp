#include "daemon/notify/mail/mail_message.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/notify/samples.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace reviewd::test::test_mail_message {

using reviewd::notify::build_mail;
using reviewd::notify::MailIdentity;
using reviewd::notify::Message;
using namespace reviewd::test;

namespace {

const MailIdentity identity{
    "reviews@client.test", "Account reviews", "sales@client.test", "reviews.client.test"};

std::vector<std::string> lines_of(const std::string& mail) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    while (begin < mail.size()) {
        const std::size_t end = mail.find("\r\n", begin);
        REQUIRE(end != std::string::npos);
        lines.push_back(mail.substr(begin, end - begin));
        begin = end + 2;
    }
    return lines;
}

/// Names of the headers, in order.
std::vector<std::string> header_names(const std::string& mail) {
    std::vector<std::string> names;
    for (const std::string& line : lines_of(mail)) {
        if (line.empty()) {
            break;
        }
        if (line[0] != ' ' && line[0] != '\t') {
            names.push_back(line.substr(0, line.find(':')));
        }
    }
    return names;
}

void check_shape(const std::string& mail) {
    for (const std::string& line : lines_of(mail)) {
        CHECK(line.size() <= 200);
        const bool is_clean = std::all_of(line.begin(), line.end(), [](char byte) {
            return (byte >= ' ' && byte < '\x7f') || byte == '\t';
        });
        CHECK(is_clean);
    }
}

} // namespace

TEST_CASE("a mail says what it is and whom to answer", "[notify][mail][T14]") {
    const std::string mail = build_mail(sample_message(), identity);
    for (const char* part :
         {"From: Account reviews <reviews@client.test>\r\n",
          "To: Jo Hartley <jo@hartley.test>\r\n",
          "Reply-To: sales@client.test\r\n",
          "Subject: Today 2, 1 late: Hartley Print first\r\n",
          "Date: Wed, 21 Jan 2026 09:30:00 +0000\r\n",
          "Message-Id: <d-0193-aa@reviews.test>\r\n",
          "References: <r-77@reviews.test>\r\n",
          "In-Reply-To: <r-77@reviews.test>\r\n",
          "List-Id: <reviews.client.test>\r\n",
          "Auto-Submitted: auto-generated\r\n",
          "MIME-Version: 1.0\r\n",
          "Content-Type: multipart/alternative;",
          "LATE 2 days\r\n\r\nCall Jo\r\n"}) {
        REVIEWD_CHECK_CONTAINS(mail, part);
    }
    check_shape(mail);
}

TEST_CASE("the same message makes the same bytes", "[notify][mail]") {
    CHECK(build_mail(sample_message(), identity) == build_mail(sample_message(), identity));
}

TEST_CASE("a message without HTML or thread has neither", "[notify][mail]") {
    Message message = sample_message();
    message.html.clear();
    message.thread_id.clear();
    const std::string mail = build_mail(message, identity);
    CHECK(mail.find("multipart") == std::string::npos);
    CHECK(mail.find("References") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(mail, "Content-Type: text/plain; charset=utf-8\r\n");
}

TEST_CASE("the headers do not depend on the data", "[notify][mail][T11][T12]") {
    const auto expected = header_names(build_mail(sample_message(), identity));
    std::mt19937 random{7};
    const std::vector<std::string> pieces{
        "\r\n",
        "\n",
        "\r",
        "Bcc: all@x.test",
        ": ",
        " ",
        "\t",
        "=?utf-8?B?SGFja2Vk?=",
        "=?",
        "?=",
        "\"",
        "\\",
        "<",
        ">",
        ",",
        "(",
        ")",
        "@",
        std::string(1, '\0'),
        "\x1b",
        "\x7f",
        "\xc2\x85",
        "\xe2\x80\xa8",
        "\xe2\x80\xa9",
        "\xe2\x80\xae",
        "\xff",
        "\xc3",
        "\xf0\x9f\x98\x80",
        "\xe0\xa6\xb9\xe0\xa6\xbe",
        "\xd9\x85",
        ".",
        "\r\n.\r\n",
        "\n\nbody",
        "x",
        std::string(120, 'y'),
    };
    const auto text = [&] {
        std::string result;
        const auto length = random() % 30;
        for (unsigned i = 0; i < length; ++i) {
            result += pieces[random() % pieces.size()];
        }
        return result;
    };
    for (int round = 0; round < 2000; ++round) {
        Message message = sample_message();
        message.subject = text();
        message.recipient.name = text();
        message.text = text();
        message.html = text() + "x";
        message.message_id = "<a" + text() + "@x>";
        message.thread_id = "<b" + text() + "@x>";
        const std::string mail = build_mail(message, identity);
        CAPTURE(mail);
        REQUIRE(header_names(mail) == expected);
        check_shape(mail);
        REQUIRE(mail.find("\r\n.\r\n") == std::string::npos);
    }
}

TEST_CASE("an invitation's part says the method of its text", "[notify][smtp][calendar]") {
    Message message = sample_message();
    message.calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n";
    const std::string mail = build_mail(message, identity);
    check_shape(mail);
    REVIEWD_CHECK_CONTAINS(mail, "text/calendar");
    REVIEWD_CHECK_CONTAINS(mail, "method=CANCEL");
    REVIEWD_CHECK_CONTAINS(mail, "METHOD:CANCEL");
    CHECK(build_mail(sample_message(), identity).find("text/calendar") == std::string::npos);
}

TEST_CASE("a list can be left by mail", "[notify][smtp]") {
    MailIdentity with_address = identity;
    with_address.unsubscribe = "it@client.test";
    const std::string mail = build_mail(sample_message(), with_address);
    REVIEWD_CHECK_CONTAINS(
        mail, "List-Unsubscribe: <mailto:it@client.test?subject=unsubscribe>\r\n"
    );
    CHECK(build_mail(sample_message(), identity).find("List-Unsubscribe") == std::string::npos);
}

} // namespace reviewd::test::test_mail_message
