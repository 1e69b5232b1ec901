#pragma once

#include <string>

namespace reviewd::message {

/// What a `tel:` link dials (RFC 3966, without the scheme): "+15551234567;ext=89" of
/// "+1 (555) 123-4567 ext 89". Empty where it is not sure which digits to dial, as of two numbers
/// or of words that are not known: a wrong number is worse than no link.
[[nodiscard]] std::string dialled(const std::string& phone);

} // namespace reviewd::message
