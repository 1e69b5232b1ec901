#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace reviewd::runtime {

/// What systemd is told. Without a service manager (no NOTIFY_SOCKET) each call does nothing.
/// Any thread.
class ServiceManager {
public:
    /// Start is complete: migrations, recovery and configuration are done.
    void ready(std::string_view status) const;
    /// One line that a person understands; shown by `systemctl status`.
    void status(std::string_view text) const;
    /// A reload begins; ready() ends it.
    void reloading() const;
    void stopping(std::string_view status) const;
    /// The loop is alive. Call it from the loop only, after a pass.
    void alive() const;
    /// A long step (a migration) needs up to `time` more before the next call.
    void extend_timeout(std::chrono::seconds time) const;

    /// Whether one waits to be told.
    [[nodiscard]] static bool is_there();
    /// How often alive() must be called; nothing when nobody watches.
    [[nodiscard]] static std::optional<std::chrono::milliseconds> watchdog_interval();
};

} // namespace reviewd::runtime
