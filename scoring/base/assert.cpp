#include "scoring/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace reviewd {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    static_cast<void>(
        std::fprintf(stderr, "%s:%d: bug: `%s` does not hold\n", file, line, condition)
    );
    std::abort();
}

} // namespace reviewd
