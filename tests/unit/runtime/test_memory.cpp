#include "daemon/runtime/memory.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace reviewd::test::test_memory {

using namespace reviewd;

TEST_CASE("the daemon knows what it takes of its host", "[runtime][memory]") {
    const runtime::ProcessUse use = runtime::process_use();
    CHECK(use.resident_bytes > 1000000);
    CHECK(use.open_descriptors >= 3);
    CHECK(use.most_descriptors >= use.open_descriptors);
}

TEST_CASE("free memory goes back to the system when it is told to", "[runtime][memory]") {
    constexpr std::size_t blocks = 100000;
    constexpr std::size_t block_bytes = 256;
    std::vector<std::unique_ptr<std::byte[]>> held(blocks);
    for (auto& block : held) {
        block = std::make_unique<std::byte[]>(block_bytes);
    }
    // The last one stays, at the top of the heap, and so what is below it stays as well.
    held.erase(held.begin(), held.end() - 1);
    const std::uint64_t before = runtime::process_use().resident_bytes;
    runtime::give_back_memory();
    const std::uint64_t after = runtime::process_use().resident_bytes;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    CHECK(after + blocks * block_bytes / 2 < before); // sanitizers have a heap of their own
#else
    CHECK(after <= before + blocks * block_bytes);
#endif
}

} // namespace reviewd::test::test_memory
