#pragma once

#include "daemon/links/link_keys.hpp"
#include "daemon/links/request_head.hpp"
#include "daemon/service/service.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::links {

/// What goes back to a client; the connection is closed after it.
struct LinkResponse {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> fields; ///< headers beside the length
    std::string body;
    bool is_fault = false; ///< counts against the client: no link of ours
};

/// Answers one request. Only POST changes anything, and only with a link that is ours and a form
/// that comes from our own page. The thread of the service. A refusal is in the language of whom
/// the link was made for, as long as it is ours; else in one that the browser asks for.
///
/// | request | answer |
/// |---|---|
/// | GET, HEAD `/a/TOKEN` | the form, or why there is none (403, 410) |
/// | POST `/a/TOKEN` | does it once: 200; 422 for what is wrong in the form |
/// | POST from another site, or in another form than a form's | 403, 415, 400 |
/// | GET, HEAD `/c/TOKEN.ics` | a person's calendar; 403, 410 |
/// | anything else | 404 |
[[nodiscard]] LinkResponse answer_request(
    service::Service& service,
    const LinkKeys& keys,
    const RequestHead& head,
    const std::string& body,
    TimePoint now
);

/// What is refused before it reaches a page of its own: what happened and what to do, see
/// plain_page().
[[nodiscard]] LinkResponse plain_response(int status, std::string_view language);

/// The headers that every answer has: no script, no frame, no cookie, no referrer, not kept.
/// @param html its style element is allowed by its hash
[[nodiscard]] std::vector<std::pair<std::string, std::string>> strict_fields(const std::string& html
);

} // namespace reviewd::links
