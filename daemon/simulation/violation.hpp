#pragma once

#include "scoring/base/date.hpp"

#include <string>
#include <utility>

namespace reviewd::simulation {

/// A promise that was not kept.
struct Violation {
    TimePoint at{};
    std::string invariant; ///< "I1" … "I22"
    std::string expected;
    std::string found;
};

/// Ends a run at its first violation. Not derived from std::exception: nothing on the way may take
/// it for a failure of the code under test.
class Violated {
public:
    explicit Violated(Violation violation) : violation_(std::move(violation)) {}
    [[nodiscard]] const Violation& violation() const { return violation_; }

private:
    Violation violation_;
};

} // namespace reviewd::simulation
