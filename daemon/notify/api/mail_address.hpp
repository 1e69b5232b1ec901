#pragma once

#include <string>
#include <string_view>

namespace reviewd::notify {

/// Checks that `address` is one plain `local@domain`: ASCII letters, digits and the atom characters
/// of RFC 5321 (no quotes, no spaces, no comments), dots only between them, at most 64 and 254
/// bytes, no leading `-`, and a domain of host labels or an address in brackets. Names of other
/// scripts are to be written as `xn--…`.
/// @returns an empty text, or what is wrong with it, for a person
[[nodiscard]] std::string check_mail_address(std::string_view address);

} // namespace reviewd::notify
