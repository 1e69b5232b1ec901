#pragma once

#include "daemon/notify/api/outcome.hpp"
#include "scoring/base/date.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::notify {

/// TLS of an outbound connection. Verification of chain and name is always on where TLS is.
struct TlsSettings {
    enum class Mode { none, starttls_required, implicit };
    Mode mode = Mode::implicit;
    std::string authority_file; ///< PEM file of trusted roots; empty: the system's
};

struct Login {
    std::string user;
    std::string password; ///< never printed, never logged
};

/// Which addresses a name may lead to. Checked on the address that is connected, after resolving,
/// so that a name that changes its mind cannot pass.
enum class AddressPolicy {
    any,
    public_only, ///< nothing private, loopback, link-local, multicast or reserved
    loopback_only,
};

/// Called just before the bytes that may make the peer accept; false aborts. See Attempt::commit.
using CommitGate = std::function<boost::asio::awaitable<bool>()>;
using DialogueSink = std::function<void(std::string_view)>;

struct MailSubmission {
    std::string host;
    int port = 587;
    TlsSettings tls; ///< `none` connects to loopback addresses only
    std::optional<Login> login;
    std::string helo_name;
    std::string envelope_from;
    std::string envelope_to; ///< exactly one recipient
    std::string content;     ///< the whole RFC 5322 message, CRLF line ends, dots not stuffed
    std::chrono::milliseconds deadline{};
    std::chrono::milliseconds answer_time{}; ///< for the answer to the final dot, from there on;
                                             ///< 0: what is left of the deadline
    CommitGate commit;     ///< runs after the body was sent and before the final dot
    DialogueSink dialogue; ///< may be empty
};

struct WebRequest {
    std::string url; ///< https; http only with tls.mode `none`; no user, no fragment
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body; ///< at least one byte
    TlsSettings tls;  ///< `implicit` for https, `none` for http
    AddressPolicy addresses = AddressPolicy::public_only;
    std::size_t reply_bytes_kept = 1024;
    std::chrono::milliseconds deadline{};
    CommitGate commit; ///< runs when all but the last byte of the body was handed to the
                       ///< connection: without that byte the peer has no request
    DialogueSink dialogue;
};

struct WebReply {
    int status = 0; ///< 0: no complete header was received
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    std::string body;                                         ///< the first reply_bytes_kept bytes
};

/// The door to the network. daemon/runtime implements it on libcurl; tests and the simulator
/// replace it.
class Outbound {
public:
    Outbound() = default;
    Outbound(const Outbound&) = delete;
    Outbound& operator=(const Outbound&) = delete;
    virtual ~Outbound() = default;

    /// Submits one message to one recipient. Classifies SMTP and transport results completely.
    [[nodiscard]] virtual boost::asio::awaitable<Outcome> submit(const MailSubmission& mail) = 0;

    /// Posts. `first` is classified for transport failures and set to accepted for any reply with a
    /// status; the plugin judges the status. Redirects are not followed, no proxy is used, bodies
    /// are not decompressed.
    [[nodiscard]] virtual boost::asio::awaitable<std::pair<Outcome, WebReply>> post(
        const WebRequest& request
    ) = 0;
};

} // namespace reviewd::notify
