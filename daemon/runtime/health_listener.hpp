#pragma once

#include "scoring/base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace reviewd::runtime {

/// What a path of the listener answers.
struct HealthAnswer {
    unsigned status = 200;
    std::string type = "text/plain; charset=utf-8";
    std::string body;
};

/// Answers one path ("/metrics"); 404 is its own matter.
using HealthHandler = std::function<boost::asio::awaitable<HealthAnswer>(std::string path)>;

struct HealthLimits {
    std::size_t header_bytes = 4096;
    std::size_t connections = 16;
    std::chrono::milliseconds request_time{5'000};
    std::chrono::milliseconds answer_time{10'000};
};

/// HTTP for monitoring: GET and HEAD of short paths, one request per connection, no body, nothing
/// that changes anything. Belongs to its executor.
class HealthListener {
public:
    /// @param address numeric; the caller sees to it that it is a loopback address
    /// @param port    0: a free one
    /// @errors `cannot_create` when the port is taken
    [[nodiscard]] static Result<std::unique_ptr<HealthListener>> open(
        const boost::asio::any_io_executor& executor,
        const std::string& address,
        int port,
        HealthHandler handler,
        HealthLimits limits = {}
    );

    HealthListener(const HealthListener&) = delete;
    HealthListener& operator=(const HealthListener&) = delete;
    /// Closes all connections.
    ~HealthListener();

    [[nodiscard]] int port() const;

    struct State;
    /// For open() alone: State is known to nobody else.
    explicit HealthListener(std::shared_ptr<State> state);

private:
    std::shared_ptr<State> state_; ///< shared with the connections' coroutines
};

} // namespace reviewd::runtime
