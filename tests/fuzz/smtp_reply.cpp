// What a server of mail answers.
#include "daemon/runtime/outbound/smtp_reply.hpp"

#include "daemon/notify/api/reply_text.hpp"
#include "scoring/base/text.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace {

using namespace reviewd;
using fuzz::require;
using runtime::SmtpReply;
using runtime::SmtpReplyReader;
using State = SmtpReplyReader::State;

const std::array<std::string, 1> secrets{"hunter22"};

void check_reply(const SmtpReply& reply) {
    require(200 <= reply.code && reply.code <= 599, "a reply has a code");
    require(reply.text.size() <= 100 * 1025, "its text is bounded");
    require(std::count(reply.text.begin(), reply.text.end(), '\n') <= 100, "its lines are bounded");
    require(
        reply.enhanced_code.empty() || reply.enhanced_code.front() - '0' == reply.code / 100,
        "the enhanced code agrees with it"
    );
    const notify::Outcome outcome = runtime::refusal(reply, runtime::Refused::message, secrets);
    require(outcome.verdict != notify::Verdict::accepted, "a refusal is never taken for a success");
    require(outcome.reply.size() <= notify::reply_bytes_max, "what is kept is short");
    require(!has_controls(outcome.reply), "is one line without controls");
    require(!find_invalid_utf8(outcome.reply), "is text");
    require(outcome.reply.find(secrets.front()) == std::string::npos, "and has no secret");
}

/// The state after all bytes, given as they come, and the reply if one is complete.
State take_by_byte(std::string_view bytes, SmtpReplyReader& reader) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string_view one = bytes.substr(at, 1);
        const State state = reader.take(one);
        require(one.empty(), "a byte is taken");
        if (state != State::needs_more) {
            return state;
        }
    }
    return State::needs_more;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::Input{data, size}.rest();
    std::string_view rest = bytes;
    State state = State::complete;
    // Replies to commands that were sent together come together.
    while (state == State::complete && !rest.empty()) {
        const std::string_view before = rest;
        SmtpReplyReader reader;
        state = reader.take(rest);
        require(rest.size() < before.size(), "every reply takes bytes");
        require(before.ends_with(rest), "and leaves those behind it");
        SmtpReplyReader slow;
        require(take_by_byte(before, slow) == state, "it matters not how the bytes come");
        if (state == State::complete) {
            require(slow.reply().text == reader.reply().text, "the reply is the same");
            check_reply(reader.reply());
        }
    }
    return 0;
}
