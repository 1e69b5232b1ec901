#include "daemon/review/zone.hpp"

#include "scoring/base/shortage.hpp"

#include <fmt/format.h>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <cctz/zone_info_source.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace reviewd::review {

struct Zone::Data {
    std::string name;
    std::string edition; ///< of its file; empty: UTC, of no file
    cctz::time_zone zone;
    std::shared_ptr<const std::string> file; ///< of many people the same; null: of no file
};

namespace {

TimePoint from_cctz(cctz::time_point<cctz::seconds> time) {
    return TimePoint{std::chrono::seconds{time.time_since_epoch().count()}};
}

cctz::civil_second civil(Date day, std::chrono::minutes local) {
    return cctz::civil_second(cctz::civil_day() + to_day_number(day)) + 60 * local.count();
}

cctz::time_zone::absolute_lookup lookup(const cctz::time_zone& zone, TimePoint time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
    return zone.lookup(cctz::time_point<cctz::seconds>(cctz::seconds{seconds.count()}));
}

using ZoneFile = std::unique_ptr<cctz::ZoneInfoSource>;
using OpenZoneFile = std::function<ZoneFile(const std::string&)>;

/// The library keeps every zone that it ever read by its name, as long as the process lives. So
/// that an update comes in all the same, a zone is asked for as "Europe/London@edition".
constexpr char edition_mark = '@';

/// A zone's file as it was read. What identifies its state is empty where there is no such file.
struct ZoneText {
    std::string bytes;
    std::string edition;
    bool is_short = false; ///< it could not be opened for want of descriptors or memory
};

/// Gives the library bytes that were read already. It remembers for ever that a zone could not be
/// read, so it must not be the one that finds no descriptor left.
class ReadZone : public cctz::ZoneInfoSource {
public:
    explicit ReadZone(const std::string& bytes) : bytes_(bytes) {}
    std::size_t Read(void* into, std::size_t size) override {
        const std::size_t given = std::min(size, bytes_.size() - at_);
        std::memcpy(into, bytes_.data() + at_, given);
        at_ += given;
        return given;
    }
    int Skip(std::size_t size) override {
        at_ += std::min(size, bytes_.size() - at_);
        return 0;
    }

private:
    const std::string& bytes_;
    std::size_t at_ = 0;
};

/// How the library opens files of the tz database, wherever that is. Written once, by
/// hook_into_library(): several threads read it.
OpenZoneFile& library_opens() {
    static OpenZoneFile open;
    return open;
}

/// What this thread has the library load now; null: what it finds by the name.
const std::string*& bytes_to_load() {
    thread_local const std::string* bytes = nullptr;
    return bytes;
}

ZoneFile open_without_edition(const std::string& name, const OpenZoneFile& open) {
    static std::once_flag is_learnt;
    std::call_once(is_learnt, [&open] { library_opens() = open; });
    if (bytes_to_load() != nullptr) {
        return std::make_unique<ReadZone>(*bytes_to_load());
    }
    return open(name.substr(0, name.find(edition_mark)));
}

/// Reads zones through `open_without_edition` from now on, and learns how the library opens files.
void hook_into_library() {
    cctz_extension::zone_info_source_factory = open_without_edition;
    cctz::time_zone ignored;
    static_cast<void>(cctz::load_time_zone(std::string{"none"} + edition_mark, &ignored));
}

/// What tells one state of a file from another.
std::string edition_of(const std::string& bytes) {
    constexpr std::uint64_t offset = 14695981039346656037U;
    constexpr std::uint64_t prime = 1099511628211U;
    std::uint64_t hash = offset;
    for (const char byte : bytes) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * prime;
    }
    return fmt::format("{:016x}", hash);
}

/// Once for the process.
bool is_hooked_into_library() {
    static const bool is_hooked = (hook_into_library(), true);
    return is_hooked;
}

/// A zone's file as it is now.
struct FileNow {
    std::optional<std::string> bytes; ///< nothing: there is none, or it cannot be opened
    bool is_short = false;            ///< for want of descriptors or memory
};

FileNow read_file(const std::string& name) {
    errno = 0;
    const ZoneFile file =
        is_hooked_into_library() && library_opens() ? library_opens()(name) : nullptr;
    if (!file) {
        return {std::nullopt, is_shortage(errno)};
    }
    std::string bytes;
    std::array<char, 1024> piece{};
    while (const std::size_t size = file->Read(piece.data(), piece.size())) {
        bytes.append(piece.data(), size);
    }
    return {std::move(bytes), false};
}

ZoneText read_zone(const std::string& name) {
    FileNow file = read_file(name);
    if (!file.bytes) {
        return {{}, {}, file.is_short};
    }
    std::string edition = edition_of(*file.bytes);
    return {*std::move(file.bytes), std::move(edition), false};
}

