#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::links {

/// The fields of an `application/x-www-form-urlencoded` body, decoded, line ends as LF. Nothing for
/// a broken escape, a NUL, a name that comes twice, a name of more than 64 bytes, or more than 64
/// fields.
[[nodiscard]] std::optional<std::map<std::string, std::string>> read_form(std::string_view body);

} // namespace reviewd::links
