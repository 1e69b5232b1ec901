#include "daemon/runtime/outbound/curl_easy.hpp"

#include "daemon/runtime/outbound/address_guard.hpp"
#include "scoring/base/assert.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/core.h>

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;
using notify::Outcome;
using notify::Reason;
using notify::Verdict;

std::optional<net::ip::address> address_of(const curl_sockaddr& socket_address) {
    if (socket_address.family == AF_INET) {
        sockaddr_in inet{};
        std::memcpy(&inet, &socket_address.addr, sizeof inet);
        return net::ip::address_v4{ntohl(inet.sin_addr.s_addr)};
    }
    if (socket_address.family == AF_INET6) {
        // libcurl's struct is declared with the smaller sockaddr but backed by a larger one.
        sockaddr_in6 inet{};
        const auto* begin = reinterpret_cast<const unsigned char*>(&socket_address.addr);
        std::memcpy(&inet, begin, sizeof inet);
        net::ip::address_v6::bytes_type bytes{};
        std::memcpy(bytes.data(), &inet.sin6_addr, bytes.size());
        return net::ip::address_v6{bytes};
    }
    return std::nullopt;
}

/// Of the address that it was told to connect to: no more is shown, for a webhook's may be secret.
std::string host_of(CURL* easy) {
    const char* address = nullptr;
    curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &address);
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parts{curl_url(), &curl_url_cleanup};
    char* host = nullptr;
    const bool is_read = address != nullptr
                         && curl_url_set(parts.get(), CURLUPART_URL, address, 0) == CURLUE_OK
                         && curl_url_get(parts.get(), CURLUPART_HOST, &host, 0) == CURLUE_OK;
    std::string name = is_read ? host : "HOST";
    curl_free(host);
    return name;
}

std::string refusal(
    notify::AddressPolicy policy, const std::string& address, const std::string& host
) {
    std::string words = fmt::format("the address {} may not be connected from here", address);
    if (policy == notify::AddressPolicy::public_only) {
        words +=
            fmt::format(", for it is in no public network; if that is meant, {}", allowing(host));
    }
    return words;
}

Reason reason_of(CURLcode code) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return Reason::dns;
    case CURLE_OPERATION_TIMEDOUT:
        return Reason::timeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
        return Reason::tls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return Reason::certificate;
    case CURLE_LOGIN_DENIED:
    case CURLE_AUTH_ERROR:
        return Reason::authentication;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_REMOTE_ACCESS_DENIED:
    case CURLE_WRITE_ERROR:
        return Reason::protocol;
    case CURLE_URL_MALFORMAT:
        return Reason::bad_address;
    case CURLE_OUT_OF_MEMORY:
        return Reason::local_io;
    default:
        return Reason::connect;
    }
}

Verdict verdict_of(Reason reason) {
    const bool needs_mending = reason == Reason::certificate || reason == Reason::authentication
                               || reason == Reason::bad_address;
    return needs_mending ? Verdict::misconfigured : Verdict::temporary;
}

} // namespace

void CurlEasy::require(CURLcode code) {
    REVIEWD_ASSERT(code == CURLE_OK);
}

CurlEasy::CurlEasy(std::shared_ptr<CurlMulti> multi, const Connection& connection)
    : share_(connection.share),
      multi_(std::move(multi)),
      easy_(curl_easy_init()),
      authority_file_(connection.tls.authority_file),
      addresses_(connection.addresses),
      deadline_(connection.deadline),
      signal_(multi_->executor()),
      timer_(multi_->executor()),
      self_(std::make_shared<CurlEasy*>(this)) {
    REVIEWD_ASSERT(easy_ != nullptr);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L); // a resolver that hangs must not hold the loop
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    use_roots();
    limit(connection.deadline);
    set(CURLOPT_OPENSOCKETFUNCTION, &CurlEasy::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
}

