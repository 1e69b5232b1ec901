#include "daemon/runtime/outbound/web_connection.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/core.h>

#include <utility>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;

/// Scheme, name and port. @pre WebExchange found no defect in the request
std::string origin_of(const notify::WebRequest& request) {
    const auto origin = boost::urls::parse_uri(request.url).value().encoded_origin();
    return {origin.data(), origin.size()};
}

CurlEasy::Connection settings_of(
    const notify::WebRequest& request, std::shared_ptr<CurlShare> share
) {
    return {request.tls, request.addresses, request.deadline, std::move(share)};
}

} // namespace

WebConnection::WebConnection(
    const net::any_io_executor& executor,
    std::shared_ptr<CurlShare> share,
    const notify::WebRequest& request
)
    : url_(origin_of(request)),
      easy_(std::make_shared<CurlMulti>(executor), settings_of(request, std::move(share))),
      stream_(easy_, executor) {
    const bool is_plain = request.tls.mode == notify::TlsSettings::Mode::none;
    easy_.set(CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
    easy_.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

std::string WebConnection::key_of(const notify::WebRequest& request) {
    return fmt::format(
        "{}\n{}\n{}\n{}",
        origin_of(request),
        static_cast<int>(request.tls.mode),
        request.tls.authority_file,
        static_cast<int>(request.addresses)
    );
}

net::awaitable<bool> WebConnection::open(std::chrono::milliseconds deadline) {
    was_kept_ = is_open_;
    if (was_kept_) {
        easy_.renew(deadline);
        co_return true;
    }
    easy_.limit(deadline);
    is_open_ = co_await stream_.connect(url_);
    co_return is_open_;
}

} // namespace reviewd::runtime
