#pragma once

#include <string_view>

namespace reviewd::config {

/// What channels of a type can do. A notifier's row in daemon/notify/registry says it; it stands
/// beside the channel's settings, so that whoever has these need not know any type by its name.
struct ChannelTraits {
    bool takes_events = false;     ///< a program reads it: `events:` may name it
    bool carries_calendar = false; ///< invitations reach a calendar through it
    bool keeps_inbox = false;      ///< what it took is read with `reviewctl inbox`
    bool shows_html = false;       ///< Message::html is composed for it, and stored
    /// The key of its settings by whose value a person recognises the channel, and which is no
    /// secret; empty: none.
    std::string_view place_key{};
};

} // namespace reviewd::config
