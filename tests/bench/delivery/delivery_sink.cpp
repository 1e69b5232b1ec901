// delivery_sink: receives mail or webhooks on 127.0.0.1 and forgets them. Answers each line on
// standard input with the number of messages taken and the time between the first and the last.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/core.h>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

namespace net = boost::asio;
using net::ip::tcp;
using Clock = std::chrono::steady_clock;

struct Tally {
    std::size_t messages = 0;
    Clock::time_point first;
    Clock::time_point last;

    void count() {
        last = Clock::now();
        first = messages == 0 ? last : first;
        ++messages;
    }
};

/// A client may wait for the acknowledgement of one write before it makes the next; a delayed one
/// would measure the kernel's patience. The kernel forgets the option: it is set before each read.
void acknowledge_at_once(tcp::socket& socket) {
    const int one = 1;
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
}

/// What an SMTP server says to a line outside of a message.
std::string_view answer_to(std::string_view line) {
    const std::string_view verb = line.substr(0, 4);
    if (verb == "EHLO" || verb == "ehlo") {
        return "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
    }
    if (verb == "DATA") {
        return "354 go on\r\n";
    }
    return verb == "QUIT" ? "221 bye\r\n" : "250 2.0.0 ok\r\n";
}

net::awaitable<void> serve_mail(tcp::socket socket, Tally& tally) {
    std::string input;
    std::string output = "220 sink ESMTP\r\n";
    bool is_message = false;
    for (;;) {
        std::size_t at = 0;
        for (;;) {
            const std::string_view mark = is_message ? "\r\n.\r\n" : "\r\n";
            // A message begins with a header: never with its end.
            const std::size_t end = input.find(mark, at);
            if (end == std::string::npos) {
                break;
            }
            const std::string_view line = std::string_view{input}.substr(at, end - at);
            at = end + mark.size();
            if (is_message) {
                tally.count();
                output += "250 2.0.0 taken\r\n";
                is_message = false;
                continue;
            }
            is_message = line.substr(0, 4) == "DATA";
            output += answer_to(line);
        }
        input.erase(0, at);
        const auto [write_error, written] = co_await net::async_write(
            socket, net::buffer(output), net::as_tuple(net::use_awaitable)
        );
        output.clear();
        acknowledge_at_once(socket);
        std::array<char, 65536> chunk{};
        const auto [error, count] =
            co_await socket.async_read_some(net::buffer(chunk), net::as_tuple(net::use_awaitable));
        if (error || write_error || written == std::size_t(-1)) {
            co_return;
        }
        input.append(chunk.data(), count);
    }
}

/// Length of the whole request at the start of `input`, or 0 while it is incomplete.
std::size_t request_bytes(const std::string& input) {
    const std::size_t end = input.find("\r\n\r\n");
    if (end == std::string::npos) {
        return 0;
    }
    std::size_t name = input.find("ontent-Length: ");
    name = name == std::string::npos ? input.find("ontent-length: ") : name;
    const std::size_t body =
        name == std::string::npos || name > end ? 0 : std::stoul(input.substr(name + 15, 12));
    return input.size() >= end + 4 + body ? end + 4 + body : 0;
}

net::awaitable<void> serve_web(tcp::socket socket, Tally& tally) {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    std::string input;
    for (;;) {
        for (std::size_t length = request_bytes(input); length > 0; length = request_bytes(input)) {
            input.erase(0, length);
            tally.count();
            const auto [error, written] = co_await net::async_write(
                socket, net::buffer(answer), net::as_tuple(net::use_awaitable)
            );
            if (error || written == 0) {
                co_return;
            }
        }
        acknowledge_at_once(socket);
        std::array<char, 65536> chunk{};
        const auto [error, count] =
            co_await socket.async_read_some(net::buffer(chunk), net::as_tuple(net::use_awaitable));
        if (error) {
            co_return;
        }
        input.append(chunk.data(), count);
    }
}

net::awaitable<void> accept(tcp::acceptor& acceptor, bool& is_mail, Tally& tally) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(net::use_awaitable);
        socket.set_option(tcp::no_delay{true});
        if (is_mail) {
            net::co_spawn(
                acceptor.get_executor(), serve_mail(std::move(socket), tally), net::detached
            );
        } else {
            net::co_spawn(
                acceptor.get_executor(), serve_web(std::move(socket), tally), net::detached
            );
        }
    }
}

net::awaitable<void> answer_questions(net::io_context& loop, Tally& tally) {
    net::posix::stream_descriptor input{loop, ::dup(STDIN_FILENO)};
    net::streambuf buffer;
    for (;;) {
        const auto [error, count] =
            co_await net::async_read_until(input, buffer, '\n', net::as_tuple(net::use_awaitable));
        if (error) {
            loop.stop();
            co_return;
        }
        buffer.consume(count);
        const std::chrono::duration<double> span = tally.last - tally.first;
        fmt::print("{{\"messages\": {}, \"seconds\": {:.4f}}}\n", tally.messages, span.count());
        std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char** argv) {
    std::string kind = "smtp";
    CLI::App app{"A receiver on 127.0.0.1 that counts what it takes"};
    app.add_option("kind", kind, "smtp or http")->check(CLI::IsMember({"smtp", "http"}));
    CLI11_PARSE(app, argc, argv);
    net::io_context loop{1};
    tcp::acceptor acceptor{loop, tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    Tally tally;
    bool is_mail = kind == "smtp";
    fmt::print("{{\"port\": {}}}\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    net::co_spawn(loop, accept(acceptor, is_mail, tally), net::detached);
    net::co_spawn(loop, answer_questions(loop, tally), net::detached);
    loop.run();
    return 0;
}
