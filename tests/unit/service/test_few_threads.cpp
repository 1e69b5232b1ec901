// A system that gives no more threads: work is done on those there are. The pthread_create of this
// program refuses where a test says so.
#include "daemon/service/in_parallel.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <numeric>
#include <vector>

namespace {

/// Threads that may still begin; below 0: any number.
std::atomic<int> threads_left{-1};

} // namespace

extern "C" int pthread_create(
    pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument
) noexcept {
    using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
    static const auto create = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
    if (threads_left == 0) {
        return EAGAIN;
    }
    if (threads_left > 0) {
        --threads_left;
    }
    return create(thread, attributes, body, argument);
}

namespace reviewd::test::test_few_threads {

using namespace reviewd;
using test::at;
using namespace std::chrono_literals;

namespace {

/// Refuses after so many, until it ends.
class FewThreads {
public:
    explicit FewThreads(int count) { threads_left = count; }
    ~FewThreads() { threads_left = -1; }
    FewThreads(const FewThreads&) = delete;
    FewThreads& operator=(const FewThreads&) = delete;
};

} // namespace

TEST_CASE("rows are worked on once each, however few threads there are", "[service][columns]") {
    constexpr std::size_t rows = 200'000;
    for (const int threads : {0, 1, 2, 3}) {
        const FewThreads few{threads};
        std::vector<std::atomic<int>> seen(rows);
        service::in_parallel(rows, 4, [&](engine::columnar::RowRange range) {
            for (std::size_t row = range.begin; row < range.end; ++row) {
                ++seen[row];
            }
        });
        const bool is_once =
            std::all_of(seen.begin(), seen.end(), [](const auto& times) { return times == 1; });
        CHECK(is_once);
    }
}

TEST_CASE("sources are read without a second thread", "[service][import]") {
    const Date monday{2026y / 11 / 23};
    test::World world;
    world.open(at(monday, 5));
    {
        const FewThreads none{0};
        world.run(at(monday, 5));
    }
    CHECK_FALSE(world.open_reviews().empty());
}

} // namespace reviewd::test::test_few_threads
