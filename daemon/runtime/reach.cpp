#include "daemon/runtime/reach.hpp"

#include "daemon/runtime/file_descriptor.hpp"

#include <fmt/format.h>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

namespace reviewd::runtime {

namespace {

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Result<Addresses> look_up(const std::string& host, int port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const std::string service = std::to_string(port);
    const int code = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
    if (code != 0) {
        return fail(
            ErrorCode::unavailable,
            fmt::format("the name {} cannot be resolved: {}", host, ::gai_strerror(code))
        );
    }
    return Addresses{found, &::freeaddrinfo};
}

std::string numeric(const addrinfo& address) {
    std::array<char, NI_MAXHOST> text{};
    const int code = ::getnameinfo(
        address.ai_addr, address.ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST
    );
    return code == 0 ? std::string{text.data()} : std::string{"?"};
}

/// 0, or the error's number.
int try_to_connect(const addrinfo& address, std::chrono::milliseconds time) {
    const FileDescriptor socket{
        ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (socket.get() < 0) {
        return errno;
    }
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    pollfd wait{.fd = socket.get(), .events = POLLOUT, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(time.count())) <= 0) {
        return ETIMEDOUT;
    }
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

} // namespace

Result<std::string> reach(const std::string& host, int port, std::chrono::milliseconds time) {
    const Result<Addresses> addresses = look_up(host, port);
    if (!addresses) {
        return addresses.error();
    }
    int error = 0;
    for (const addrinfo* each = addresses->get(); each != nullptr; each = each->ai_next) {
        error = try_to_connect(*each, time);
        if (error == 0) {
            return numeric(*each);
        }
    }
    return fail(
        ErrorCode::unavailable,
        fmt::format(
            "{} port {} does not answer: {}", host, port, std::generic_category().message(error)
        )
    );
}

Result<std::string> resolve(const std::string& host) {
    const Result<Addresses> addresses = look_up(host, 0);
    if (!addresses) {
        return addresses.error();
    }
    return numeric(**addresses);
}

} // namespace reviewd::runtime
