#pragma once

#include "daemon/message/digest.hpp"
#include "daemon/message/value.hpp"

#include <string>

namespace reviewd::message {

/// What the templates of a digest may name; the names are listed in
/// config/default/templates/README.md. Every text is shown as `shown` says, in the
/// reader's language and form. Counts of zero and empty texts are absent.
[[nodiscard]] Value view_of(const Digest& digest);

/// The most urgent account that the digest names, in the order of its sections; empty: none.
[[nodiscard]] std::string first_account(const Digest& digest);

/// What a Cause is called that is a promise: "promised", in the reader's language.
[[nodiscard]] std::string words_of_promise(const Habits& habits);

/// All its causes in one line; empty for a periodic review.
[[nodiscard]] std::string cause_text(const Item& item);

/// "16:30" of today by the reader's own clock; else with its day, and with the zone where the
/// reader has another one.
[[nodiscard]] std::string appointment_text(
    const Appointment& appointment, Date today, const Habits& habits
);

/// The address if it can be a link in a mail (https:// or http:// and only characters of an
/// address), else empty.
[[nodiscard]] std::string safe_url(const std::string& url);

} // namespace reviewd::message
