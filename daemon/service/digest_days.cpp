#include "daemon/service/digest_days.hpp"

#include "daemon/store/markers.hpp"

#include <fmt/format.h>

namespace reviewd::service {
namespace {

std::string marker_of(const PersonProfile& person) {
    return fmt::format("digest.{}", person.id.value);
}

} // namespace

std::optional<Date> last_digest_day(Context& context, const PersonProfile& person) {
    const auto text = store::Markers{context.database}.find(marker_of(person));
    const Result<Date> day = parse_date(text.value_or(""));
    return day.has_value() ? std::optional{*day} : std::nullopt;
}

void remember_digest_day(Context& context, const PersonProfile& person, Date day) {
    store::Markers{context.database}.set(marker_of(person), to_string(day));
}

} // namespace reviewd::service
