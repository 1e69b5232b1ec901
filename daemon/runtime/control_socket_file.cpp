// The socket becomes connectable only with listen(), after its mode is set: there is no moment in
// which a stranger could slip in.

#include "daemon/runtime/control_socket_file.hpp"

#include "daemon/runtime/file_descriptor.hpp"
#include "scoring/base/shortage.hpp"

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

namespace reviewd::runtime {

namespace {

constexpr int backlog = 64;
constexpr mode_t socket_mode = 0660;
constexpr mode_t folder_mode = 0750;

Error cannot(const std::string& path, const std::string& why) {
    return fail(ErrorCode::cannot_create, fmt::format("control socket {}: {}", path, why));
}

/// What the system says now; without descriptors or memory it may say something else later.
Error refused(const std::string& path) {
    const int error = errno;
    Error told = cannot(path, std::generic_category().message(error));
    told.code = is_shortage(error) ? ErrorCode::try_later : told.code;
    return told;
}

std::string last_error() {
    return std::generic_category().message(errno);
}

std::optional<Error> check_folder(const std::string& path) {
    const std::filesystem::path parent = std::filesystem::path{path}.parent_path();
    const std::string folder = parent.empty() ? "." : parent.string();
    if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST) {
        return cannot(path, fmt::format("its folder {} cannot be made: {}", folder, last_error()));
    }
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) {
        return cannot(path, fmt::format("its folder {}: {}", folder, last_error()));
    }
    if (!S_ISDIR(status.st_mode)) {
        return cannot(path, fmt::format("{} is no folder", folder));
    }
    if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
        return cannot(
            path,
            fmt::format(
                "its folder {} belongs to user {}, who could replace the socket; it must belong to "
                "the service or to root",
                folder,
                status.st_uid
            )
        );
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        return cannot(
            path,
            fmt::format(
                "everybody may write to its folder {}; take that away (chmod o-w {}) or choose "
                "another folder with --socket",
                folder,
                folder
            )
        );
    }
    return std::nullopt;
}

std::optional<Error> remove_stale(const std::string& path, const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return cannot(path, last_error());
    }
    if (!S_ISSOCK(status.st_mode)) {
        return cannot(path, "something else stands in its place; remove it if it is not needed");
    }
    const FileDescriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (probe.get() < 0) {
        return refused(path);
    }
    const auto* const target =
        reinterpret_cast<const sockaddr*>(&address); // NOLINT(*-reinterpret-cast)
    if (::connect(probe.get(), target, sizeof address) == 0 || errno != ECONNREFUSED) {
        return cannot(path, "another process listens on it");
    }
    if (::unlink(path.c_str()) != 0) {
        return cannot(path, fmt::format("the old one cannot be removed: {}", last_error()));
    }
    return std::nullopt;
}

} // namespace

Result<int> listen_at(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return cannot(
            path,
            fmt::format(
                "a socket's path has 1 to {} bytes, this one {}; choose a shorter one with --socket",
                sizeof address.sun_path - 1,
                path.size()
            )
        );
    }
    std::memcpy(static_cast<char*>(address.sun_path), path.data(), path.size());
    if (std::optional<Error> error = check_folder(path)) {
        return *error;
    }
    if (std::optional<Error> error = remove_stale(path, address)) {
        return *error;
    }
    FileDescriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const auto* const target =
        reinterpret_cast<const sockaddr*>(&address); // NOLINT(*-reinterpret-cast)
    if (listener.get() < 0 || ::bind(listener.get(), target, sizeof address) != 0) {
        return refused(path);
    }
    if (::chmod(path.c_str(), socket_mode) != 0 || ::listen(listener.get(), backlog) != 0) {
        return cannot(path, last_error());
    }
    return listener.release();
}

} // namespace reviewd::runtime
