#include "daemon/runtime/outbound/web_exchange.hpp"

#include "daemon/notify/api/reply_text.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;
namespace urls = boost::urls;
using notify::Outcome;
using notify::Reason;
using notify::Verdict;

/// The status decides; for the words behind it a peer gets this long.
constexpr std::chrono::seconds body_patience{2};
constexpr std::size_t chunk_bytes = 8192;
/// What a peer's side of the connection takes in any case, so that no part of it waits for the
/// peer.
constexpr std::size_t short_request_bytes = 16UL * 1024;

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

bool is_clear(std::string_view url) {
    return lower_case(url.substr(0, 7)) == "http://";
}

bool is_encrypted(std::string_view url) {
    return lower_case(url.substr(0, 8)) == "https://";
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

bool is_success(int status) {
    return status >= 200 && status < 300;
}

/// Of a string of Boost.URL, whose own kind of view differs between its versions.
template <class Text>
std::string_view view(const Text& text) {
    return {text.data(), text.size()};
}

/// Everything before the body. @pre the request has no defect
std::string head_of(const notify::WebRequest& request) {
    const urls::url_view url = urls::parse_uri(request.url).value();
    const std::string_view target = view(url.encoded_target());
    std::string head = fmt::format(
        "POST {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: reviewd/" REVIEWD_VERSION
        "\r\nAccept: */*\r\n",
        target.substr(0, 1) == "/" ? "" : "/",
        target,
        view(url.encoded_host_and_port())
    );
    for (const auto& [name, value] : request.headers) {
        REVIEWD_ASSERT(!has_controls(name) && !has_controls(value));
        head += fmt::format("{}: {}\r\n", name, value);
    }
    head += fmt::format("Content-Length: {}\r\n\r\n", request.body.size());
    return head;
}

Outcome misconfigured(std::string words) {
    return notify::failed(Verdict::misconfigured, Reason::bad_address, std::move(words));
}

/// What would end a header before its end. The words never hold the value: it may be a token.
std::optional<Outcome> header_defect(std::string_view name, std::string_view value) {
    if (!has_controls(name) && !has_controls(value)) {
        return std::nullopt;
    }
    return notify::failed(
        Verdict::misconfigured,
        Reason::local_io,
        fmt::format(
            "the value of header {} has a line break or control character; look at its file",
            escape_controls(name)
        )
    );
}

} // namespace

WebExchange::WebExchange(const notify::WebRequest& request)
    : request_(request),
      end_(std::chrono::steady_clock::now() + request.deadline),
      answer_(request.reply_bytes_kept) {}

std::optional<Outcome> WebExchange::defect() const {
    const bool is_plain = request_.tls.mode == notify::TlsSettings::Mode::none;
    const bool is_scheme_right = is_plain ? is_clear(request_.url) : is_encrypted(request_.url);
    if (!is_scheme_right || request_.body.empty()) {
        return misconfigured(is_plain ? "the address is not http" : "the address is not https");
    }
    const auto url = urls::parse_uri(request_.url);
    if (url.has_error() || url->encoded_host().empty()) {
        return misconfigured("the address is none");
    }
    if (url->has_userinfo()) {
        return misconfigured("the address holds a user");
    }
    for (const auto& [name, value] : request_.headers) {
        if (auto defect = header_defect(name, value)) {
            return defect;
        }
    }
    return std::nullopt;
}

bool WebExchange::has_status() const {
    const WebAnswerReader::State state = answer_.state();
    return state != WebAnswerReader::State::head && state != WebAnswerReader::State::broken;
}

notify::WebReply WebExchange::reply() const {
    return has_status() ? answer_.reply() : notify::WebReply{};
}

/// At least a moment: a deadline of nothing would be none.
std::chrono::milliseconds WebExchange::time_left() const {
    using std::chrono::milliseconds;
    const auto left = end_ - std::chrono::steady_clock::now();
    return std::max(milliseconds{1}, std::chrono::duration_cast<milliseconds>(left));
}

net::awaitable<Outcome> WebExchange::run(WebConnection& connection) {
    answer_ = WebAnswerReader{request_.reply_bytes_kept};
    is_whole_ = false;
    has_received_ = false;
    was_stale_ = false;
    const bool is_open = co_await connection.open(time_left());
    if (!is_open) {
        co_return connection.easy().failure({});
    }
    if (auto stopped = co_await send(connection)) {
        co_return std::move(*stopped);
    }
    co_await receive(connection);
    was_stale_ =
        connection.was_kept() && !is_whole_ && !has_received_ && !connection.easy().is_late();
    co_return result(connection.easy());
}

/// Whether the last byte may follow what the peer has said before its turn: nothing that refuses.
bool WebExchange::may_finish() const {
    if (!has_status()) {
        return answer_.is_fresh();
    }
    return is_success(answer_.reply().status);
}

