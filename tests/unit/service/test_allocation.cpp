// Memory that runs out at the n-th allocation of an operation, for one n after the other. The
// operator new of this program fails where a test says so, on the thread of the test alone; what
// SQLite allocates for itself fails in the suite of the store.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <cstdlib>
#include <new>

namespace {

/// Allocations of this thread until one fails; below 0: none does.
thread_local long allocations_left = -1;

void* allocate(std::size_t size) {
    if (allocations_left >= 0 && allocations_left-- == 0) {
        throw std::bad_alloc{};
    }
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) {
        throw std::bad_alloc{};
    }
    return memory;
}

} // namespace

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t& /*no throw*/) noexcept {
    try {
        return allocate(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace reviewd::test::test_allocation {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor somebody{.who = "ana", .from = "test"};

enum class Ending { got_through, ran_out };

/// Runs `operation` with so many allocations. What is thrown ends the daemon, which is started
/// again.
template <class Operation>
Ending run_with(long allocations, Operation operation) {
    allocations_left = allocations;
    try {
        operation();
        // Who asks with nothrow, as std::stable_sort does, goes on without.
        const bool did_without = allocations_left < 0;
        allocations_left = -1;
        return did_without ? Ending::ran_out : Ending::got_through;
    } catch (const std::bad_alloc&) {
        allocations_left = -1;
        return Ending::ran_out;
    }
}

void settle(test::World& world) {
    world.open(at(monday, 12));
    REQUIRE(test::run_until_idle(world.service(), at(monday, 12)).has_value());
}

/// One after the other at first, then some between.
long next_after(long allocations) {
    return allocations < 150 ? allocations + 1 : allocations + allocations / 12;
}

/// Fails everywhere in a command that changes one review.
template <class Command>
void fail_in(Command command) {
    test::World calm;
    settle(calm);
    const std::string before = calm.describe();
    command(calm);
    const std::string after = calm.describe();
    REQUIRE(after != before);
    test::World world;
    settle(world);
    REQUIRE(world.describe() == before);
    int failures = 0;
    for (long allocations = 0;; allocations = next_after(allocations)) {
        INFO("memory for " << allocations << " allocations");
        if (run_with(allocations, [&] { command(world); }) == Ending::got_through) {
            break;
        }
        ++failures;
        world.close();
        world.open(at(monday, 12));
        const std::string state = world.describe();
        if (state == after) {
            break; // it failed behind the commit, and so does every further one
        }
        REQUIRE(state == before);
    }
    CHECK(failures > 20);
    CHECK(world.describe() == after);
}

} // namespace

TEST_CASE("a command for which memory runs out is done or not done", "[service][F48]") {
    const auto first = [](test::World& world) {
        return world.open_reviews().front().id;
    };
    SECTION("an outcome") {
        fail_in([&](test::World& world) {
            const ReviewId review = first(world);
            static_cast<void>(world.service().reviews().done(review, {}, somebody, at(monday, 13)));
        });
    }
    SECTION("another day") {
        fail_in([&](test::World& world) {
            const ReviewId review = first(world);
            const Date day = monday + days{9};
            static_cast<void>(
                world.service().reviews().snooze(review, day, somebody, at(monday, 13))
            );
        });
    }
}

TEST_CASE("work for which memory runs out ends the same after a restart", "[service][F48]") {
    test::World calm;
    settle(calm);
    const std::string expected = calm.describe();
    int failures = 0;
    for (long allocations = 10;; allocations = allocations * 3 / 2) {
        test::World world;
        world.open(at(monday, 12));
        const auto work = [&] {
            static_cast<void>(test::run_until_idle(world.service(), at(monday, 12)));
        };
        const Ending ending = run_with(allocations, work);
        if (ending == Ending::got_through) {
            break;
        }
        ++failures;
        world.close();
        settle(world);
        INFO("memory for " << allocations << " allocations");
        REQUIRE(world.describe() == expected);
    }
    CHECK(failures > 10);
}

} // namespace reviewd::test::test_allocation
