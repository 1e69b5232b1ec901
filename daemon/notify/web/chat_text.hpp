#pragma once

#include "daemon/notify/api/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace reviewd::notify {

/// How a service counts its limit.
enum class Measure {
    bytes,
    characters, ///< UTF-16 code units, of which no service counts more
};

/// Writes one character (a whole one, of valid UTF-8) of a word so that the service shows it and
/// does nothing else with it.
using EscapeCharacter = std::string (*)(std::string_view character, std::string_view before);

/// What a text is written in and how long it may become.
struct ChatFormat {
    EscapeCharacter escape = nullptr; ///< null: as it is
    std::size_t limit = 4000;         ///< of the whole result, tail and escapes included
    Measure measure = Measure::characters;
    enum class Addresses { escaped, untouched } addresses = Addresses::escaped; ///< https://…
};

/// The text with every character escaped, line by line. What does not fit is cut between lines, or
/// between characters when not even one line fits, never inside an escape, and replaced by a tail
/// that says how many lines are missing and where to find them: "[+12: https://…]". Controls but
/// line ends are shown as escapes.
[[nodiscard]] std::string chat_text(
    std::string_view text, std::string_view link, const ChatFormat& format
);

/// Length of valid UTF-8 in that measure.
[[nodiscard]] std::size_t measured(std::string_view text, Measure measure);

/// Where the message can be answered, from its payload: the digest's own address, else that of its
/// first review; empty when it has none. Never an address out of the data.
[[nodiscard]] std::string link_of(const Message& message);

} // namespace reviewd::notify
