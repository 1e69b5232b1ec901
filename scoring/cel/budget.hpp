#pragma once

#include <cstdint>

namespace reviewd::cel {

/// The steps that one evaluation may still take. Once spent it stays spent, so that nothing absorbs
/// the refusal.
class Budget {
public:
    explicit Budget(std::uint64_t steps) noexcept : left_(steps) {}

    /// Takes `steps`. @returns false when there are not enough: the caller gives up
    bool spend(std::uint64_t steps) noexcept {
        if (steps > left_) {
            left_ = 0;
            is_exhausted_ = true;
            return false;
        }
        left_ -= steps;
        return true;
    }

    /// Takes what handling `bytes` of text costs.
    bool spend_bytes(std::uint64_t bytes) noexcept { return spend(bytes / 16); }

    [[nodiscard]] bool is_exhausted() const noexcept { return is_exhausted_; }

private:
    std::uint64_t left_;
    bool is_exhausted_ = false;
};

} // namespace reviewd::cel