/// Reads what the peer says before its turn, to the end of a head that it has begun.
/// @returns whether the request may still be finished
net::awaitable<bool> WebExchange::hear_early(WebConnection& connection) {
    std::array<char, chunk_bytes> chunk{};
    std::optional<std::size_t> early = connection.stream().take(chunk);
    while (early) {
        if (*early == 0) {
            co_return false;
        }
        has_received_ = true;
        const WebAnswerReader::State state = answer_.take({chunk.data(), *early});
        if (state != WebAnswerReader::State::head || answer_.is_fresh()) {
            break;
        }
        const std::size_t more = co_await connection.stream().receive(chunk);
        early = more;
    }
    co_return may_finish() && !connection.easy().is_late();
}

/// Hears what the peer says while the bytes go out: one that refuses may read no further, and would
/// be waited for in vain. @returns whether all of them left and the request may be finished
net::awaitable<bool> WebExchange::send_start(WebConnection& connection, std::string_view bytes) {
    CurlStream& stream = connection.stream();
    while (!bytes.empty() && !connection.easy().is_late()) {
        const std::optional<std::size_t> count = stream.give(bytes);
        if (count && *count == 0) {
            co_return false;
        }
        if (count) {
            bytes.remove_prefix(*count);
            continue;
        }
        co_await stream.wait_for_either();
        const bool may_go_on = co_await hear_early(connection);
        if (!may_go_on) {
            co_return false;
        }
    }
    co_return bytes.empty();
}

/// Leaves is_whole_ false when the connection was lost, or the peer refused before its turn.
net::awaitable<std::optional<Outcome>> WebExchange::send(WebConnection& connection) {
    CurlStream& stream = connection.stream();
    const std::string head = head_of(request_);
    const std::string_view body = request_.body;
    show_head(">", head);
    show(">", fmt::format("(the body, {} bytes)", body.size()));
    const std::string whole = head + std::string{body};
    // A connection that has just answered will hardly be lost with a short request in it: that goes
    // at once, behind the gate, for half the packets.
    const bool is_trusted = connection.was_kept() && whole.size() <= short_request_bytes;
    const std::size_t held_back = is_trusted ? whole.size() : 1;
    const std::string_view start = std::string_view{whole}.substr(0, whole.size() - held_back);
    const bool is_sent = co_await send_start(connection, start);
    if (!is_sent) {
        co_return std::nullopt;
    }
    if (!is_gate_open_) {
        is_gate_open_ = co_await request_.commit();
        if (!is_gate_open_) {
            Outcome stopped;
            stopped.reason = Reason::shutting_down;
            co_return stopped;
        }
    }
    const bool may_go_on = co_await hear_early(connection);
    if (!may_go_on) {
        co_return std::nullopt;
    }
    const std::string_view rest = std::string_view{whole}.substr(start.size());
    is_whole_ = true;
    const bool is_last_sent = co_await stream.send(rest);
    // Somebody who says "taken" to a request that never became whole has not taken it.
    is_whole_ = is_last_sent || !has_status();
    co_return std::nullopt;
}

net::awaitable<void> WebExchange::receive(WebConnection& connection) {
    using State = WebAnswerReader::State;
    std::array<char, chunk_bytes> chunk{};
    State state = answer_.state();
    if (state == State::body) {
        connection.easy().hurry(body_patience);
    }
    while (state == State::head || state == State::body) {
        const std::size_t count = co_await connection.stream().receive(chunk);
        if (count == 0) {
            if (!connection.easy().is_late()) {
                state = answer_.end();
            }
            break;
        }
        has_received_ = true;
        const bool had_status = has_status();
        state = answer_.take({chunk.data(), count});
        if (state == State::body && !had_status) {
            connection.easy().hurry(body_patience);
        }
    }
    if (has_status()) {
        show_head("<", answer_.head());
    }
}

Outcome WebExchange::result(const CurlEasy& easy) const {
    Outcome outcome;
    if (has_status()) {
        outcome.verdict = Verdict::accepted;
        outcome.code = answer_.reply().status;
        if (is_success(outcome.code) && !is_whole_) {
            outcome.verdict = Verdict::temporary;
            outcome.reason = Reason::protocol;
            outcome.reply = "the server answered before it had the request";
        }
        return outcome;
    }
    outcome.verdict = is_whole_ ? Verdict::uncertain : Verdict::temporary;
    if (easy.is_late()) {
        outcome.reason = Reason::timeout;
        outcome.reply = "no answer in time";
    } else if (has_received_) {
        outcome.reason = Reason::protocol;
        outcome.reply = "the answer has no complete header";
    } else {
        outcome.reason = Reason::connect;
        outcome.reply = "the connection was lost";
    }
    return outcome;
}

void WebExchange::show(std::string_view direction, std::string_view text) const {
    if (request_.dialogue) {
        request_.dialogue(fmt::format("{} {}", direction, notify::clean_reply(text)));
    }
}

/// The target is not shown: the addresses of many services are their own password.
void WebExchange::show_head(std::string_view direction, std::string_view head) const {
    if (!request_.dialogue) {
        return;
    }
    bool is_first = true;
    while (!head.empty()) {
        const std::size_t end = head.find("\r\n");
        const std::string_view line = head.substr(0, end);
        if (is_first) {
            show(direction, direction == ">" ? std::string_view{"POST /*** HTTP/1.1"} : line);
        } else if (!line.empty()) {
            show(direction, masked_header(line));
        }
        is_first = false;
        head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    }
}

} // namespace reviewd::runtime
