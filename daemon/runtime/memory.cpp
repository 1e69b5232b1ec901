#include "daemon/runtime/memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace reviewd::runtime {
namespace {

constexpr int most_heaps = 2;
/// Set, it stays: left alone, the allocator raises it with each large block that is freed, up to
/// 32 MiB, and keeps such blocks.
constexpr int mapped_on_its_own_bytes = 512 * 1024;

/// Unmaps the segments of one program or library that nobody can have written to: the loader puts
/// its relocations into writable segments alone.
int drop_pages(dl_phdr_info* info, std::size_t /*size*/, void* /*data*/) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (int number = 0; number < info->dlpi_phnum; ++number) {
        const ElfW(Phdr)& segment = info->dlpi_phdr[number];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
            continue;
        }
        const std::uintptr_t begin = (info->dlpi_addr + segment.p_vaddr + page - 1) / page * page;
        const std::uintptr_t end =
            (info->dlpi_addr + segment.p_vaddr + segment.p_memsz) / page * page;
        if (begin < end) {
            // The kernel's own copy stays in its page cache, so that nothing is lost, and nothing
            // read.
            static_cast<void>(::madvise(
                reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED // NOLINT
            ));
        }
    }
    return 0;
}

} // namespace

void keep_memory_small() noexcept {
    ::mallopt(M_ARENA_MAX, most_heaps);
    ::mallopt(M_MMAP_THRESHOLD, mapped_on_its_own_bytes);
}

void give_back_memory() noexcept {
    ::malloc_trim(0);
    ::dl_iterate_phdr(&drop_pages, nullptr);
}

ProcessUse process_use() {
    ProcessUse use;
    std::ifstream sizes{"/proc/self/statm"};
    std::uint64_t total_pages = 0;
    std::uint64_t resident_pages = 0;
    if (sizes >> total_pages >> resident_pages) {
        use.resident_bytes = resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }
    std::error_code problem;
    const std::filesystem::directory_iterator open{"/proc/self/fd", problem};
    if (!problem) {
        // One of them is the look itself.
        use.open_descriptors =
            static_cast<std::uint64_t>(std::distance(begin(open), end(open))) - 1;
    }
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        use.most_descriptors = limit.rlim_cur;
    }
    return use;
}

} // namespace reviewd::runtime
