#pragma once

#include "daemon/notify/api/outbound.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace reviewd::runtime {

/// Reads one HTTP/1.1 answer out of bytes as they come: pure. Informational answers before it are
/// passed over, headers and body are bounded, nothing is decompressed.
class WebAnswerReader {
public:
    enum class State {
        head,     ///< the status line and headers are not complete
        body,     ///< the answer is known, its body goes on
        complete, ///< the next bytes would be another answer
        enough,   ///< the body goes on beyond what is kept, or cannot be read
        broken    ///< no HTTP, or too many headers
    };

    explicit WebAnswerReader(std::size_t body_bytes_kept);
    WebAnswerReader(WebAnswerReader&&) noexcept;
    WebAnswerReader& operator=(WebAnswerReader&&) noexcept;
    ~WebAnswerReader();

    State take(std::string_view bytes);
    /// The peer closed the connection.
    State end();

    [[nodiscard]] State state() const;
    /// Whether nothing has come of the answer itself; informational ones before it do not count.
    [[nodiscard]] bool is_fresh() const;
    /// Whether the connection may carry another request.
    [[nodiscard]] bool may_be_kept() const;
    /// From `body` on: "HTTP/1.1 200 OK" and the headers as they were written, a line each.
    [[nodiscard]] std::string_view head() const;
    /// @pre state() is neither head nor broken
    [[nodiscard]] notify::WebReply reply() const;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

} // namespace reviewd::runtime
