#pragma once

#include "tests/support/catch.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace reviewd::test {

/// Takes every descriptor that the process may still open, as long as it lives.
class NoDescriptors {
public:
    NoDescriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        rlimit low = before_;
        low.rlim_cur = 256;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
        for (int taken = ::dup(0); taken >= 0; taken = ::dup(0)) {
            taken_.push_back(taken);
        }
    }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;
    ~NoDescriptors() {
        for (const int each : taken_) {
            ::close(each);
        }
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    /// Lets one be opened again.
    void leave_one() {
        ::close(taken_.back());
        taken_.pop_back();
    }

private:
    rlimit before_{};
    std::vector<int> taken_;
};

} // namespace reviewd::test
