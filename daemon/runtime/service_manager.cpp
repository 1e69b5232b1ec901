#include "daemon/runtime/service_manager.hpp"

#include "daemon/runtime/host.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <ctime>
#include <string>

namespace reviewd::runtime {

namespace {

// The answer is ignored on purpose: no service manager, or one that went away, is no reason to
// stop.
void send(const std::string& text) {
    sd_notify(0, text.c_str());
}

} // namespace

void ServiceManager::ready(std::string_view text) const {
    send(fmt::format("READY=1\nSTATUS={}", escape_controls(text)));
}

void ServiceManager::status(std::string_view text) const {
    send(fmt::format("STATUS={}", escape_controls(text)));
}

void ServiceManager::reloading() const {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    const std::int64_t microseconds = time.tv_sec * INT64_C(1'000'000) + time.tv_nsec / 1000;
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", microseconds));
}

void ServiceManager::stopping(std::string_view text) const {
    send(fmt::format("STOPPING=1\nSTATUS={}", escape_controls(text)));
}

void ServiceManager::alive() const {
    send("WATCHDOG=1");
}

void ServiceManager::extend_timeout(std::chrono::seconds time) const {
    send(fmt::format(
        "EXTEND_TIMEOUT_USEC={}",
        std::chrono::duration_cast<std::chrono::microseconds>(time).count()
    ));
}

bool ServiceManager::is_there() {
    return !environment("NOTIFY_SOCKET").empty();
}

std::optional<std::chrono::milliseconds> ServiceManager::watchdog_interval() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) {
        return std::nullopt;
    }
    // Half of what is allowed, so that one slow pass is no failure.
    return std::chrono::milliseconds{static_cast<std::int64_t>(microseconds / 2000)};
}

} // namespace reviewd::runtime
