// Each file has its bytes as programs see them, and a list of what every write since the last sync
// replaced. A power loss undoes the list and then lets some of the new sectors through.

#include "daemon/simulation/disk.hpp"

#include "scoring/base/assert.hpp"

#include <fmt/format.h>

#include <malloc.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::simulation {
namespace {

constexpr std::size_t sector_bytes = 512;
constexpr std::size_t lock_slots = 8;

/// What one write replaced.
struct Replaced {
    std::size_t offset = 0;
    std::size_t size = 0; ///< of the write
    std::string bytes;    ///< fewer where the file ended
};

/// A list of writes that keeps the room it once needed.
class Writes {
public:
    Replaced& add() {
        if (count_ == all_.size()) {
            all_.emplace_back();
        }
        return all_[count_++];
    }
    void clear() { count_ = 0; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::span<const Replaced> list() const { return {all_.data(), count_}; }

private:
    std::vector<Replaced> all_;
    std::size_t count_ = 0;
};

struct File {
    std::string bytes;
    Writes unsynced;
    std::size_t synced_size = 0;
    bool is_name_synced = false; ///< a file that was never synced may be gone after a power loss
    int handles = 0;
    // The shared memory of SQLite's write-ahead log: it lives as long as somebody has the file
    // open.
    std::vector<std::unique_ptr<char[]>> shared;
    std::array<int, lock_slots> readers{};
    std::array<bool, lock_slots> is_exclusive{};
};

using FilePointer = std::shared_ptr<File>;

bool is_log(std::string_view name) {
    constexpr std::string_view ending = "-wal";
    return name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending;
}

} // namespace

struct Disk::State {
    explicit State(std::uint64_t seed) : random(seed, "disk") {}

    sqlite3_vfs vfs{};
    std::string name;
    Random random;
    std::map<std::string, FilePointer, std::less<>> files;
    std::int64_t operations = 0;
    std::int64_t crash_at = 0; ///< 0: none is planned
    Ending ending = Ending::process;
    bool is_crashed = false;
    Room room = Room::enough;
    bool is_sync_to_fail = false;
    bool has_failed_sync = false;
    bool is_page_halved = false; ///< by the crash that has come
    bool has_torn_pages = false;
    std::int64_t largest_log_bytes = 0;

