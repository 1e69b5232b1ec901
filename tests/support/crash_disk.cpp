// A VFS that forwards to SQLite's own. For a power loss it keeps, for each file, the bytes that
// every write since the last sync replaced, and puts them back.
#include "tests/support/crash_disk.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::test {
namespace {

struct Replaced {
    sqlite3_int64 offset = 0;
    std::string bytes;
};

/// What a power loss would do to one file.
struct Unsynced {
    sqlite3_int64 synced_size = 0;
    std::vector<Replaced> replaced;
};

struct Disk {
    sqlite3_vfs vfs{};
    sqlite3_vfs* real = nullptr;
    DiskFaultPlan plan;
    bool is_armed = false;
    std::int64_t operations = 0;
    std::int64_t syncs = 0;
    std::string armed_by; ///< a file; empty: armed
    std::string ended_by; ///< a file that ends a lasting fault; empty: none does
    std::map<std::string, Unsynced> unsynced;
};

Disk& disk() {
    static Disk the_disk;
    return the_disk;
}

struct CrashFile {
    sqlite3_file base{};
    sqlite3_file* real = nullptr;
    Unsynced* unsynced = nullptr;
};

sqlite3_file* real_of(sqlite3_file* file) {
    return reinterpret_cast<CrashFile*>(file)->real;
}

Unsynced* unsynced_of(sqlite3_file* file) {
    return reinterpret_cast<CrashFile*>(file)->unsynced;
}

/// The real end: no handler, no flush, no destructor.
[[noreturn]] void die() {
    ::kill(::getpid(), SIGKILL);
    ::_exit(1);
}

[[noreturn]] void lose_power() {
    std::uint64_t random = disk().plan.seed;
    for (const auto& [path, state] : disk().unsynced) {
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (descriptor < 0) {
            continue;
        }
        bool is_whole = true;
        for (auto each = state.replaced.rbegin(); each != state.replaced.rend(); ++each) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            if (disk().plan.seed != 0 && (random >> 63U) != 0) {
                is_whole = false; // this write reached the disk
                continue;
            }
            const ssize_t written =
                ::pwrite(descriptor, each->bytes.data(), each->bytes.size(), each->offset);
            if (written != static_cast<ssize_t>(each->bytes.size())) {
                ::_exit(1);
            }
        }
        if (is_whole && ::ftruncate(descriptor, state.synced_size) != 0) {
            ::_exit(1);
        }
        ::close(descriptor);
        ::unlink((path.substr(0, path.rfind("-wal")) + "-shm").c_str());
    }
    die();
}

/// Whether a fault is there from its first moment on.
bool lasts(DiskFault fault) {
    return fault == DiskFault::disk_full || fault == DiskFault::read_only;
}

/// Whether a lasting fault is over.
bool has_ended() {
    const std::string& file = disk().ended_by;
    return !file.empty() && ::access(file.c_str(), F_OK) == 0;
}

/// Whether operations count.
bool counts() {
    Disk& the_disk = disk();
    if (!the_disk.armed_by.empty() && ::access(the_disk.armed_by.c_str(), F_OK) == 0) {
        the_disk.armed_by.clear();
    }
    return the_disk.armed_by.empty();
}

/// Counts one operation. @returns whether the planned fault strikes it
bool strikes() {
    Disk& the_disk = disk();
    if (!counts()) {
        return false;
    }
    ++the_disk.operations;
    if (!the_disk.is_armed || the_disk.plan.fault == DiskFault::sync_error) {
        return false;
    }
    if (lasts(the_disk.plan.fault)) {
        return the_disk.operations >= the_disk.plan.at && !has_ended();
    }
    return the_disk.operations == the_disk.plan.at;
}

void end_if_struck() {
    if (!strikes()) {
        return;
    }
    if (disk().plan.fault == DiskFault::power_loss) {
        lose_power();
    }
    if (!lasts(disk().plan.fault)) {
        die();
    }
}

/// Keeps what `size` bytes from `offset` on replace.
void remember(sqlite3_file* file, sqlite3_int64 offset, sqlite3_int64 size) {
    Unsynced* state = unsynced_of(file);
    if (state == nullptr || disk().plan.fault != DiskFault::power_loss) {
        return;
    }
    sqlite3_int64 end = 0;
    real_of(file)->pMethods->xFileSize(real_of(file), &end);
    if (offset >= end) {
        state->replaced.push_back({offset, {}});
        return;
    }
    Replaced replaced{
        offset, std::string(static_cast<std::size_t>(std::min(size, end - offset)), '\0')};
    real_of(file)->pMethods->xRead(
        real_of(file), replaced.bytes.data(), static_cast<int>(replaced.bytes.size()), offset
    );
    state->replaced.push_back(std::move(replaced));
}

int close_file(sqlite3_file* file) {
    return real_of(file)->pMethods->xClose(real_of(file));
}

