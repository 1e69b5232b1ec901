#include "daemon/runtime/control_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace reviewd::runtime {

namespace {

namespace json = boost::json;

constexpr std::size_t reply_read_bytes = 64 * 1024;

Error went_away() {
    return fail(
        ErrorCode::unavailable,
        "the daemon closed the connection before it answered; `journalctl -u reviewd` says why"
    );
}

Error cannot_connect(const std::string& path, int reason) {
    const std::string why = std::generic_category().message(reason);
    if (reason == EACCES || reason == EPERM) {
        return fail(
            ErrorCode::no_permission,
            fmt::format(
                "you may not use the daemon's socket {}: {}; run the command as root, or become a "
                "member of the socket's group",
                path,
                why
            )
        );
    }
    return fail(
        ErrorCode::unavailable,
        fmt::format(
            "the daemon is not running (nobody listens on {}: {}); start it with `systemctl start "
            "reviewd`, name its socket with --socket, or add --offline to work on the database "
            "without it",
            path,
            why
        )
    );
}

/// The code of that name; `internal` for one from a newer daemon.
ErrorCode code_of(std::string_view text) {
    for (int at = 0; at <= static_cast<int>(ErrorCode::conflict); ++at) {
        if (name(static_cast<ErrorCode>(at)) == text) {
            return static_cast<ErrorCode>(at);
        }
    }
    return ErrorCode::internal;
}

Error from_json(const json::value& value) {
    const json::object* const object = value.if_object();
    const json::value* const code = object != nullptr ? object->if_contains("code") : nullptr;
    const json::value* const text = object != nullptr ? object->if_contains("message") : nullptr;
    if (code == nullptr || text == nullptr || !code->is_string() || !text->is_string()) {
        return fail(ErrorCode::internal, "the daemon's answer has an error of an unknown form");
    }
    return fail(code_of(code->get_string()), std::string{text->get_string()});
}

} // namespace

Result<ControlClient> ControlClient::connect(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return cannot_connect(path, ENAMETOOLONG);
    }
    std::memcpy(static_cast<char*>(address.sun_path), path.data(), path.size());
    FileDescriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto* const target =
        reinterpret_cast<const sockaddr*>(&address); // NOLINT(*-reinterpret-cast)
    if (socket.get() < 0 || ::connect(socket.get(), target, sizeof address) != 0) {
        return cannot_connect(path, errno);
    }
    return ControlClient{std::move(socket)};
}

bool ControlClient::send(const std::string& line, std::span<const int> files) {
    std::size_t sent = 0;
    std::vector<char> control(files.empty() ? 0 : CMSG_SPACE(files.size_bytes()));
    while (sent < line.size()) {
        iovec vector{
            const_cast<char*>(line.data()) + sent, line.size() - sent}; // NOLINT(*-const-cast)
        msghdr message{};
        message.msg_iov = &vector;
        message.msg_iovlen = 1;
        if (sent == 0 && !files.empty()) {
            message.msg_control = control.data();
            message.msg_controllen = control.size();
            cmsghdr* const header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(files.size_bytes());
            std::memcpy(CMSG_DATA(header), files.data(), files.size_bytes());
        }
        const ssize_t written = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        sent += static_cast<std::size_t>(written);
    }
    return true;
}

Result<std::string> ControlClient::read_line() {
    std::size_t searched = 0;
    while (true) {
        const std::size_t end = received_.find('\n', searched);
        if (end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        searched = received_.size();
        std::array<char, reply_read_bytes> bytes{};
        const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return went_away();
        }
        received_.append(bytes.data(), static_cast<std::size_t>(got));
    }
}

Result<json::value> ControlClient::call(
    std::string_view command,
    const json::object& arguments,
    const std::function<void(const json::value&)>& progress,
    std::span<const int> files
) {
    const std::string request =
        json::serialize(json::object{{"command", command}, {"arguments", arguments}}) + '\n';
    // A refused client gets its answer although the daemon never reads: so a failed write is no
    // reason not to read.
    const bool is_sent = send(request, files);
    while (true) {
        const Result<std::string> line = read_line();
        if (!line) {
            return line.error();
        }
        boost::system::error_code error;
        const json::value value = json::parse(*line, error);
        const json::object* const object = value.if_object();
        if (error || object == nullptr) {
            return fail(ErrorCode::internal, "the daemon's answer is no JSON object");
        }
        if (const json::value* const result = object->if_contains("result"); result && is_sent) {
            return *result;
        }
        if (const json::value* const failure = object->if_contains("error")) {
            return from_json(*failure);
        }
        const json::value* const report = object->if_contains("progress");
        if (report != nullptr && progress) {
            progress(*report);
        }
    }
}

} // namespace reviewd::runtime
