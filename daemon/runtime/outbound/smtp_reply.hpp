#pragma once

#include "daemon/notify/api/outcome.hpp"

#include <span>
#include <string>
#include <string_view>

namespace reviewd::runtime {

/// One reply of an SMTP server.
struct SmtpReply {
    int code = 0;              ///< 200 … 599
    std::string enhanced_code; ///< "5.1.1", or empty
    std::string text;          ///< all lines as they came, bounded, not yet cleaned
};

/// Puts a reply together from the bytes of a connection, within bounds: a line is kept to 1 KiB, a
/// reply has at most 100 lines and 64 KiB.
class SmtpReplyReader {
public:
    enum class State { needs_more, complete, broken };

    /// Takes bytes up to the end of the reply; those behind it stay in `bytes`.
    [[nodiscard]] State take(std::string_view& bytes);
    /// @pre the last take() returned complete
    [[nodiscard]] const SmtpReply& reply() const { return reply_; }

private:
    [[nodiscard]] State finish_line();

    SmtpReply reply_;
    std::string line_;
    std::size_t bytes_ = 0;
    int lines_ = 0;
};

/// What a server refuses; the same code may be about either.
enum class Refused {
    connection, ///< greeting, TLS, login
    sender,     ///< MAIL
    message,    ///< the recipient or the content
};

/// What a reply means where it refuses: 4yz defers, 5yz rejects this message, and the codes about
/// logging in, or about the sender of all messages, stop the channel.
[[nodiscard]] notify::Outcome refusal(
    const SmtpReply& reply, Refused what, std::span<const std::string> secrets
);

} // namespace reviewd::runtime
