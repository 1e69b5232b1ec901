#pragma once

#include <string_view>

namespace reviewd::links {

/// The language among those that the pages are written in, "en" and "bn", that a browser wants
/// most; English where it wants neither, or says nothing that can be read.
/// @param field the value of Accept-Language; hostile, and no part of it is ever given back
[[nodiscard]] std::string_view preferred_language(std::string_view field);

} // namespace reviewd::links
