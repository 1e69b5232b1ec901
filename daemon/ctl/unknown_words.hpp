#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace reviewd::ctl {

/// Something that rows of a source name and no source has.
struct UnknownWords {
    std::string what;   ///< "42 rows name accounts that no source has (such as …)"
    std::string remedy; ///< what that means, and what to do if it is not to come; a sentence or two
};

/// Of a source as `status` and `import` answer; empty when all is known.
[[nodiscard]] std::vector<UnknownWords> unknown_words(const boost::json::value& source);

/// The same as a line for each; what a file holds is escaped in it.
[[nodiscard]] std::vector<std::string> unknown_lines(
    const boost::json::value& source, const std::string& name
);

} // namespace reviewd::ctl
