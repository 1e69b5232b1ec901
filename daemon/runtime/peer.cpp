#include "daemon/runtime/peer.hpp"

#include <fmt/format.h>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace reviewd::runtime {

namespace {

Error unknown_peer(const char* what) {
    return fail(
        ErrorCode::no_permission,
        fmt::format("{}: {}", what, std::generic_category().message(errno))
    );
}

} // namespace

Result<Peer> peer_of(int socket) {
    ucred credentials{};
    socklen_t bytes = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) {
        return unknown_peer("the kernel does not tell who connected");
    }
    Peer peer{.process = credentials.pid, .user = credentials.uid, .groups = {credentials.gid}};
    // The first call says how many bytes the list takes.
    bytes = 0;
    gid_t none = 0;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, &none, &bytes) == 0) {
        return peer;
    }
    if (errno != ERANGE) {
        return unknown_peer("the kernel does not tell the groups of who connected");
    }
    std::vector<gid_t> groups(bytes / sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) != 0) {
        return unknown_peer("the kernel does not tell the groups of who connected");
    }
    peer.groups.insert(peer.groups.end(), groups.begin(), groups.end());
    return peer;
}

bool may_control(const Peer& peer, uid_t service_user, gid_t socket_group) {
    return peer.user == 0 || peer.user == service_user
           || std::find(peer.groups.begin(), peer.groups.end(), socket_group) != peer.groups.end();
}

} // namespace reviewd::runtime
