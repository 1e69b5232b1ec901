#pragma once

#include <cstdint>

namespace reviewd::runtime {

/// Tells the allocator that the process is to stay small: two heaps whatever the number of threads,
/// and large blocks go back to the system as soon as they are free. Call it before the first
/// thread.
void keep_memory_small() noexcept;

/// Gives back what is not in use: free pieces of the heaps, and the mapped pages of
/// programs and libraries, most of which only the start or the last large piece of work has
/// touched. What is used again is mapped again, out of the system's page cache. Takes milliseconds.
/// Any thread.
void give_back_memory() noexcept;

/// What this process takes of its host; zero where /proc does not tell.
struct ProcessUse {
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t most_descriptors = 0; ///< that it may open
};

[[nodiscard]] ProcessUse process_use();

} // namespace reviewd::runtime
