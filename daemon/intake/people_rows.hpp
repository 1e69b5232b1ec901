#pragma once

#include "config/loader/settings.hpp"
#include "scoring/base/result.hpp"
#include "scoring/rules/table.hpp"

#include <string>
#include <vector>

namespace reviewd::intake {

/// A good row of a file of people, as far as checks of who is who need it.
struct PersonRow {
    std::string key;
    std::string email;   ///< may be empty
    std::string manager; ///< key of a person; may be empty
    std::string file;
    int line = 0;
    std::string region{};   ///< may be empty
    std::string language{}; ///< may be empty
};

/// Reads the good rows of all sources of people; bad ones are left to the import, which reports
/// them. Reads files only.
/// @errors those of the first file that cannot be read
[[nodiscard]] Result<std::vector<PersonRow>> read_people_rows(
    const config::Settings& settings, const rules::Schema& schema
);

/// Keys of the people who own accounts, by the owner column of the sources of accounts; at most
/// `limit` rows of each are looked at.
/// @errors as above
[[nodiscard]] Result<std::vector<std::string>> read_owner_keys(
    const config::Settings& settings, const rules::Schema& schema, int limit
);

} // namespace reviewd::intake
