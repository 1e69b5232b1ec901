#pragma once

#include "config/loader/settings.hpp"
#include "scoring/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reviewd::ctl {

/// A text or number of the channel's map; empty when it is absent.
[[nodiscard]] std::string setting(const config::ChannelSettings& channel, std::string_view key);

/// Where a channel connects to.
struct ChannelPlace {
    std::string host;
    int port = 0;
    /// Of a web server, as `allow_hosts:` would name it: lower case, an IPv6 address in brackets.
    std::string web_host{};
};

/// Reads the channel's address where it stands: in the configuration, in a file or in a credential.
/// Whoever knows the address of a webhook may post to it: no message shows more than the host.
/// @param credentials_directory of the running service
/// @returns nothing for a channel that stays on this machine
/// @errors of an address that is not in the configuration: `no_permission` when this user may not
/// read it, `unavailable` when the service that has the credential does not run, `bad_config` when
/// there is none or when the daemon would not take it
[[nodiscard]] Result<std::optional<ChannelPlace>> find_place(
    const config::ChannelSettings& channel,
    const std::string& state_directory,
    const std::string& credentials_directory
);

} // namespace reviewd::ctl
