#pragma once

#include "scoring/base/date.hpp"
#include "scoring/base/result.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace reviewd::review {

/// A time zone of the installed tz database, for turning moments into civil days and back.
///
/// One rule for local times that do not map to one moment: a time inside a gap is shifted forward
/// by the gap (02:30 that does not exist happens at 03:30), and of a time that exists twice the
/// first occurrence counts. A day that was skipped as a whole happens on the next one, by the same
/// rule. Copies are cheap.
///
/// A zone keeps the rules that its file had when it was loaded; one that is loaded after an update
/// of the tz database has the new ones, in a running process too.
class Zone {
public:
    /// UTC.
    Zone();

    /// @param name an IANA name such as "Europe/London"
    /// @errors `bad_data` for a name that is not in the database; `try_later` when its file cannot
    /// be opened for want of descriptors or memory, and this process never read it before
    [[nodiscard]] static Result<Zone> load(const std::string& name);
    /// A zone as its file() was once, whatever the tz database has by that name now.
    /// @errors `bad_data` when that is no such file
    [[nodiscard]] static Result<Zone> from_file(const std::string& name, const std::string& file);

    [[nodiscard]] const std::string& name() const;
    /// Tells one state of the zone's file from another. Empty: UTC, of no file.
    [[nodiscard]] const std::string& edition() const;
    /// The bytes of the file that it was loaded from.
    [[nodiscard]] const std::string& file() const;
    /// Whether the tz database still has the file that this zone was loaded from. Asks the system;
    /// for want of descriptors or memory it is taken for the same.
    [[nodiscard]] bool is_current() const;
    /// Whether both were loaded from one file in one state.
    [[nodiscard]] bool is_same(const Zone& other) const;

    /// The civil day that is shown on a calendar in this zone at `time`.
    [[nodiscard]] Date civil_day(TimePoint time) const;
    /// Time since the last midnight that a clock on the wall shows at `time`.
    [[nodiscard]] std::chrono::minutes local_time(TimePoint time) const;
    /// The moment of `local` (00:00 … 23:59) on `day`, by the rule above.
    [[nodiscard]] TimePoint moment(Date day, std::chrono::minutes local) const;
    /// The moment at which `day` begins, even where midnight does not exist.
    [[nodiscard]] TimePoint start_of(Date day) const;

private:
    struct Data;
    explicit Zone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
    std::shared_ptr<const Data> data_;
};

} // namespace reviewd::review
