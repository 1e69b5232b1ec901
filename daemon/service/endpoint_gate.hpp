#pragma once

#include "daemon/notify/api/outcome.hpp"
#include "scoring/base/date.hpp"

#include <chrono>
#include <limits>
#include <optional>
#include <string>

namespace reviewd::service {

/// How hard one endpoint may be used now: a window of deliveries under way that begins with one and
/// grows with every success, a rate, and a circuit that opens after five failures to connect in a
/// row (or at once when the endpoint is set up wrongly) and lets a single probe through from time
/// to time. An endpoint that asks for time gets it, up to a day. Pure: knows what it is told, reads
/// no clock.
class EndpointGate {
public:
    struct Pause {
        std::string reason;
        TimePoint until{};         ///< TimePoint::max(): until somebody resumes it
        bool is_firm = false; ///< by a word of the endpoint: an answer from before does not end it
        std::chrono::milliseconds length{}; ///< however far the clock was set back since
    };

    EndpointGate() : EndpointGate(0) {}
    /// @param per_minute 0: no rate
    explicit EndpointGate(int per_minute) : per_minute_(per_minute), tokens_(burst()) {}

    /// How many more may be claimed now, when `under_way` are and the notifier takes `bound`.
    [[nodiscard]] int room(TimePoint now, int under_way, int bound) const;
    /// When room() may say more than nothing, as far as pause and rate go. May lie in the past.
    [[nodiscard]] TimePoint opens_at(TimePoint now) const;
    /// The pause in force, or nothing.
    [[nodiscard]] std::optional<Pause> pause(TimePoint now) const;
    [[nodiscard]] bool was_paused() const { return pause_.has_value(); }

    void claimed(int count, TimePoint now);
    void ended(const notify::Outcome& outcome, TimePoint now);
    /// It ended without a word about the endpoint.
    void ended_aside() { is_probing_ = false; }
    /// A person's wish; resume() ends it.
    void hold(std::string reason);
    void resume();
    void set_rate(int per_minute);

private:
    void follow(TimePoint now) const;
    [[nodiscard]] double burst() const;
    [[nodiscard]] double tokens(TimePoint now) const;
    void wait_as_asked(const notify::Outcome& outcome, TimePoint now);
    void open_circuit(std::string reason, TimePoint now);

    int per_minute_;
    double tokens_;
    // Both follow a clock that is set back with the next look at them.
    mutable TimePoint filled_{};
    mutable std::optional<Pause> pause_;
    int window_ = 1;
    int failures_ = 0; ///< to connect, in a row
    int circuits_ = 0; ///< openings in a row
    bool is_probing_ = false;
};

} // namespace reviewd::service
