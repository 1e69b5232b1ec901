#pragma once

#include "tests/support/certificates.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::test {

/// What a server answers.
struct HttpAnswer {
    enum class Then { keep_open, close, silence };
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::optional<std::string> raw; ///< these bytes instead of a proper answer
    Then then = Then::keep_open;
    std::chrono::milliseconds per_byte{}; ///< pause before each byte
};

/// A request that arrived whole.
struct ReceivedRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string body;
    bool has_tls = false;
    int status = 0; ///< as it was answered
};

struct HttpServerSettings {
    std::optional<CertificateFiles> certificate; ///< https
    HttpAnswer answer;
    std::function<void(const ReceivedRequest&)> keep; ///< runs before the answer
    int port = 0;                                     ///< 0: one that is free
};

/// A real HTTP server on 127.0.0.1 that gives the answer it was told and remembers what it saw.
class HttpServer {
public:
    HttpServer(const boost::asio::any_io_executor& executor, HttpServerSettings settings);
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer();

    [[nodiscard]] int port() const;
    /// May be changed between deliveries.
    [[nodiscard]] HttpAnswer& answer();
    [[nodiscard]] const std::vector<ReceivedRequest>& received() const;
    [[nodiscard]] int connections() const;

    struct State;

private:
    std::shared_ptr<State> state_;
};

} // namespace reviewd::test
