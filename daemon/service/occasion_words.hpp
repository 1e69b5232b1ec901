#pragma once

#include "daemon/message/digest.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/occasions.hpp"

#include <functional>
#include <string>
#include <vector>

namespace reviewd::service {

/// What people read of an occasion. A row that only its product tells from others is told by the
/// product's name: nobody knows a purchase by its key.
/// @param show_day how a day is written
[[nodiscard]] message::Cause cause_of(
    const Context& context,
    const store::Occasion& occasion,
    const std::string& language,
    const std::function<std::string(Date)>& show_day
);

/// Those that are still a reason, the most urgent first, as a JSON array of texts in English:
/// Review::reasons.
[[nodiscard]] std::string reasons_json(
    const Context& context, std::vector<store::Occasion> live, PersonId owner
);

/// What of the reasons of a review is another one than before; their order is none.
struct ReasonsChange {
    std::vector<std::string> come, ended;
};
/// @param before,after as reasons_json gives them
[[nodiscard]] ReasonsChange compare_reasons(const std::string& before, const std::string& after);

} // namespace reviewd::service