int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
    return real_of(file)->pMethods->xRead(real_of(file), into, size, offset);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    if (strikes()) {
        switch (disk().plan.fault) {
        case DiskFault::disk_full:
            return SQLITE_FULL;
        case DiskFault::read_only:
            return SQLITE_IOERR_WRITE;
        case DiskFault::power_loss:
            lose_power();
        case DiskFault::torn_write:
            real_of(file)->pMethods->xWrite(real_of(file), from, size / 2, offset);
            [[fallthrough]];
        default:
            die();
        }
    }
    remember(file, offset, size);
    return real_of(file)->pMethods->xWrite(real_of(file), from, size, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    end_if_struck();
    sqlite3_int64 end = 0;
    real_of(file)->pMethods->xFileSize(real_of(file), &end);
    if (end > size) {
        remember(file, size, end - size);
    }
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

int sync_file(sqlite3_file* file, int flags) {
    end_if_struck();
    Disk& the_disk = disk();
    ++the_disk.syncs;
    if (the_disk.is_armed && the_disk.plan.fault == DiskFault::sync_error
        && the_disk.syncs == the_disk.plan.at) {
        return SQLITE_IOERR_FSYNC;
    }
    const int code = real_of(file)->pMethods->xSync(real_of(file), flags);
    if (Unsynced* state = unsynced_of(file); code == SQLITE_OK && state != nullptr) {
        state->replaced.clear();
        real_of(file)->pMethods->xFileSize(real_of(file), &state->synced_size);
    }
    return code;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) {
    return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* answer) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), answer);
}
int control_file(sqlite3_file* file, int what, void* argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}
int sector_size(sqlite3_file* file) {
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int characteristics(sqlite3_file* file) {
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** into) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, into);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shared_barrier(sqlite3_file* file) {
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

// Version 2: no memory-mapped pages, which reviewd switches off anyway.
constexpr sqlite3_io_methods methods{
    2,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    size_of_file,
    lock_file,
    unlock_file,
    check_reserved_lock,
    control_file,
    sector_size,
    characteristics,
    map_shared,
    lock_shared,
    shared_barrier,
    unmap_shared,
    nullptr,
    nullptr};

Unsynced* track(const char* name) {
    struct stat about {};
    const auto [place, is_new] = disk().unsynced.try_emplace(name);
    if (is_new && ::stat(name, &about) == 0) {
        place->second.synced_size = about.st_size;
    }
    return &place->second;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* answer) {
    auto* opened = reinterpret_cast<CrashFile*>(file);
    opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
    opened->base.pMethods = nullptr;
    opened->unsynced =
        (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0
            ? track(name)
            : nullptr;
    const int code = disk().real->xOpen(disk().real, name, opened->real, flags, answer);
    if (opened->real->pMethods != nullptr) {
        opened->base.pMethods = &methods;
    }
    return code;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_directory) {
    end_if_struck();
    disk().unsynced.erase(name);
    return disk().real->xDelete(disk().real, name, sync_directory);
}

void put_below_sqlite() {
    Disk& the_disk = disk();
    the_disk.real = sqlite3_vfs_find(nullptr);
    the_disk.vfs = *the_disk.real;
    the_disk.vfs.szOsFile += static_cast<int>(sizeof(CrashFile));
    the_disk.vfs.zName = "crash-disk";
    the_disk.vfs.pNext = nullptr;
    the_disk.vfs.xOpen = open_file;
    the_disk.vfs.xDelete = delete_file;
    sqlite3_vfs_register(&the_disk.vfs, 1);
}

} // namespace

void install_crash_disk(const DiskFaultPlan& plan) {
    Disk& the_disk = disk();
    if (the_disk.real == nullptr) {
        put_below_sqlite();
    }
    the_disk.plan = plan;
    the_disk.is_armed = true;
    the_disk.operations = 0;
    the_disk.syncs = 0;
}

void arm_crash_disk_by(std::string file) {
    disk().armed_by = std::move(file);
}

void end_crash_disk_by(std::string file) {
    disk().ended_by = std::move(file);
}

void count_crash_disk_operation() {
    end_if_struck();
}

void disarm_crash_disk() {
    disk().is_armed = false;
}

std::int64_t crash_disk_operations() {
    return disk().operations;
}

std::optional<DiskFaultPlan> parse_disk_fault(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, DiskFault>, 6> names{
        {{"crash", DiskFault::crash},
         {"torn_write", DiskFault::torn_write},
         {"power_loss", DiskFault::power_loss},
         {"disk_full", DiskFault::disk_full},
         {"read_only", DiskFault::read_only},
         {"sync_error", DiskFault::sync_error}}};
    DiskFaultPlan plan;
    for (const auto& [name, fault] : names) {
        if (text.size() > name.size() && text.substr(0, name.size()) == name
            && text[name.size()] == ':') {
            plan.fault = fault;
            text.remove_prefix(name.size() + 1);
            break;
        }
    }
    const char* const end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, plan.at);
    if (problem != std::errc{} || plan.at < 1) {
        return std::nullopt;
    }
    if (rest == end) {
        return plan;
    }
    const auto [last, wrong] = std::from_chars(rest + 1, end, plan.seed);
    return *rest == ':' && wrong == std::errc{} && last == end ? std::optional{plan} : std::nullopt;
}

} // namespace reviewd::test
