#pragma once

#include "scoring/base/clock.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace reviewd::runtime {

/// Looks whether the wall clock can be believed. A jump against the time since boot of three hours
/// or more is believed only while the system says that its clock is synchronised: otherwise the
/// clock is *suspect*, nothing is planned or sent, and the moment is taken from the time since boot
/// instead. It is trusted again when it agrees, when it is synchronised, or when a person says so.
/// Smaller corrections are none of its business. One thread at a time.
class ClockGuard final : public Clock {
public:
    struct Facts {
        TimePoint built{}; ///< no moment before the program's build is now
        /// Asked only when there is a doubt. Empty: every moment is believed.
        std::function<bool()> is_synchronised{};
    };

    /// @param clock outlives this
    ClockGuard(const Clock& clock, Facts facts) : clock_{clock}, facts_{std::move(facts)} {}

    /// At the start: compares with the latest moment that the database has seen. A clock before
    /// the build or that moment, or more than 45 days after it, is suspect.
    /// @returns the moment to begin with
    [[nodiscard]] TimePoint begin(std::optional<TimePoint> last_seen);

    /// The moment to work with: the clock's, or while that is suspect what follows from the time
    /// since boot.
    [[nodiscard]] TimePoint now() const override;
    [[nodiscard]] std::chrono::milliseconds since_boot() const override {
        return clock_.since_boot();
    }

    /// Why the clock is suspect; nothing when it is trusted.
    [[nodiscard]] const std::optional<std::string>& suspicion() const { return suspicion_; }

    /// A person says that the clock is right.
    void confirm();

private:
    struct Anchor {
        TimePoint wall{};
        std::chrono::milliseconds boot{};
    };

    [[nodiscard]] TimePoint extrapolated() const;
    void trust() const;

    const Clock& clock_;
    Facts facts_;
    // A look at the clock is part of telling the time.
    mutable std::optional<Anchor> anchor_; ///< the last moment that was believed
    mutable std::optional<std::string> suspicion_;
};

/// Whether systemd-timesyncd or the kernel says that the clock is synchronised. Any thread.
[[nodiscard]] bool is_clock_synchronised();
/// Whether the file that is touched at each synchronisation was touched within three hours of
/// `now`. It stays when the clock is moved by hand, but then its time is far from the clock's.
[[nodiscard]] bool is_synchronised_by(const std::filesystem::path& mark, TimePoint now);

/// How wrong the clock may be at most, as the kernel has it from whichever program keeps it:
/// chrony, ntpd or systemd-timesyncd (adjtimex(2), which only asks). The kernel forgets it when the
/// clock is set, at a boot too, and lets it grow while nobody keeps the clock. Nothing: it may not
/// be asked, as under ProtectClock= of the unit.
[[nodiscard]] std::optional<std::chrono::microseconds> clock_error_most();
/// Whether a clock is kept whose error is at most that. Not whether the kernel calls it
/// synchronised: chrony leaves that unsaid, to keep the kernel from setting the hardware's clock.
[[nodiscard]] bool is_synchronised_within(std::optional<std::chrono::microseconds> error_most);

/// When this program was built.
[[nodiscard]] TimePoint build_moment();

} // namespace reviewd::runtime
