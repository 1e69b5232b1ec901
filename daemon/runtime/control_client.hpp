#pragma once

#include "daemon/runtime/file_descriptor.hpp"
#include "scoring/base/result.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace reviewd::runtime {

/// The client's end of the control socket; blocks. One thread.
class ControlClient {
public:
    /// @errors `unavailable` when nobody listens, `no_permission` when the socket is closed to the
    /// caller; both say what to do
    [[nodiscard]] static Result<ControlClient> connect(const std::string& path);

    /// Sends one command and waits for its answer, however long it takes.
    /// @param progress is called for each progress line; may be empty
    /// @param files    open files that travel with the command; they stay the caller's
    /// @errors the daemon's own, or `unavailable` when it went away in between
    [[nodiscard]] Result<boost::json::value> call(
        std::string_view command,
        const boost::json::object& arguments,
        const std::function<void(const boost::json::value&)>& progress = {},
        std::span<const int> files = {}
    );

private:
    explicit ControlClient(FileDescriptor socket) : socket_{std::move(socket)} {}
    [[nodiscard]] bool send(const std::string& line, std::span<const int> files);
    [[nodiscard]] Result<std::string> read_line();

    FileDescriptor socket_;
    std::string received_;
};

} // namespace reviewd::runtime
