#pragma once

#include <string>
#include <string_view>

namespace reviewd::runtime {

/// What follows DATA, but for the dot that ends it: line ends CRLF and no other CR or LF, each line
/// that begins with a dot given a second one. Ends in CRLF, unless it is empty. Whatever the
/// content, no peer finds the end of the message in it, however it takes line ends.
[[nodiscard]] std::string to_mail_data(std::string_view content);

} // namespace reviewd::runtime
