#include "daemon/service/weekly_reports.hpp"

#include "daemon/service/usefulness.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reviewd::service {
namespace {

std::string marker_of(const PersonProfile& manager) {
    return fmt::format("week.{}", manager.id.value);
}

} // namespace

std::vector<const PersonProfile*> WeeklyReports::managers() const {
    std::set<const PersonProfile*> found;
    for (const PersonProfile& person : context_.people->all()) {
        const auto above = context_.people->managers_of(person.id);
        found.insert(above.begin(), above.end());
    }
    return {found.begin(), found.end()};
}

WeeklyReports::Week WeeklyReports::week_of(const PersonProfile& manager, TimePoint now) const {
    const auto text = store::Markers{context_.database}.find(marker_of(manager));
    const Result<Date> last = parse_date(text.value_or(""));
    return {
        review::weekly_report_due(
            manager.attention(),
            *context_.settings().reminders.weekly_report,
            last.has_value() ? std::optional{*last} : std::nullopt,
            now
        ),
        !text};
}

bool WeeklyReports::plan(const PersonProfile& manager, TimePoint now) {
    const auto [week, is_first] = week_of(manager, now);
    if (!week) {
        return false;
    }
    store::Markers{context_.database}.set(marker_of(manager), to_string(*week));
    if (is_first) {
        return false;
    }
    for (const std::string& channel : manager.channels) {
        store::NoticePlan plan;
        plan.kind = "week";
        plan.dedupe = fmt::format("week/{}/{}/{}", to_string(*week), manager.id.value, channel);
        plan.channel = channel;
        plan.person = manager.id;
        // The morning itself, not this moment: the same whenever it is planned.
        plan.not_before = manager.is_reminded_at(now)
                              ? manager.zone.moment(manager.today(now), manager.remind_at)
                              : review::next_morning(manager.attention(), now);
        plan.expires_at = given_up_at(context_, manager, plan.not_before, now);
        store::Outbox{context_.database}.plan_notice(plan, now);
    }
    return true;
}

Result<bool> WeeklyReports::step(TimePoint now) {
    if (!context_.settings().reminders.weekly_report || !look_.is_due(now)) {
        return false;
    }
    const std::vector<const PersonProfile*> all = managers();
    const auto work = [&]() -> Result<bool> {
        bool has_planned = false;
        for (const PersonProfile* manager : all) {
            has_planned = plan(*manager, now) || has_planned;
        }
        return has_planned;
    };
    // On most looks nobody's week is over: then nothing is written.
    const bool is_due = std::any_of(all.begin(), all.end(), [&](const PersonProfile* manager) {
        return week_of(*manager, now).due.has_value();
    });
    const Result<bool> planned =
        is_due ? store::write(context_.database, work) : Result<bool>{false};
    if (planned.has_value()) {
        look_.note(all, now);
    }
    return planned;
}

} // namespace reviewd::service