/// Shares what there is to share. A libcurl whose TLS takes no roots from us reads them itself.
void CurlEasy::use_roots() {
    const char* const none = nullptr;
    if (share_) {
        set(CURLOPT_SHARE, share_->handle());
    }
    if (share_ && curl_easy_setopt(easy_, CURLOPT_SSL_CTX_FUNCTION, &CurlEasy::trust) == CURLE_OK) {
        set(CURLOPT_SSL_CTX_DATA, this);
        set(CURLOPT_CAINFO, none);
        set(CURLOPT_CAPATH, none);
    } else if (!authority_file_.empty()) {
        set(CURLOPT_CAINFO, authority_file_.c_str());
        set(CURLOPT_CAPATH, none);
    }
}

CURLcode CurlEasy::trust(CURL* /*easy*/, void* context, void* self) {
    const auto& owner = *static_cast<CurlEasy*>(self);
    try {
        x509_store_st* const roots = owner.share_->roots(owner.authority_file_);
        if (roots == nullptr) {
            return CURLE_SSL_CACERT_BADFILE;
        }
        SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(context), roots);
    } catch (const std::exception&) {
        return CURLE_OUT_OF_MEMORY; // libcurl knows no exceptions
    }
    return CURLE_OK;
}

CurlEasy::~CurlEasy() {
    *self_ = nullptr;
    multi_->remove(easy_);
    curl_easy_cleanup(easy_);
}

void CurlEasy::limit(std::chrono::milliseconds deadline) {
    deadline_ = deadline;
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(deadline.count()));
}

void CurlEasy::renew(std::chrono::milliseconds deadline) {
    deadline_ = deadline;
    is_late_ = false;
    arm();
}

void CurlEasy::arm() {
    timer_.expires_after(deadline_);
    timer_.async_wait([self = self_](auto error) {
        if (error || *self == nullptr) {
            return;
        }
        CurlEasy& alive = **self;
        if (alive.timer_.expiry() > net::steady_timer::clock_type::now()) {
            return; // it waited for its turn while there was more time given
        }
        alive.is_late_ = true;
        alive.signal_.raise();
        if (alive.interrupt_) {
            alive.interrupt_();
        }
    });
}

void CurlEasy::start() {
    arm();
    const bool is_added = multi_->add(easy_, [this](CURLcode code) {
        result_ = code;
        signal_.raise();
    });
    if (!is_added) {
        result_ = CURLE_OUT_OF_MEMORY;
        signal_.raise();
    }
}

void CurlEasy::hurry(std::chrono::milliseconds most) {
    if (timer_.expiry() > net::steady_timer::clock_type::now() + most) {
        deadline_ = most;
        arm();
    }
}

curl_socket_t CurlEasy::open_socket(
    void* self, curlsocktype /*purpose*/, struct curl_sockaddr* address
) {
    auto& owner = *static_cast<CurlEasy*>(self);
    try {
        const auto target = address_of(*address);
        if (!target || !is_allowed(owner.addresses_, *target)) {
            owner.refused_address_ = target ? target->to_string() : "of an unknown family";
            return CURL_SOCKET_BAD;
        }
    } catch (const std::exception&) {
        owner.ran_short();
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

Outcome CurlEasy::failure(std::string words) const {
    Outcome outcome;
    if (is_short_) {
        outcome.reason = Reason::local_io;
        words = curl_easy_strerror(CURLE_OUT_OF_MEMORY);
    } else if (is_late_ || !result_) {
        outcome.reason = Reason::timeout;
    } else {
        outcome.reason = reason_of(*result_);
    }
    if (outcome.reason == Reason::connect && !refused_address_.empty()) {
        outcome.reason = Reason::bad_address;
        words = refusal(addresses_, refused_address_, host_of(easy_));
    }
    outcome.verdict = verdict_of(outcome.reason);
    if (words.empty() && result_ && !is_late_) {
        words = curl_easy_strerror(*result_);
    }
    outcome.reply = std::move(words);
    return outcome;
}

} // namespace reviewd::runtime