    /// Counts an operation. @returns whether the process ends before it
    bool ends_here() {
        if (is_crashed) {
            return true;
        }
        ++operations;
        is_crashed = crash_at != 0 && operations >= crash_at;
        return is_crashed;
    }
};

namespace {

struct Handle {
    sqlite3_file base{};
    FilePointer* file = nullptr; ///< owned
    Disk::State* disk = nullptr;
    bool is_log = false;
    std::array<bool, lock_slots> is_reader{};
    std::array<bool, lock_slots> is_writer{};
};

Handle& handle_of(sqlite3_file* file) {
    return *reinterpret_cast<Handle*>(file);
}

File& file_of(sqlite3_file* file) {
    return **handle_of(file).file;
}

void put(File& file, const void* from, std::size_t size, std::size_t offset) {
    Replaced& replaced = file.unsynced.add();
    replaced.offset = offset;
    replaced.size = size;
    replaced.bytes.clear();
    if (offset < file.bytes.size()) {
        replaced.bytes.assign(file.bytes, offset, size);
    }
    if (file.bytes.size() < offset + size) {
        if (file.bytes.capacity() < offset + size) {
            file.bytes.reserve(std::max(2 * file.bytes.capacity(), offset + size));
        }
        file.bytes.resize(offset + size);
    }
    std::memcpy(file.bytes.data() + offset, from, size);
}

int close_file(sqlite3_file* file) {
    Handle& handle = handle_of(file);
    if (--(*handle.file)->handles == 0) {
        (*handle.file)->shared.clear();
        (*handle.file)->readers = {};
        (*handle.file)->is_exclusive = {};
    }
    delete handle.file;
    handle.file = nullptr;
    return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
    if (handle_of(file).disk->is_crashed) {
        return SQLITE_IOERR_READ;
    }
    const std::string& bytes = file_of(file).bytes;
    const auto begin = std::min(static_cast<std::size_t>(offset), bytes.size());
    const auto count = std::min(static_cast<std::size_t>(size), bytes.size() - begin);
    std::memcpy(into, bytes.data() + begin, count);
    if (count == static_cast<std::size_t>(size)) {
        return SQLITE_OK;
    }
    std::memset(static_cast<char*>(into) + count, 0, static_cast<std::size_t>(size) - count);
    return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    Handle& handle = handle_of(file);
    const auto count = static_cast<std::size_t>(size);
    const auto begin = static_cast<std::size_t>(offset);
    if (!handle.disk->is_crashed && handle.disk->ends_here()) {
        if (handle.disk->random.chance(0.5)) {
            put(file_of(file), from, count / 2, begin);
            handle.disk->is_page_halved = !handle.is_log;
        }
        return SQLITE_IOERR_WRITE;
    }
    if (handle.disk->is_crashed) {
        return SQLITE_IOERR_WRITE;
    }
    if (handle.disk->room == Disk::Room::none) {
        return SQLITE_FULL;
    }
    put(file_of(file), from, count, begin);
    if (handle.is_log) {
        handle.disk->largest_log_bytes = std::max(
            handle.disk->largest_log_bytes, static_cast<std::int64_t>(file_of(file).bytes.size())
        );
    }
    return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    if (handle_of(file).disk->ends_here()) {
        return SQLITE_IOERR_TRUNCATE;
    }
    File& target = file_of(file);
    const auto end = static_cast<std::size_t>(size);
    if (end < target.bytes.size()) {
        Replaced& cut = target.unsynced.add();
        cut.offset = end;
        cut.size = 0;
        cut.bytes.assign(target.bytes, end);
    }
    target.bytes.resize(end);
    return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int /*flags*/) {
    Disk::State& disk = *handle_of(file).disk;
    if (disk.ends_here()) {
        return SQLITE_IOERR_FSYNC;
    }
    if (disk.is_sync_to_fail) {
        disk.is_sync_to_fail = false;
        disk.has_failed_sync = true;
        return SQLITE_IOERR_FSYNC;
    }
    File& target = file_of(file);
    target.unsynced.clear();
    target.synced_size = target.bytes.size();
    target.is_name_synced = true;
    return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
    if (handle_of(file).disk->is_crashed) {
        return SQLITE_IOERR_FSTAT;
    }
    *size = static_cast<sqlite3_int64>(file_of(file).bytes.size());
    return SQLITE_OK;
}

// In write-ahead mode the file itself is locked shared by everybody, for as long as it is open.
int lock_file(sqlite3_file*, int) {
    return SQLITE_OK;
}
int unlock_file(sqlite3_file*, int) {
    return SQLITE_OK;
}
int check_reserved_lock(sqlite3_file*, int* answer) {
    *answer = 0;
    return SQLITE_OK;
}

int control_file(sqlite3_file*, int what, void* argument) {
    if (what == SQLITE_FCNTL_MMAP_SIZE) {
        *static_cast<sqlite3_int64*>(argument) = 0; // there is nothing to map
        return SQLITE_OK;
    }
    return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
    return static_cast<int>(sector_bytes);
}
/// As SQLite takes a disk under Linux to be: a write never harms the bytes beside it.
int characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** into) {
    if (handle_of(file).disk->is_crashed) {
        return SQLITE_IOERR_SHMMAP;
    }
    File& target = file_of(file);
    const auto index = static_cast<std::size_t>(page);
    if (index >= target.shared.size() && extend == 0) {
        *into = nullptr;
        return SQLITE_OK;
    }
    while (index >= target.shared.size()) {
        target.shared.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    *into = target.shared[index].get();
    return SQLITE_OK;
}

/// One slot of the shared memory's locks. @returns whether it was granted
bool lock_slot(Handle& handle, File& target, std::size_t slot, int flags) {
    const bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        if (handle.is_writer[slot]) {
            handle.is_writer[slot] = false;
            target.is_exclusive[slot] = false;
        }
        if (handle.is_reader[slot]) {
            handle.is_reader[slot] = false;
            --target.readers[slot];
        }
        return true;
    }
    const int others = target.readers[slot] - (handle.is_reader[slot] ? 1 : 0);
    if (target.is_exclusive[slot] || (!is_shared && others > 0)) {
        return false;
    }
    if (is_shared) {
        target.readers[slot] += handle.is_reader[slot] ? 0 : 1;
        handle.is_reader[slot] = true;
    } else {
        target.is_exclusive[slot] = true;
        handle.is_writer[slot] = true;
    }
    return true;
}

int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    Handle& handle = handle_of(file);
    File& target = file_of(file);
    for (int i = 0; i < count; ++i) {
        if (!lock_slot(handle, target, static_cast<std::size_t>(offset + i), flags)) {
            for (int undo = 0; undo < i; ++undo) {
                lock_slot(
                    handle, target, static_cast<std::size_t>(offset + undo), SQLITE_SHM_UNLOCK
                );
            }
            return SQLITE_BUSY;
        }
    }
    return SQLITE_OK;
}

