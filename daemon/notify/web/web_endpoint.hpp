#pragma once

// daemon/notify/web: what the plugins that post to the web share: where to, what an answer means,
// and texts cut to what a service takes. Includes daemon/notify/api.

#include "daemon/notify/api/plugin.hpp"
#include "daemon/notify/api/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::notify {

/// Where a channel posts to.
struct WebEndpoint {
    std::string url; ///< empty: read from url_source at each use
    std::optional<SecretSource> url_source;
    std::vector<std::string> allow_hosts; ///< lower case; these may be in the private network
    enum class Scheme { https_only, http_allowed } scheme = Scheme::https_only;
    std::string authority_file;
    int concurrency = 1;
};

/// Reads `url` (or `url_file`, `url_credential`), `allow_http`, `allow_hosts`, `authority_file` and
/// `concurrency` of a channel's map; what is wrong is reported.
[[nodiscard]] WebEndpoint read_web_endpoint(
    config::MapReader& settings, const PluginContext& context
);

/// What is wrong with `url` as an address to post to, or an empty text: an https address (http if
/// allowed) with a host, without user, password and fragment, on no port of mail or shells.
[[nodiscard]] std::string check_web_url(std::string_view url, WebEndpoint::Scheme scheme);

} // namespace reviewd::notify
