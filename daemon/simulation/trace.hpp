#pragma once

#include "scoring/base/date.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace reviewd::simulation {

/// What happened, in order: one line per event. Two runs of a seed have equal hashes.
class Trace {
public:
    /// @param kept_lines how many of the last lines are kept
    explicit Trace(std::size_t kept_lines) : kept_lines_(kept_lines) {}

    void add(TimePoint at, std::string_view what, std::string_view details = {});

    [[nodiscard]] std::uint64_t hash() const { return hash_; }
    [[nodiscard]] std::int64_t events() const { return events_; }
    [[nodiscard]] const std::deque<std::string>& lines() const { return lines_; }

private:
    std::size_t kept_lines_;
    std::uint64_t hash_ = 14695981039346656037U;
    std::int64_t events_ = 0;
    std::deque<std::string> lines_;
};

} // namespace reviewd::simulation
