#include "daemon/service/weekly_reports.hpp"

#include "daemon/store/markers.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reviewd::service {

std::vector<const PersonProfile*> WeeklyReports::managers() const {
    std::set<const PersonProfile*> found;
    for (const PersonProfile& person : context_.people->all()) {
        if (person.is_active) {
            const auto above = context_.people->managers_of(person.id);
            found.insert(above.begin(), above.end());
        }
    }
    return {found.begin(), found.end()};
}

bool WeeklyReports::plan(const PersonProfile& manager, TimePoint now) {
    store::Markers markers{context_.database};
    const std::string marker = fmt::format("week.{}", manager.id.value);
    const auto text = markers.find(marker);
    const Result<Date> last = parse_date(text.value_or(""));
    const std::optional<Date> week = review::weekly_report_due(
        manager.attention(),
        *context_.settings().reminders.weekly_report,
        last.has_value() ? std::optional{*last} : std::nullopt,
        now
    );
    if (!week) {
        return false;
    }
    markers.set(marker, to_string(*week));
    if (!text) {
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
        plan.expires_at = plan.not_before + context_.settings().retry.give_up_after;
        store::Outbox{context_.database}.plan_notice(plan, now);
    }
    return true;
}

Result<bool> WeeklyReports::step(TimePoint now) {
    if (!context_.settings().reminders.weekly_report || (next_ && now < *next_)) {
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
    const Result<bool> planned = store::write(context_.database, work);
    if (planned.has_value()) {
        next_ = now + std::chrono::hours{24};
        for (const PersonProfile* manager : all) {
            const TimePoint morning =
                review::next_morning(manager->attention(), now + std::chrono::milliseconds{1});
            next_ = std::min(*next_, morning);
        }
    }
    return planned;
}

} // namespace reviewd::service
