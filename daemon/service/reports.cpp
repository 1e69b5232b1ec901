#include "daemon/service/reports.hpp"

#include "daemon/service/stand_ins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

namespace reviewd::service {
namespace {

constexpr std::chrono::days usual_period{90};

void add(store::CoverageRow& sum, const store::CoverageRow& row) {
    sum.accounts += row.accounts;
    sum.never_reviewed += row.never_reviewed;
    sum.planned += row.planned;
    sum.overdue += row.overdue;
    sum.done += row.done;
    sum.done_without_answers += row.done_without_answers;
    sum.missed += row.missed;
    sum.skipped += row.skipped;
    sum.attempts += row.attempts;
}

std::vector<CoverageLine> grouped(
    const std::vector<store::CoverageRow>& rows,
    const std::function<std::string(const store::ReportGroup&)>& name_of
) {
    std::map<std::string, store::CoverageRow> sums;
    for (const store::CoverageRow& row : rows) {
        add(sums[name_of(row.group)], row);
    }
    std::vector<CoverageLine> lines;
    for (const auto& [name, sum] : sums) {
        lines.push_back({name, sum, {}});
    }
    return lines;
}

/// Overdue with whoever stands in, though the day of the owner, who is away, is still to come.
std::vector<ReviewId> late_elsewhere(const Context& context, TimePoint now) {
    std::vector<ReviewId> late;
    for (const StoodIn& one : stood_in_reviews(context, now)) {
        if (one.by.is_late) {
            late.push_back(one.review.id);
        }
    }
    return late;
}

/// Names beside the keys.
void add_owner_names(const People& people, std::vector<CoverageLine>& by_owner) {
    for (CoverageLine& line : by_owner) {
        const PersonProfile* owner = people.find(line.name);
        line.owner_name = owner == nullptr ? std::string{} : owner->name;
    }
}

std::vector<FriendlyLine> with_owners(
    const People& people, const std::vector<store::FriendlyRow>& rows
) {
    std::vector<FriendlyLine> lines;
    lines.reserve(rows.size());
    for (const store::FriendlyRow& row : rows) {
        const PersonProfile& owner = people.owner(row.owner);
        lines.push_back({row, owner.key, owner.name});
    }
    return lines;
}

/// Levels in their order, then those that the rules no longer know.
std::size_t rank_of(const rules::RuleSet& rules, const std::string& level) {
    for (std::size_t i = 0; i < rules.levels.size(); ++i) {
        if (rules.levels[i].name == level) {
            return i;
        }
    }
    return rules.levels.size();
}

/// The question whose answers say how content a customer is, and the one about value.
std::string question_of_topic(const config::Agenda& agenda, std::string_view topic) {
    for (const config::Question& question : agenda.questions) {
        if (question.topic == topic) {
            return question.id;
        }
    }
    return std::string{topic};
}

/// What is still to come was not done yet: its zeros would read as a bad result.
Result<void> check_period(const Report& report) {
    const std::string to = to_string(report.to);
    if (report.to > report.today) {
        return fail(
            ErrorCode::usage,
            fmt::format(
                "a report ends today, {}, at the latest, not on {}", to_string(report.today), to
            )
        );
    }
    if (report.from > report.to) {
        return fail(
            ErrorCode::usage,
            fmt::format("the report ends ({}) before it begins ({})", to, to_string(report.from))
        );
    }
    return {};
}

} // namespace

Result<Report> make_report(
    const Context& context, std::optional<Date> from, std::optional<Date> to, TimePoint now
) {
    const Date today = context.company_day(now);
    Report report;
    report.today = today;
    report.to = to.value_or(today);
    report.from = from.value_or(report.to - usual_period);
    const Result<void> checked = check_period(report);
    if (!checked.has_value()) {
        return checked.error();
    }
    const rules::RuleSet& rules = context.rules();
    store::ReportRows rows{context.database};
    const auto coverage = rows.coverage(
        {report.from,
         report.to,
         context.people->zone().moment(report.from, {}),
         context.people->zone().moment(report.to + std::chrono::days{1}, {})},
        today,
        late_elsewhere(context, now)
    );
    for (const store::CoverageRow& row : coverage) {
        add(report.all.sum, row);
    }
    report.by_owner = grouped(coverage, [&](const store::ReportGroup& group) {
        return context.people->owner(group.owner).key;
    });
    add_owner_names(*context.people, report.by_owner);
    report.by_level =
        grouped(coverage, [](const store::ReportGroup& group) { return group.level; });
    const auto by_rank = [&](const auto& a, const auto& b) {
        return rank_of(rules, a) < rank_of(rules, b);
    };
    std::stable_sort(
        report.by_level.begin(),
        report.by_level.end(),
        [&](const CoverageLine& a, const CoverageLine& b) { return by_rank(a.name, b.name); }
    );
    report.by_segment =
        grouped(coverage, [](const store::ReportGroup& group) { return group.segment; });
    report.revenue = rows.revenue(report.to);
    std::stable_sort(
        report.revenue.begin(),
        report.revenue.end(),
        [&](const store::RevenueRow& a, const store::RevenueRow& b) {
            return by_rank(a.level, b.level);
        }
    );
    const config::Agenda& agenda = *context.configuration.agenda;
    const std::string content = question_of_topic(agenda, "satisfaction");
    const std::string value = question_of_topic(agenda, "value");
    report.friendly = with_owners(
        *context.people,
        rows.friendly({content, value, friendly_satisfaction, add_months(report.to, -18)})
    );
    return report;
}

} // namespace reviewd::service
