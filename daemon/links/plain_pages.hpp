#pragma once

#include <string>
#include <string_view>

namespace reviewd::links {

/// The page of a refusal that has no template: what happened, whether anything was recorded, and
/// what to do; dressed as the form is, light and dark.
/// @param status of HTTP
/// @param language "bn"; any other is English
[[nodiscard]] std::string plain_page(int status, std::string_view language);

/// The same for somebody's calendar, whose address is too old or none of ours.
[[nodiscard]] std::string calendar_page(int status, std::string_view language);

} // namespace reviewd::links
