#pragma once

#include "config/loader/settings.hpp"
#include "scoring/base/date.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::ctl {

/// What `doctor` found about one thing, and what to do about it.
struct Finding {
    enum class State { good, warning, bad } state = State::good;
    std::string name;   ///< stable: "clock", "disk", "source people"
    std::string found;  ///< for a person
    std::string remedy; ///< empty when all is well
};

using Findings = std::vector<Finding>;

/// The host: zone data, disk, modes of files, names, relays, secrets' files, `public_url`, SQLite.
/// Blocks for some seconds where a relay does not answer.
[[nodiscard]] Findings examine_host(const config::Settings& settings);

/// What the running daemon's `status` says: clock, sources, backup, holds.
[[nodiscard]] Findings examine_daemon(const boost::json::value& status, TimePoint now);

/// How the clock looks from outside the service's sandbox: whether somebody keeps it right.
enum class ClockSeen { kept, unkept };

/// Whether the clock is believed, and somebody keeps it right. Pure.
/// @param daemon of `status`
[[nodiscard]] Finding examine_clock(const boost::json::value& daemon, ClockSeen seen);
/// Whether there is room for the database, a backup of it and what comes. Pure.
[[nodiscard]] Finding examine_room(std::uint64_t free_bytes, std::uint64_t database_bytes);
/// Whether the service manager gave the credential to the running service.
[[nodiscard]] Finding examine_credential(
    std::string name, const std::string& directory, const std::string& credential
);
/// Whether SQLite's version has bugs that concern us, and what keeps them away. Pure.
[[nodiscard]] Finding examine_sqlite(std::string_view version);

} // namespace reviewd::ctl
