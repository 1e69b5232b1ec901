#pragma once

#include "config/loader/settings.hpp"
#include "daemon/intake/people_rows.hpp"
#include "daemon/message/templates.hpp"
#include "scoring/base/diagnostic.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::app {

/// What is wrong with an address for a channel, or an empty text.
using AddressCheck = std::function<std::string(std::string_view channel, std::string_view address)>;

/// Who is who in configuration and people table together, as warnings: a manager or substitute that
/// nobody knows, managers in a circle, somebody who stands in for themselves, a region without
/// holidays, and an owner whom no channel reaches. Each at the key that says it, else at the row.
/// Data change daily, so none of these is an error.
/// @param owners keys of the people who own accounts
[[nodiscard]] Diagnostics check_people(
    const config::Settings& settings,
    const std::vector<intake::PersonRow>& rows,
    const std::vector<std::string>& owners,
    const AddressCheck& check_address
);

/// Languages of company and people that templates are missing in, as warnings at the first place
/// that names each: English is sent.
[[nodiscard]] Diagnostics check_languages(
    const config::Settings& settings,
    const std::vector<intake::PersonRow>& rows,
    const message::Templates& templates
);

/// Both with the files that the sources name; one warning in place of all when a file is not
/// there or cannot be read.
[[nodiscard]] Diagnostics check_people_of(
    const config::Settings& settings,
    const rules::Schema& schema,
    const message::Templates& templates
);

} // namespace reviewd::app
