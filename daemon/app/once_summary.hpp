#pragma once

#include "scoring/base/diagnostic.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace reviewd::app {

/// What a pass of `reviewd --once` came to.
struct OnceSummary {
    struct Channel {
        std::string name;
        std::string type;
        std::string where; ///< a file or a host; may be empty
        std::size_t accepted = 0;
        std::size_t not_accepted = 0;
    };
    boost::json::value status; ///< shape `status` of daemon/control
    std::vector<Channel> channels;
    std::size_t waiting = 0; ///< deliveries that are to be tried again
};

/// A few lines for a person, each ending in a line feed; text from data is escaped.
[[nodiscard]] std::string render(const OnceSummary& summary, Colour colour);

} // namespace reviewd::app
