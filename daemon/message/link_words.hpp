#pragma once

#include <string>
#include <string_view>

namespace reviewd::message {

/// The text with every word that a mail program would turn into a link in quotes, its dots and
/// colons in brackets; all other words as they are. Links are a scheme (`://`, `mailto:`,
/// `javascript:`), `www.`, an address of e-mail, and a host with a path or a port. The last label
/// of a host is letters, or it has four numbers; `3.0/3.1` and `27.11./28.11.` are none. A bare
/// host (`Booking.com`) is left as it is: too many firms are called so.
[[nodiscard]] std::string without_links(std::string_view text);

} // namespace reviewd::message
