#pragma once

#include "scoring/base/result.hpp"

#include <sys/types.h>

#include <vector>

namespace reviewd::runtime {

/// Who connected, as of the moment of connecting; the kernel vouches for it.
struct Peer {
    pid_t process = 0;
    uid_t user = 0;
    std::vector<gid_t> groups; ///< primary and supplementary ones
};

/// Reads the credentials of the other end of a connected Unix socket.
/// @errors `no_permission` when the kernel does not tell
[[nodiscard]] Result<Peer> peer_of(int socket);

/// Whether that peer may command a daemon which runs as `service_user` and whose socket belongs to
/// `socket_group`: root, the service itself, and members of the group may.
[[nodiscard]] bool may_control(const Peer& peer, uid_t service_user, gid_t socket_group);

} // namespace reviewd::runtime
