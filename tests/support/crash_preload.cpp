// Preloaded into the real programs (LD_PRELOAD), so that what is tested is what is shipped: puts
// the crash disk under SQLite when the first database is opened, with the plan that
// REVIEWD_CRASH_AT names. Operations count from then on, or, when REVIEWD_CRASH_ARMED_BY names a
// file, from the moment when that exists. A full disk has room again when the file exists that
// REVIEWD_CRASH_ENDED_BY names. What a program renames counts as well.
#include "tests/support/crash_disk.hpp"

#include <dlfcn.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

using Open = int (*)(const char*, sqlite3**, int, const char*);
using Rename = int (*)(const char*, const char*);

namespace {

bool is_installed = false;

} // namespace

extern "C" int rename(const char* from, const char* to) noexcept {
    if (is_installed) {
        reviewd::test::count_crash_disk_operation();
    }
    static const auto real = reinterpret_cast<Rename>(::dlsym(RTLD_NEXT, "rename"));
    return real(from, to);
}

extern "C" int sqlite3_open_v2(const char* file, sqlite3** database, int flags, const char* vfs) {
    const char* const plan_text = std::getenv("REVIEWD_CRASH_AT");
    if (!is_installed && plan_text != nullptr) {
        const auto plan = reviewd::test::parse_disk_fault(plan_text);
        if (!plan) {
            std::fprintf(stderr, "REVIEWD_CRASH_AT=%s is no plan\n", plan_text);
            ::_exit(64);
        }
        reviewd::test::install_crash_disk(*plan);
        if (const char* const armed_by = std::getenv("REVIEWD_CRASH_ARMED_BY")) {
            reviewd::test::arm_crash_disk_by(armed_by);
        }
        if (const char* const ended_by = std::getenv("REVIEWD_CRASH_ENDED_BY")) {
            reviewd::test::end_crash_disk_by(ended_by);
        }
        is_installed = true;
    }
    const auto real = reinterpret_cast<Open>(::dlsym(RTLD_NEXT, "sqlite3_open_v2"));
    return real(file, database, flags, vfs);
}
