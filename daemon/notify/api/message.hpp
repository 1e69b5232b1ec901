#pragma once

// daemon/notify/api: what a notifier is. Plugins include this folder, config/node and scoring/base;
// they know neither each other nor the store. Who wants to reach the network does it through the
// Outbound interface.

#include "scoring/base/date.hpp"

#include <string>
#include <vector>

namespace reviewd::notify {

/// Who gets it. Address is what the channel needs: a mail address, a URL, a user's name; checked by
/// the plugin.
struct Recipient {
    std::string name;
    std::string address;
    std::string language; ///< "en", "bn", …
};

/// One frozen message to one recipient over one channel. Rendered once, before the first attempt,
/// and the same ever after.
struct Message {
    std::string id; ///< permanent key, unique for ever; webhook-id, deduplication handle; [a-z0-9-]
    std::string
        message_id; ///< RFC 5322 Message-ID with its angle brackets; the same over all attempts
    std::string thread_id; ///< Message-ID that this one refers to, or empty
    TimePoint date{};      ///< when it was rendered
    Recipient recipient;
    std::string subject;  ///< one line of UTF-8, no control characters
    std::string text;     ///< UTF-8, lines end in LF
    std::string html;     ///< a whole document; empty: no HTML part
    std::string payload;  ///< JSON object for machines (webhook, file)
    std::string calendar; ///< iCalendar text whose METHOD says what it is; empty: none
    std::vector<std::string> reminder_ids; ///< permanent keys of the reminders it carries
};

} // namespace reviewd::notify
