#include "daemon/service/silence.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace reviewd::service {
namespace {

/// One of the details of an event; empty where an old one does not say it.
std::string detail_of(const store::ReviewEvent& event, std::string_view name) {
    const auto document = boost::json::parse(event.details);
    const auto* const told = document.as_object().if_contains(name);
    return told == nullptr ? std::string{} : std::string{told->as_string()};
}

std::optional<Date> day_of(const store::ReviewEvent& event, std::string_view name) {
    const Result<Date> day = parse_date(detail_of(event, name));
    return day.has_value() ? std::optional{*day} : std::nullopt;
}

bool ends_silence(const store::ReviewEvent& event) {
    const bool is_talk = event.what == "contacted" && detail_of(event, unmoved_detail).empty();
    return is_talk || event.what == "appointment" || event.what == "rescheduled";
}

} // namespace

Silence silence_of(const std::vector<store::ReviewEvent>& events) {
    Silence silence;
    for (const store::ReviewEvent& event : events) {
        if (event.what == "not-mine") {
            silence.is_disowned = true;
        } else if (event.what == "reassigned") {
            silence.is_disowned = false;
        } else if (event.what == "attempt") {
            silence = {false, true, day_of(event, "next_try")};
        } else if (event.what == "snoozed") {
            silence = {false, false, day_of(event, "until")};
        } else if (ends_silence(event)) {
            silence = {};
        }
    }
    return silence;
}

} // namespace reviewd::service
