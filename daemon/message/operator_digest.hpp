#pragma once

#include "daemon/message/render.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::message {

/// Messages that came to nothing on one channel for one reason.
struct UndeliveredGroup {
    std::string channel;
    std::string reason;      ///< a notify::Reason's name, "no_address" or "not_tried"
    bool is_expired = false; ///< tried in vain until it was of no use; else refused for good
    std::int64_t deliveries = 0;
    std::int64_t people = 0;   ///< whom they were for; 0: another system
    std::int64_t delivery = 0; ///< the first one's number
    std::string reply;         ///< the receiver's words to it; may be empty
    std::string fallback;      ///< the channel that took over; empty: none
};

/// Messages on one channel that go nowhere until somebody does something.
struct WaitingMessages {
    enum class Why {
        uncertain, ///< held, and perhaps received
        held,      ///< by a person, or because they cannot be sent as they are
        paused,    ///< with their channel
    };
    std::string channel;
    Why why = Why::held;
    std::int64_t deliveries = 0;
    std::int64_t people = 0;   ///< whom they are for; 0: another system
    std::int64_t delivery = 0; ///< the first one's number
    Date since{};              ///< the one that waits longest
    std::string reason;        ///< of the pause, in the words of who paused it; else empty
};

/// Accounts that belong to nobody, because whom their sources name is gone or was never there.
struct OwnerlessAccounts {
    std::string key;  ///< of whom they name
    std::string name; ///< of who is gone; empty: nobody of that key was ever known
    std::int64_t accounts = 0;
    std::string manager; ///< name of the manager there was; may be empty
};

/// What those who look after the service read of a morning when something was not delivered, waits
/// for them, or has lost its owner.
struct OperatorDigest {
    std::string id; ///< permanent key of the message
    std::string recipient;
    Habits habits;
    Date today{};
    Date since{};                             ///< the day of the look before this one
    std::vector<UndeliveredGroup> groups;     ///< the largest first
    std::vector<WaitingMessages> waiting;     ///< by channel
    std::vector<OwnerlessAccounts> ownerless; ///< by key; at least one here or in the other two
};

/// Composes it by the templates `operator_subject`, `operator_text` and `operator_html`; as
/// render() of a digest does. It names no customer. Its payload:
///
///     {"version": 1, "kind": "operator", "id": "…", "recipient": "…", "language": "en",
///      "today": "2026-11-24", "since": "2026-11-23", "deliveries": 3,
///      "groups": [{"channel": "mail", "reason": "rejected", "is_expired": false,
///                  "deliveries": 3, "people": 2, "delivery": 12, "reply": "550 no such user",
///                  "fallback": "chat"}],
///      "waiting": [{"channel": "crm", "why": "paused", "deliveries": 4, "people": 0,
///                   "delivery": 15, "since": "2026-11-21", "reason": "paused by ruth"}],
///      "ownerless": [{"key": "mei", "name": "Mei Lin", "accounts": 47, "manager": "Kim Roe"}]}
///
/// `why` is "uncertain", "held" or "paused".
[[nodiscard]] Rendered render(
    const OperatorDigest& digest, const Templates& templates, Html html = Html::composed
);
/// What its templates may name.
[[nodiscard]] Value view_of(const OperatorDigest& digest);

/// As the payload has it.
[[nodiscard]] std::string_view name(WaitingMessages::Why why);

} // namespace reviewd::message
