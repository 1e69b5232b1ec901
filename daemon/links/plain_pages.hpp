#pragma once

#include <string>

namespace reviewd::links {

/// The page of a refusal that has no template: what happened, whether anything was recorded, and
/// what to do; dressed as the form is, light and dark.
/// @param status of HTTP
[[nodiscard]] std::string plain_page(int status);

/// The same for somebody's calendar, whose address is too old or none of ours.
[[nodiscard]] std::string calendar_page(int status);

} // namespace reviewd::links
