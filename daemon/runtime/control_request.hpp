#pragma once

#include "daemon/runtime/file_descriptor.hpp"
#include "daemon/runtime/peer.hpp"
#include "scoring/base/result.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace reviewd::runtime {

/// One command of a client: the line `{"command": …, "arguments": {…}}` and the open files that
/// came with it.
struct ControlRequest {
    std::string command;
    boost::json::object arguments;
    std::vector<FileDescriptor> files;
    Peer peer;
};

/// Reads the line of a request; its files and its peer are for the caller to add. Values may stand
/// in each other 32 deep.
/// @param line hostile, without its end
/// @errors `usage`, with the form that is wanted, or for a number that none can hold
[[nodiscard]] Result<ControlRequest> read_control_request(std::string_view line);

} // namespace reviewd::runtime
