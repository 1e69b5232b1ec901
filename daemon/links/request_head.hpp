#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reviewd::links {

/// What a request says of itself, once its head is known to be strict HTTP/1.
struct RequestHead {
    int refusal = 0;    ///< status of HTTP to refuse it with; 0: it may be served
    std::string method; ///< GET, HEAD or POST
    std::string target; ///< in origin form, as it was sent
    std::size_t body_bytes = 0;
    std::string content_type;  ///< lower case, without parameters
    std::string fetch_site;    ///< Sec-Fetch-Site, or empty
    std::string forwarded_for; ///< all of X-Forwarded-For, or empty
    /// For pages whose reader nobody knows: "en" or "bn", as Accept-Language asks; also of a head
    /// that is refused, if its lines as such could be read.
    std::string language = "en";
};

struct RequestLimits {
    std::size_t head_bytes = 8 * 1024;
    std::size_t head_lines = 64;
    std::size_t body_bytes = 32 * 1024;
};

/// Reads a head that ends in an empty line. Anything that two programs could read differently is
/// refused: folded lines, bare line feeds, a space before a colon, lengths that are given twice or
/// not as digits, any transfer coding, a target that is no path, a missing or second Host.
[[nodiscard]] RequestHead read_head(std::string_view head, const RequestLimits& limits);

/// Whether bytes that came so far can still become a strict head: no line feed without its carriage
/// return, no NUL.
[[nodiscard]] bool may_become_head(std::string_view bytes);

} // namespace reviewd::links
