// The body of a mail on the wire. Sent to a server the bodies would take minutes: what the server
// makes of them is worked out here, by a reader of its own.
#include "daemon/runtime/outbound/mail_data.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace reviewd::test::test_mail_data {

using reviewd::runtime::to_mail_data;

namespace {

using namespace std::string_view_literals;

constexpr int bodies = 100'000;

constexpr std::array pieces{"."sv,     ".."sv,           "\r\n"sv,  "\n"sv,
                            "\r"sv,    "\r\n.\r\n"sv,    "\n.\n"sv, "\n.\r\n"sv,
                            "\r.\r"sv, "\r\n."sv,        "\r.\n"sv, "\n\r"sv,
                            "a"sv,     "From "sv,        "QUIT"sv,  "\r\nMAIL FROM:<x@y>"sv,
                            "\0"sv,    "\xE0\xA6\x95"sv, "\xFF"sv,  " "sv};

/// What a server finds that takes each CR and each LF for the end of a line, as careless ones do:
/// the content up to a line that is a single dot, and what stands behind it.
struct Found {
    std::size_t dot = std::string_view::npos; ///< where that line begins; npos: there is none
    bool has_bare_end = false;                ///< a CR without its LF, or the other way round
};

Found read_carelessly(std::string_view data) {
    Found found;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < data.size(); ++at) {
        const char byte = data[at];
        if (byte != '\r' && byte != '\n') {
            continue;
        }
        const bool is_pair = byte == '\r' ? at + 1 < data.size() && data[at + 1] == '\n'
                                          : at > 0 && data[at - 1] == '\r';
        found.has_bare_end = found.has_bare_end || !is_pair;
        if (data.substr(begin, at - begin) == "." && found.dot == std::string_view::npos) {
            found.dot = begin;
        }
        begin = at + 1;
    }
    return found;
}

/// The content as RFC 5321 says that a receiver gets it back.
std::string unstuffed(std::string_view data) {
    std::string content;
    bool is_line_start = true;
    for (const char byte : data) {
        if (!is_line_start || byte != '.') {
            content += byte;
        }
        is_line_start = byte == '\n';
    }
    return content;
}

std::string expected_of(std::string_view body) {
    std::string expected;
    for (const char byte : body) {
        if (byte == '\n') {
            expected += "\r\n";
        } else if (byte != '\r') {
            expected += byte;
        }
    }
    const bool is_ended =
        expected.empty()
        || (expected.size() >= 2 && expected.substr(expected.size() - 2) == "\r\n");
    return is_ended ? expected : expected + "\r\n";
}

/// What is wrong with the body on the wire, or nothing.
std::optional<std::string> trouble_with(const std::string& body) {
    const std::string data = to_mail_data(body);
    const Found found = read_carelessly(data + ".\r\nQUIT\r\n");
    if (found.dot != data.size()) {
        return "it ends elsewhere";
    }
    if (found.has_bare_end) {
        return "it has a bare end of a line";
    }
    if (unstuffed(data) != expected_of(body)) {
        return "it arrives as something else";
    }
    return std::nullopt;
}

} // namespace

TEST_CASE("a hundred thousand bodies are one message each", "[outbound][smtp][T12]") {
    std::mt19937 random{20240229};
    int troubles = 0;
    for (int round = 0; round < bodies; ++round) {
        std::string body;
        const auto length = random() % 24;
        for (unsigned i = 0; i < length; ++i) {
            body += pieces.at(random() % pieces.size());
        }
        if (round % 1000 == 0) {
            body += std::string(1500, 'z');
        }
        if (const auto trouble = trouble_with(body)) {
            ++troubles;
            FAIL_CHECK(*trouble << " in round " << round);
            if (troubles == 3) {
                break;
            }
        }
    }
    CHECK(troubles == 0);
}

} // namespace reviewd::test::test_mail_data
