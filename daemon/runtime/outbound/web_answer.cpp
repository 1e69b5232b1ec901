#include "daemon/runtime/outbound/web_answer.hpp"

#include "scoring/base/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/core.h>

#include <optional>
#include <string>
#include <utility>

namespace reviewd::runtime {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint32_t header_bytes_max = 64U * 1024;
/// Of what is between the pieces of a body: sizes, their extensions, trailers.
constexpr std::size_t unread_bytes_max = 2UL * header_bytes_max;
constexpr std::size_t headers_max = 100;

} // namespace

struct WebAnswerReader::Implementation {
    using Parser = http::response_parser<http::buffer_body>;

    explicit Implementation(std::size_t body_bytes_kept) : body(body_bytes_kept, '\0') { begin(); }

    void begin() {
        parser.emplace();
        parser->eager(true);
        parser->header_limit(header_bytes_max);
        parser->body_limit(boost::none); // it is bounded by what is kept
        parser->get().body().data = body.data();
        parser->get().body().size = body.size();
        parser->get().body().more = true;
    }

    [[nodiscard]] bool is_informational() const {
        return parser->is_header_done() && parser->get().result_int() < 200;
    }

    void read() {
        while (!unread.empty() && state != State::complete) {
            boost::beast::error_code error;
            const std::size_t count = parser->put(net::buffer(unread), error);
            unread.erase(0, count);
            if (error == http::error::need_more) {
                error = {};
                judge(error);
                return;
            }
            judge(error);
            if (error || (count == 0 && !parser->is_done())) {
                return;
            }
        }
    }

    void judge(const boost::beast::error_code& error) {
        if (!error && is_informational()) {
            begin(); // 100 Continue and its like: the answer is still to come
            return;
        }
        if (error) {
            state = parser->is_header_done() ? State::enough : State::broken;
        } else if (parser->is_done()) {
            state = State::complete;
        } else if (parser->is_header_done()) {
            state = unread.size() > unread_bytes_max ? State::enough : State::body;
        }
    }

    void note_head() {
        if (!head.empty() || !parser->is_header_done() || is_informational()) {
            return;
        }
        const auto& answer = parser->get();
        head = fmt::format(
            "HTTP/{}.{} {} {}",
            answer.version() / 10,
            answer.version() % 10,
            answer.result_int(),
            std::string_view{answer.reason().data(), answer.reason().size()}
        );
        for (const auto& field : answer) {
            head += fmt::format(
                "\r\n{}: {}",
                std::string_view{field.name_string().data(), field.name_string().size()},
                std::string_view{field.value().data(), field.value().size()}
            );
        }
    }

    std::string body; ///< room for what is kept of it
    std::optional<Parser> parser;
    std::string unread;
    std::string head;
    State state = State::head;
};

WebAnswerReader::WebAnswerReader(std::size_t body_bytes_kept)
    : implementation_(std::make_unique<Implementation>(body_bytes_kept)) {}

WebAnswerReader::WebAnswerReader(WebAnswerReader&&) noexcept = default;
WebAnswerReader& WebAnswerReader::operator=(WebAnswerReader&&) noexcept = default;
WebAnswerReader::~WebAnswerReader() = default;

WebAnswerReader::State WebAnswerReader::take(std::string_view bytes) {
    implementation_->unread += bytes;
    implementation_->read();
    return implementation_->state;
}

WebAnswerReader::State WebAnswerReader::end() {
    if (implementation_->state == State::head) {
        implementation_->state = State::broken;
    } else if (implementation_->state == State::body) {
        boost::beast::error_code error;
        implementation_->parser->put_eof(error); // the end of a body that tells no length
        implementation_->state = error ? State::enough : State::complete;
    }
    return implementation_->state;
}

WebAnswerReader::State WebAnswerReader::state() const {
    return implementation_->state;
}

bool WebAnswerReader::is_fresh() const {
    return implementation_->state == State::head && implementation_->unread.empty()
           && !implementation_->parser->got_some();
}

bool WebAnswerReader::may_be_kept() const {
    return implementation_->state == State::complete && implementation_->unread.empty()
           && implementation_->parser->keep_alive();
}

std::string_view WebAnswerReader::head() const {
    implementation_->note_head();
    return implementation_->head;
}

notify::WebReply WebAnswerReader::reply() const {
    const auto& answer = implementation_->parser->get();
    notify::WebReply reply;
    reply.status = static_cast<int>(answer.result_int());
    for (const auto& field : answer) {
        if (reply.headers.size() < headers_max) {
            reply.headers.emplace_back(
                lower_case({field.name_string().data(), field.name_string().size()}),
                std::string{field.value().data(), field.value().size()}
            );
        }
    }
    reply.body = implementation_->body.substr(0, implementation_->body.size() - answer.body().size);
    return reply;
}

} // namespace reviewd::runtime
