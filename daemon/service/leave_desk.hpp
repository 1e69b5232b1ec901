#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/scheduler.hpp"
#include "daemon/store/leaves.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// Days on which people are away, given by command; those out of `.ics` files stay in their files.
/// A change is in force at once, and the plans of those it concerns are looked at again.
class LeaveDesk {
public:
    LeaveDesk(Context& context, Scheduler& scheduler) : context_(context), scheduler_(scheduler) {}

    struct Wanted {
        std::string person; ///< key, name or a part of it
        Date first{};
        Date last{};
        std::string because; ///< may be empty
    };
    /// @errors `not_found`, `conflict` for the person; `usage` for days the wrong way round, over
    /// already, or more than two years
    [[nodiscard]] Result<store::Leave> add(const Wanted& wanted, const Actor& actor, TimePoint now);
    /// Leave that has days in common with another one of the same person.
    struct Overlap {
        std::optional<std::int64_t> id; ///< absent: of a file
        Date first{};
        Date last{};
    };
    /// What of the person's reviews lies in a leave, by due day.
    struct Inside {
        std::vector<ReviewId> appointments;
        std::vector<ReviewId> contacts; ///< others that an urgent trigger wants by one of its days
        const PersonProfile* other = nullptr; ///< who takes what is urgent; null: nobody is there
        /// The first working day on which something urgent would wait for the person to be back,
        /// though a trigger wants it taken by somebody else; absent: somebody is there on each.
        std::optional<Date> alone_on;
        std::vector<Overlap> overlaps;
    };
    [[nodiscard]] Inside inside(const store::Leave& leave, TimePoint now) const;
    /// @returns what was taken back. @errors `not_found`
    [[nodiscard]] Result<store::Leave> remove(
        std::int64_t leave, const Actor& actor, TimePoint now
    );
    /// In force, that of past days too, by person and day. @param person empty: everybody
    /// @errors `not_found`, `conflict` for the person
    [[nodiscard]] Result<std::vector<store::Leave>> list(const std::string& person) const;
    /// Out of a file of `leave:`.
    struct Filed {
        std::string person; ///< key; empty: everybody, by their defaults
        std::string name;
        Date first{};
        Date last{};
    };
    /// An event that recurs fills the calendar to its end: a year of it is enough to look at.
    struct FiledYear {
        std::vector<Filed> leave; ///< that of everybody first, then by person and day
        Date until{};             ///< what begins later is not in it
        std::int64_t later = 0;   ///< so many begin later
    };
    /// Those that are not over and begin within a year. @param person theirs, with what is
    /// everybody's; empty: of all, and what is everybody's once
    /// @errors `not_found`, `conflict` for the person
    [[nodiscard]] Result<FiledYear> list_filed(const std::string& person, TimePoint now) const;

private:
    [[nodiscard]] Result<std::string> key_of(const std::string& person) const;
    void take_effect();

    Context& context_;
    Scheduler& scheduler_;
};

} // namespace reviewd::service
