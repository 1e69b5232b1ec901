#pragma once

#include <string>
#include <string_view>

namespace reviewd::manual {

/// Text for the body of a man page: backslashes, hyphens of options and leading dots keep their
/// looks.
[[nodiscard]] std::string roff(std::string_view text);

/// `.TH` and the name line of a page.
struct PageHead {
    std::string_view name;    ///< "reviewctl"
    std::string_view section; ///< "1"
    std::string_view summary; ///< after the dash of NAME
};
[[nodiscard]] std::string roff(const PageHead& head);

} // namespace reviewd::manual
