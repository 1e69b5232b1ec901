#pragma once

// daemon/simulation: the real service on the real SQLite, run through simulated years: a disk in
// memory that crashes, a clock that is cranked, people and peers that behave and misbehave, faults
// drawn from a seed, and checks against a naive model. Everything follows from the seed. Includes
// daemon/service and what that includes; one thread.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace reviewd::simulation {

/// A stream of random numbers that depends on the seed and the stream's name alone: one per actor
/// and per kind of fault, so that more draws of one do not shift the others. SplitMix64: the same
/// numbers with every compiler and library.
class Random {
public:
    Random(std::uint64_t seed, std::string_view stream);

    [[nodiscard]] std::uint64_t next();
    /// 0 … `end` - 1. @pre end >= 1
    [[nodiscard]] int below(int end);
    /// `first` … `last`.
    [[nodiscard]] int between(int first, int last) { return first + below(last - first + 1); }
    /// True with this probability, 0 … 1.
    [[nodiscard]] bool chance(double probability);
    /// 0 … 1, without 1.
    [[nodiscard]] double share();

    /// @pre not empty
    template <class T>
    [[nodiscard]] const T& pick(const std::vector<T>& items) {
        return items[static_cast<std::size_t>(below(static_cast<int>(items.size())))];
    }

private:
    std::uint64_t state_;
};

} // namespace reviewd::simulation
