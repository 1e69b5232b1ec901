#pragma once

// daemon/runtime/process: programs of the host as notifiers run them. It implements
// notify::ProcessRunner and may include daemon/notify/api and scoring/base.

#include "daemon/notify/api/process.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace reviewd::runtime {

/// The host as it is. Lives on one executor that runs one handler at a time. From the first one on
/// the process ignores SIGPIPE; the programs do not.
class ProcessHost final : public notify::ProcessRunner {
public:
    explicit ProcessHost(boost::asio::any_io_executor executor);

    [[nodiscard]] std::string check(const std::string& program, notify::ProcessRequest::Trust trust)
        const override;
    [[nodiscard]] boost::asio::awaitable<notify::ProcessResult> run(
        const notify::ProcessRequest& request
    ) override;

private:
    boost::asio::any_io_executor executor_;
};

} // namespace reviewd::runtime
