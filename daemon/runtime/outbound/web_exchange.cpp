#include "daemon/runtime/outbound/web_exchange.hpp"

#include "daemon/notify/api/reply_text.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;
using notify::Outcome;
using notify::Reason;
using notify::Verdict;

constexpr std::size_t header_bytes_max = 64UL * 1024;
constexpr std::size_t headers_max = 100;
/// The status decides; for the words behind it a peer gets this long.
constexpr std::chrono::seconds body_patience{2};

/// Headers whose values a person may see; all others could carry a key.
constexpr std::array<std::string_view, 12> shown_headers{
    "host",
    "user-agent",
    "accept",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "date",
    "retry-after",
    "server",
    "webhook-id",
    "webhook-timestamp",
};

std::string lower_case(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

bool is_clear(std::string_view url) {
    return lower_case(url.substr(0, 7)) == "http://";
}

CurlEasy::Connection connection_of(const notify::WebRequest& request) {
    return {request.tls, request.addresses, request.deadline};
}

bool is_shown(std::string_view lower_case_name) {
    return std::find(shown_headers.begin(), shown_headers.end(), lower_case_name)
           != shown_headers.end();
}

std::string masked_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || is_shown(lower_case(line.substr(0, colon)))) {
        return std::string{line};
    }
    return fmt::format("{}: ***", line.substr(0, colon));
}

} // namespace

WebExchange::WebExchange(std::shared_ptr<CurlMulti> multi, const notify::WebRequest& request)
    : request_(request), easy_(std::move(multi), connection_of(request)) {
    const bool is_plain = request.tls.mode == notify::TlsSettings::Mode::none;
    easy_.set(CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
    easy_.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    easy_.set(CURLOPT_POST, 1L);
    easy_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    easy_.set(CURLOPT_USERAGENT, "reviewd/" REVIEWD_VERSION);
    easy_.set(CURLOPT_READFUNCTION, &WebExchange::on_read);
    easy_.set(CURLOPT_READDATA, this);
    easy_.set(CURLOPT_SEEKFUNCTION, &WebExchange::on_seek);
    easy_.set(CURLOPT_SEEKDATA, this);
    easy_.set(CURLOPT_HEADERFUNCTION, &WebExchange::on_header);
    easy_.set(CURLOPT_HEADERDATA, this);
    easy_.set(CURLOPT_WRITEFUNCTION, &WebExchange::on_body);
    easy_.set(CURLOPT_WRITEDATA, this);
    if (request.dialogue) {
        easy_.set(CURLOPT_VERBOSE, 1L);
        easy_.set(CURLOPT_DEBUGFUNCTION, &WebExchange::on_debug);
        easy_.set(CURLOPT_DEBUGDATA, this);
    }
    set_headers();
}

WebExchange::~WebExchange() {
    curl_slist_free_all(headers_);
}

void WebExchange::set_headers() {
    const auto append = [this](const std::string& line) {
        curl_slist* longer = curl_slist_append(headers_, line.c_str());
        REVIEWD_ASSERT(longer != nullptr);
        headers_ = longer;
    };
    append("Expect:"); // no waiting for 100 Continue
    for (const auto& [name, value] : request_.headers) {
        REVIEWD_ASSERT(!has_controls(name) && !has_controls(value));
        append(fmt::format("{}: {}", name, value));
    }
    easy_.set(CURLOPT_HTTPHEADER, headers_);
}

bool WebExchange::is_over() const {
    return easy_.result() || easy_.is_late() || easy_.has_rung() || is_body_enough_;
}

net::awaitable<std::pair<Outcome, notify::WebReply>> WebExchange::run() {
    const bool is_plain = request_.tls.mode == notify::TlsSettings::Mode::none;
    if (request_.body.empty() || is_plain != is_clear(request_.url)) {
        Outcome refused;
        refused.verdict = Verdict::misconfigured;
        refused.reason = Reason::bad_address;
        refused.reply = is_plain ? "the address is not http" : "the address is not https";
        co_return std::pair{refused, notify::WebReply{}};
    }
    if (curl_easy_setopt(easy_.handle(), CURLOPT_URL, request_.url.c_str()) != CURLE_OK) {
        co_return std::pair{Outcome{}, notify::WebReply{}};
    }
    easy_.start();
    while (!is_over()) {
        co_await easy_.signal().wait();
        if (gate_ != Gate::waiting || is_over()) {
            continue;
        }
        const bool may_go_on = co_await request_.commit();
        if (!may_go_on) {
            Outcome stopped;
            stopped.reason = Reason::shutting_down;
            co_return std::pair{stopped, notify::WebReply{}};
        }
        if (!is_over()) {
            gate_ = Gate::open;
            easy_.resume();
        }
    }
    co_return std::pair{result(), std::move(reply_)};
}

Outcome WebExchange::result() const {
    const bool was_committed = gate_ == Gate::open;
    Outcome outcome;
    if (has_status_) {
        outcome.verdict = Verdict::accepted;
        outcome.code = reply_.status;
        const bool is_success = reply_.status >= 200 && reply_.status < 300;
        if (is_success && !was_committed) {
            outcome.verdict = Verdict::temporary;
            outcome.reason = Reason::protocol;
            outcome.reply = "the server answered before it had the request";
        }
        return outcome;
    }
    outcome = easy_.failure({});
    if (easy_.result() == CURLE_OK) {
        outcome.reason = Reason::protocol;
        outcome.reply = "the answer has no complete header";
    }
    if (was_committed) {
        outcome.verdict = Verdict::uncertain;
    }
    return outcome;
}

std::size_t WebExchange::on_read(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<WebExchange*>(self);
    const std::string& body = exchange.request_.body;
    const std::size_t allowed = exchange.gate_ == Gate::open ? body.size() : body.size() - 1;
    if (exchange.sent_ >= allowed && exchange.gate_ != Gate::open) {
        exchange.gate_ = Gate::waiting;
        exchange.easy_.signal().raise();
        return CURL_READFUNC_PAUSE;
    }
    const std::size_t length = std::min(size * count, allowed - exchange.sent_);
    std::memcpy(bytes, body.data() + exchange.sent_, length);
    exchange.sent_ += length;
    return length;
}

/// libcurl starts again on a fresh connection when a kept one turns out to be closed. That is right
/// while the last byte is held back, and a second request afterwards.
int WebExchange::on_seek(void* self, curl_off_t offset, int origin) {
    auto& exchange = *static_cast<WebExchange*>(self);
    if (exchange.gate_ == Gate::open || offset != 0 || origin != SEEK_SET) {
        return CURL_SEEKFUNC_FAIL;
    }
    exchange.sent_ = 0;
    return CURL_SEEKFUNC_OK;
}

std::size_t WebExchange::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<WebExchange*>(self);
    const std::string_view line{bytes, size * count};
    exchange.header_bytes_ += line.size();
    if (exchange.header_bytes_ > header_bytes_max) {
        return 0;
    }
    exchange.take_header(line);
    return line.size();
}