void shared_barrier(sqlite3_file*) {}

int unmap_shared(sqlite3_file*, int) {
    return SQLITE_OK; // freed with the last handle
}

// Version 2: with shared memory, without memory-mapped pages.
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

Disk::State& disk_of(sqlite3_vfs* vfs) {
    return *static_cast<Disk::State*>(vfs->pAppData);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* answer) {
    Disk::State& disk = disk_of(vfs);
    auto* handle = ::new (static_cast<void*>(file)) Handle;
    if (disk.is_crashed) {
        return SQLITE_CANTOPEN;
    }
    FilePointer opened;
    if (name == nullptr) {
        opened = std::make_shared<File>(); // temporary
    } else {
        const auto found = disk.files.find(name);
        if (found == disk.files.end() && (flags & SQLITE_OPEN_CREATE) == 0) {
            return SQLITE_CANTOPEN;
        }
        opened = found == disk.files.end() ? (disk.files[name] = std::make_shared<File>())
                                           : found->second;
    }
    ++opened->handles;
    handle->file = std::make_unique<FilePointer>(std::move(opened)).release();
    handle->disk = &disk;
    handle->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    handle->base.pMethods = &methods;
    if (answer != nullptr) {
        *answer = flags;
    }
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int /*sync_directory*/) {
    Disk::State& disk = disk_of(vfs);
    if (disk.ends_here()) {
        return SQLITE_IOERR_DELETE;
    }
    return disk.files.erase(name) == 0 ? SQLITE_IOERR_DELETE_NOENT : SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* answer) {
    const auto found = disk_of(vfs).files.find(name);
    *answer = found != disk_of(vfs).files.end() && !found->second->bytes.empty() ? 1 : 0;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* into) {
    sqlite3_snprintf(size, into, "%s", name);
    return SQLITE_OK;
}

int random_bytes(sqlite3_vfs* vfs, int size, char* into) {
    for (int i = 0; i < size; ++i) {
        into[i] = static_cast<char>(disk_of(vfs).random.next());
    }
    return size;
}

int do_not_sleep(sqlite3_vfs*, int microseconds) {
    return microseconds;
}

int last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

/// SQLite asks for the time only for its date functions, which the store does not use.
int fixed_time(sqlite3_vfs*, sqlite3_int64* milliseconds) {
    constexpr sqlite3_int64 julian_milliseconds_of_2020 = 212'444'510'400'000;
    *milliseconds = julian_milliseconds_of_2020;
    return SQLITE_OK;
}

/// What the writes had put into the file, one after the other.
std::vector<std::string> newest_bytes(const File& file, std::span<const Replaced> writes) {
    std::vector<std::string> newest;
    newest.reserve(writes.size());
    for (const Replaced& write : writes) {
        const std::size_t begin = std::min(write.offset, file.bytes.size());
        newest.push_back(file.bytes.substr(begin, write.size));
    }
    return newest;
}

/// Undoes what was not synced, then lets some of the sectors through, as a disk may.
void lose_power(File& file, Random& random) {
    const Writes unsynced = std::exchange(file.unsynced, {});
    const std::span<const Replaced> writes = unsynced.list();
    const std::vector<std::string> newest = newest_bytes(file, writes);
    for (auto write = writes.rbegin(); write != writes.rend(); ++write) {
        const std::size_t end = write->offset + write->bytes.size();
        if (file.bytes.size() < end) {
            file.bytes.resize(end);
        }
        std::memcpy(file.bytes.data() + write->offset, write->bytes.data(), write->bytes.size());
    }
    file.bytes.resize(file.synced_size);
    const double surviving = random.chance(0.3) ? 0 : random.share();
    for (std::size_t i = 0; i < writes.size(); ++i) {
        const std::size_t begin = writes[i].offset;
        const std::string& bytes = newest[i];
        for (std::size_t done = 0; done < bytes.size(); done += sector_bytes) {
            const std::size_t size = std::min(sector_bytes, bytes.size() - done);
            if (!random.chance(surviving)) {
                continue;
            }
            if (file.bytes.size() < begin + done + size) {
                file.bytes.resize(begin + done + size);
            }
            std::memcpy(file.bytes.data() + begin + done, bytes.data() + done, size);
        }
    }
}

