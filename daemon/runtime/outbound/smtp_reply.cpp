#include "daemon/runtime/outbound/smtp_reply.hpp"

#include "daemon/notify/api/reply_text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace reviewd::runtime {
namespace {

using notify::Outcome;
using notify::Reason;
using notify::Verdict;

constexpr std::size_t line_bytes_kept = 1024;
constexpr std::size_t reply_bytes_max = 64UL * 1024;
constexpr int reply_lines_max = 100;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The code of a reply line: three digits, then a space, a hyphen or the end.
std::optional<int> code_of(std::string_view line) {
    const bool is_reply = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1])
                          && is_digit(line[2])
                          && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
    if (!is_reply) {
        return std::nullopt;
    }
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/// The enhanced status code at the start of a reply's text, if it agrees with the reply's class.
std::string enhanced_code_of(std::string_view line) {
    if (line.size() < 5) {
        return {};
    }
    const std::string_view rest = line.substr(4);
    const std::string_view word = rest.substr(0, rest.find(' '));
    std::size_t dots = 0;
    std::size_t digits = 0;
    for (const char c : word) {
        if (c == '.' && digits > 0) {
            ++dots;
            digits = 0;
        } else if (is_digit(c) && digits < 3) {
            ++digits;
        } else {
            return {};
        }
    }
    const bool is_code = dots == 2 && digits > 0 && word[0] == line[0] && word[1] == '.';
    return is_code ? std::string{word} : std::string{};
}

/// Somebody has to set the login up. A relay says 454 of a recipient as well; while a connection is
/// made it is the word for a login, or for TLS, that is put off.
bool is_about_login(const SmtpReply& reply, Refused what) {
    return reply.code == 530 || reply.code == 534 || reply.code == 535 || reply.code == 538
           || (reply.code == 454 && what == Refused::connection);
}

/// MAIL is refused for the sender, which all messages share, or for the size, which they do not.
bool is_about_all(const SmtpReply& reply, Refused what) {
    return what == Refused::sender && reply.code != 552 && reply.enhanced_code != "5.3.4";
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Addresses, names of hosts and enhanced codes: what they are made of says nothing.
bool is_name(std::string_view token) {
    const std::size_t dot = token.find('.');
    const bool has_inner_dot = dot != std::string_view::npos && dot + 1 < token.size();
    return has_inner_dot || token.find('@') != std::string_view::npos;
}

/// The words in lower case, each with a space before and behind; "|" in place of a name.
std::string plain_words(std::string_view text) {
    std::string words{' '};
    while (!text.empty()) {
        const std::size_t end = text.find_first_of(" \t\n");
        const std::string_view token = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        for (const char c : is_name(token) ? std::string_view{"|"} : token) {
            const char kept = is_letter(c) ? static_cast<char>(c | 0x20) : c == '|' ? c : ' ';
            if (kept != ' ' || words.back() != ' ') {
                words += kept;
            }
        }
        if (words.back() != ' ') {
            words += ' ';
        }
    }
    return words;
}

/// Whether the client is asked for less. What a mailbox has too much of is no matter of the others.
bool asks_for_less(const SmtpReply& reply) {
    const std::string_view code = reply.enhanced_code;
    const bool is_about_mailbox =
        reply.code == 450 && (code.substr(0, 4) == "4.1." || code.substr(0, 4) == "4.2.");
    if (is_about_mailbox || (reply.code != 421 && reply.code != 450)) {
        return false;
    }
    static constexpr std::array<std::string_view, 5> signs{
        " rate ", " ratelimit ", " rates ", " too many ", " too much "};
    const std::string words = plain_words(reply.text);
    return code == "4.7.28" || std::any_of(signs.begin(), signs.end(), [&](std::string_view sign) {
               return words.find(sign) != std::string::npos;
           });
}

} // namespace

SmtpReplyReader::State SmtpReplyReader::take(std::string_view& bytes) {
    while (!bytes.empty()) {
        const char byte = bytes.front();
        bytes.remove_prefix(1);
        if (++bytes_ > reply_bytes_max) {
            return State::broken;
        }
        if (byte != '\n') {
            if (line_.size() < line_bytes_kept) {
                line_ += byte;
            }
            continue;
        }
        const State state = finish_line();
        if (state != State::needs_more) {
            return state;
        }
    }
    return State::needs_more;
}

SmtpReplyReader::State SmtpReplyReader::finish_line() {
    if (!line_.empty() && line_.back() == '\r') {
        line_.pop_back();
    }
    const std::optional<int> code = code_of(line_);
    if (!code || ++lines_ > reply_lines_max || (lines_ > 1 && *code != reply_.code)) {
        return State::broken;
    }
    if (lines_ == 1) {
        reply_.code = *code;
        reply_.enhanced_code = enhanced_code_of(line_);
    }
    const bool is_last = line_.size() == 3 || line_[3] == ' ';
    reply_.text += line_;
    reply_.text += '\n';
    line_.clear();
    return is_last ? State::complete : State::needs_more;
}

Outcome refusal(const SmtpReply& reply, Refused what, std::span<const std::string> secrets) {
    Outcome outcome;
    outcome.code = reply.code;
    outcome.enhanced_code = reply.enhanced_code;
    outcome.reply = notify::clean_reply(reply.text, secrets);
    if (is_about_login(reply, what)) {
        outcome.verdict = Verdict::misconfigured;
        outcome.reason = Reason::authentication;
    } else if (reply.code >= 500) {
        outcome.verdict = is_about_all(reply, what) ? Verdict::misconfigured : Verdict::permanent;
        outcome.reason = Reason::rejected;
    } else if (reply.code >= 400) {
        outcome.verdict = Verdict::temporary;
        outcome.reason = asks_for_less(reply) ? Reason::rate_limited : Reason::deferred;
    } else {
        outcome.verdict = Verdict::temporary;
        outcome.reason = Reason::protocol;
    }
    return outcome;
}

} // namespace reviewd::runtime
