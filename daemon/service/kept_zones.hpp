#pragma once

#include "daemon/review/zone.hpp"
#include "daemon/store/connection.hpp"
#include "scoring/base/id.hpp"

#include <map>
#include <string>
#include <vector>

namespace reviewd::service {

/// In which zone each person's planned messages are timed, as the database keeps it: with the rules
/// of the zone, for after an update of the tz database nobody else knows what was meant by a moment
/// that was planned before it.
class KeptZones {
public:
    /// As write() left it; empty when it never did.
    [[nodiscard]] static KeptZones read(store::Connection& connection);

    /// Null when nothing is known of that person.
    [[nodiscard]] const review::Zone* find(PersonId person) const;
    void set(PersonId person, const review::Zone& zone) { zones_.insert_or_assign(person, zone); }

    /// Whether the database keeps the same: told by the names of the zones and their editions,
    /// without a look at their rules.
    [[nodiscard]] bool is_kept(store::Connection& connection) const;

    /// Replaces what was kept, in the caller's transaction. Writes nothing when that is the same.
    void write(store::Connection& connection) const;

private:
    struct Group {
        review::Zone zone;
        std::vector<PersonId> people;
    };
    using Groups = std::map<std::string, Group>; ///< by name and edition
    [[nodiscard]] Groups groups() const;
    [[nodiscard]] static std::string text_of(const Groups& groups);

    std::map<PersonId, review::Zone> zones_;
};

} // namespace reviewd::service