bool load_edition(const std::string& name, const ZoneText& text, cctz::time_zone* zone) {
    bytes_to_load() = is_hooked_into_library() ? &text.bytes : nullptr;
    const bool is_loaded = cctz::load_time_zone(name + edition_mark + text.edition, zone);
    bytes_to_load() = nullptr;
    return is_loaded;
}

/// The state in which each zone was loaded last.
class LastEditions {
public:
    struct Edition {
        std::string name; ///< empty: never
        std::shared_ptr<const std::string> file;
    };

    /// @returns that edition, with the file that is kept of it already if it is the last one
    Edition remember(const std::string& zone, const ZoneText& text) {
        const std::lock_guard guard{mutex_};
        Edition& last = editions_[zone];
        if (last.name != text.edition) {
            last = {text.edition, std::make_shared<const std::string>(text.bytes)};
        }
        return last;
    }
    [[nodiscard]] Edition find(const std::string& zone) {
        const std::lock_guard guard{mutex_};
        const auto found = editions_.find(zone);
        return found == editions_.end() ? Edition{} : found->second;
    }

private:
    std::mutex mutex_;
    std::map<std::string, Edition> editions_;
};

LastEditions& last_editions() {
    static LastEditions editions;
    return editions;
}

/// The database is a folder of files and a name is a path in it: only names that stay inside pass.
bool is_plain_name(const std::string& name) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || c == '_' || c == '-' || c == '+' || c == '/';
    };
    return !name.empty() && name.size() <= 64 && name.front() != '/'
           && std::all_of(name.begin(), name.end(), is_allowed);
}

} // namespace

Zone::Zone() : data_(std::make_shared<const Data>(Data{"UTC", {}, cctz::utc_time_zone(), {}})) {}

Result<Zone> Zone::load(const std::string& name) {
    const ZoneText text = is_plain_name(name) ? read_zone(name) : ZoneText{};
    Data data{name, text.edition, cctz::utc_time_zone(), {}};
    bool is_loaded = !text.edition.empty() && load_edition(name, text, &data.zone);
    if (is_loaded) {
        data.file = last_editions().remember(name, text).file;
    }
    if (text.is_short) {
        // As it was read last: the library has that, and opens nothing.
        const LastEditions::Edition last = last_editions().find(name);
        data.edition = last.name;
        data.file = last.file;
        if (data.edition.empty()) {
            return fail(
                ErrorCode::try_later,
                fmt::format(
                    "the time zone `{}` cannot be read now, for want of descriptors or memory", name
                )
            );
        }
        is_loaded = cctz::load_time_zone(name + edition_mark + data.edition, &data.zone);
    }
    if (!is_loaded) {
        return fail(
            ErrorCode::bad_data,
            fmt::format("no time zone `{}` (expected an IANA name such as Europe/London)", name)
        );
    }
    return Zone{std::make_shared<const Data>(std::move(data))};
}

Result<Zone> Zone::from_file(const std::string& name, const std::string& file) {
    const ZoneText text{file, edition_of(file)};
    Data data{name, text.edition, cctz::utc_time_zone(), std::make_shared<const std::string>(file)};
    if (!is_plain_name(name) || !load_edition(name, text, &data.zone)) {
        return fail(ErrorCode::bad_data, fmt::format("this is no file of the zone `{}`", name));
    }
    return Zone{std::make_shared<const Data>(std::move(data))};
}

const std::string& Zone::name() const {
    return data_->name;
}

const std::string& Zone::edition() const {
    return data_->edition;
}

const std::string& Zone::file() const {
    static const std::string none;
    return data_->file ? *data_->file : none;
}

bool Zone::is_current() const {
    if (!data_->file) {
        return true;
    }
    const FileNow now = read_file(data_->name);
    return now.is_short || now.bytes == *data_->file;
}

bool Zone::is_same(const Zone& other) const {
    return data_->name == other.data_->name && data_->edition == other.data_->edition;
}

Date Zone::civil_day(TimePoint time) const {
    const cctz::civil_day day(lookup(data_->zone, time).cs);
    return from_day_number(static_cast<int>(day - cctz::civil_day()));
}

std::chrono::minutes Zone::local_time(TimePoint time) const {
    const cctz::civil_second shown = lookup(data_->zone, time).cs;
    return std::chrono::hours{shown.hour()} + std::chrono::minutes{shown.minute()};
}

TimePoint Zone::moment(Date day, std::chrono::minutes local) const {
    // `pre` uses the offset before the change: in a gap that is later by the gap, in an overlap it
    // is the first of the two.
    return from_cctz(data_->zone.lookup(civil(day, local)).pre);
}

TimePoint Zone::start_of(Date day) const {
    const auto found = data_->zone.lookup(civil(day, std::chrono::minutes{0}));
    const bool is_gap = found.kind == cctz::time_zone::civil_lookup::SKIPPED;
    return from_cctz(is_gap ? found.trans : found.pre);
}

} // namespace reviewd::review