/// SQLite's own random numbers make the keys of messages. They are the process's, not the disk's.
void seed_sqlite(int seed) {
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, nullptr);
    sqlite3_randomness(0, nullptr);
}

/// Memory that is free again is used again, and not given back to the system in between: each
/// start of the simulated daemon would ask for it page by page.
void keep_free_memory() {
    constexpr int most_bytes = 1 << 30;
    ::mallopt(M_TRIM_THRESHOLD, most_bytes);
    ::mallopt(M_MMAP_THRESHOLD, most_bytes);
}

/// Without SQLite's count of its own memory, which takes a lock for each piece. Refused, and of no
/// harm, where the process has used SQLite already.
void spare_memory_statistics() {
    static_cast<void>(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
    static_cast<void>(sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0));
}

} // namespace

Disk::Disk(std::uint64_t seed) : state_(std::make_unique<State>(seed)) {
    static int count = 0;
    if (count == 0) {
        keep_free_memory();
        spare_memory_statistics();
    }
    state_->name = fmt::format("reviewd-simulated-{}", ++count);
    sqlite3_vfs& vfs = state_->vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(Handle);
    vfs.mxPathname = 512;
    vfs.zName = state_->name.c_str();
    vfs.pAppData = state_.get();
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    vfs.xAccess = access_file;
    vfs.xFullPathname = full_path;
    vfs.xRandomness = random_bytes;
    vfs.xSleep = do_not_sleep;
    vfs.xGetLastError = last_error;
    vfs.xCurrentTimeInt64 = fixed_time;
    REVIEWD_ASSERT(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
    seed_sqlite(static_cast<int>(seed % 2'000'000'000U) + 1);
}

Disk::~Disk() {
    seed_sqlite(0); // random again
    sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& Disk::vfs() const {
    return state_->name;
}

void Disk::crash_at(std::int64_t operations, Ending ending) {
    state_->crash_at = state_->operations + operations;
    state_->ending = ending;
}

void Disk::crash_now(Ending ending) {
    if (!state_->is_crashed) {
        state_->ending = ending;
        state_->is_crashed = true;
    }
}

bool Disk::is_crashed() const {
    return state_->is_crashed;
}

void Disk::call_off_crash() {
    state_->crash_at = 0;
}

void Disk::restart() {
    const bool is_power_lost = state_->is_crashed && state_->ending == Ending::power;
    state_->has_torn_pages = std::exchange(state_->is_page_halved, false);
    for (auto each = state_->files.begin(); each != state_->files.end();) {
        File& file = *each->second;
        REVIEWD_ASSERT(file.handles == 0);
        if (is_power_lost && !file.is_name_synced && state_->random.chance(0.5)) {
            each = state_->files.erase(each);
            continue;
        }
        if (is_power_lost) {
            state_->has_torn_pages |= !is_log(each->first) && !file.unsynced.empty();
            lose_power(file, state_->random);
        }
        // What the next process reads is what the disk has; the system writes it back in time.
        file.unsynced.clear();
        file.synced_size = file.bytes.size();
        file.is_name_synced = true;
        ++each;
    }
    state_->is_crashed = false;
    state_->crash_at = 0;
    state_->is_sync_to_fail = false;
    state_->has_failed_sync = false;
}

void Disk::set_room(Room room) {
    state_->room = room;
}

void Disk::fail_next_sync() {
    state_->is_sync_to_fail = true;
    state_->has_failed_sync = false;
}

bool Disk::has_failed_sync() const {
    return state_->has_failed_sync;
}

bool Disk::has_torn_pages() const {
    return state_->has_torn_pages;
}

bool Disk::is_synced() const {
    // The file of the database itself is written at checkpoints only, from what the log keeps.
    return std::all_of(state_->files.begin(), state_->files.end(), [](const auto& named) {
        return !is_log(named.first) || named.second->unsynced.empty();
    });
}

std::int64_t Disk::operations() const {
    return state_->operations;
}

std::int64_t Disk::bytes() const {
    std::size_t bytes = 0;
    for (const auto& [name, file] : state_->files) {
        bytes += file->bytes.size();
    }
    return static_cast<std::int64_t>(bytes);
}

std::int64_t Disk::largest_log_bytes() const {
    return state_->largest_log_bytes;
}

} // namespace reviewd::simulation