void WebExchange::take_header(std::string_view line) {
    if (has_status_) {
        return; // a trailer
    }
    const std::string_view text = trim(line);
    if (text.substr(0, 5) == "HTTP/") {
        reply_.headers.clear();
        show("<", text);
        return;
    }
    if (text.empty()) {
        end_headers();
        return;
    }
    show("<", masked_header(text));
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && reply_.headers.size() < headers_max) {
        reply_.headers.emplace_back(
            lower_case(text.substr(0, colon)), std::string{trim(text.substr(colon + 1))}
        );
    }
}

void WebExchange::end_headers() {
    long status = 0;
    curl_easy_getinfo(easy_.handle(), CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) {
        return; // 100 Continue and its like: the answer is still to come
    }
    reply_.status = static_cast<int>(status);
    has_status_ = true;
    easy_.ring_after(body_patience);
}

std::size_t WebExchange::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<WebExchange*>(self);
    const std::string_view part{bytes, size * count};
    const std::size_t room = exchange.request_.reply_bytes_kept - exchange.reply_.body.size();
    exchange.reply_.body += part.substr(0, room);
    if (part.size() <= room) {
        return part.size();
    }
    exchange.is_body_enough_ = true;
    exchange.easy_.signal().raise();
    return 0; // libcurl closes the connection
}

void WebExchange::show(std::string_view direction, std::string_view text) const {
    if (request_.dialogue) {
        request_.dialogue(fmt::format("{} {}", direction, notify::clean_reply(text)));
    }
}

/// The target is not shown: the addresses of many services are their own password.
void WebExchange::show_request(std::string_view head) const {
    bool is_first = true;
    while (!head.empty()) {
        const std::size_t end = head.find("\r\n");
        const std::string_view line = head.substr(0, end);
        if (is_first) {
            show(">", "POST /*** HTTP/1.1");
        } else if (!line.empty()) {
            show(">", masked_header(line));
        }
        is_first = false;
        head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    }
    show(">", fmt::format("(the body, {} bytes)", request_.body.size()));
}

int WebExchange::on_debug(
    CURL* /*easy*/, curl_infotype type, char* bytes, std::size_t size, void* self
) {
    if (type == CURLINFO_HEADER_OUT) {
        static_cast<WebExchange*>(self)->show_request({bytes, size});
    }
    return 0;
}

} // namespace reviewd::runtime
