#pragma once

#include <chrono>

namespace reviewd::runtime {

/// Measures how long something takes, on a clock that never jumps.
class Stopwatch {
public:
    Stopwatch() : begin_{std::chrono::steady_clock::now()} {}

    [[nodiscard]] double milliseconds() const {
        const auto passed = std::chrono::steady_clock::now() - begin_;
        return std::chrono::duration<double, std::milli>(passed).count();
    }

private:
    std::chrono::steady_clock::time_point begin_;
};

} // namespace reviewd::runtime
