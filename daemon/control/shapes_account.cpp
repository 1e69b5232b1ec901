// Shapes of what surrounds a review: the rest of the call sheet, the trail and the report.

#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <cmath>

namespace reviewd::control {

namespace {

namespace json = boost::json;

template <class Lines, class Shape>
json::array list_of(const Lines& lines, const Shape& shape) {
    json::array array;
    for (const auto& line : lines) {
        array.push_back(shape(line));
    }
    return array;
}

json::object line_json(const service::CoverageLine& line) {
    const store::CoverageRow& sum = line.sum;
    return json::object{
        {"name", text_or_null(line.name)},
        {"accounts", sum.accounts},
        {"never_reviewed", sum.never_reviewed},
        {"planned", sum.planned},
        {"overdue", sum.overdue},
        {"done", sum.done},
        {"done_without_answers", sum.done_without_answers},
        {"missed", sum.missed},
        {"skipped", sum.skipped},
        {"attempts", sum.attempts},
    };
}

json::object owner_line_json(const service::CoverageLine& line) {
    json::object object = line_json(line);
    object["owner_name"] = text_or_null(line.owner_name);
    return object;
}

std::string_view name(store::Outcomes::Likeness likeness) {
    using Likeness = store::Outcomes::Likeness;
    return likeness == Likeness::segment_and_size ? "segment and size"
           : likeness == Likeness::segment        ? "segment"
                                                  : "size";
}

json::value share(std::int64_t part, std::int64_t whole) {
    if (whole == 0) {
        return nullptr;
    }
    constexpr double places = 1000;
    return std::round(places * static_cast<double>(part) / static_cast<double>(whole)) / places;
}

} // namespace

namespace {

void add_property(json::object& object, const service::CallSheet& sheet) {
    object["owned"] = list_of(sheet.owned, [](const service::OwnedLine& line) {
        return json::object{
            {"product", line.product}, {"name", line.name}, {"bought", to_string(line.bought)}};
    });
    object["contracts"] = list_of(sheet.contracts, [](const service::ContractLine& line) {
        return json::object{
            {"key", line.contract.key},
            {"product", text_or_null(line.contract.product)},
            {"name", text_or_null(line.name)},
            {"start", to_json(line.contract.start)},
            {"end", to_json(line.contract.end)},
        };
    });
    object["ageing"] = list_of(sheet.ageing, [](const service::AgeingLine& line) {
        return json::object{
            {"product", line.product},
            {"name", line.name},
            {"need", line.need},
            {"bought", to_string(line.bought)},
            {"end", to_string(line.end)},
        };
    });
}

} // namespace

void add_call_sheet(json::object& object, const service::CallSheet& sheet) {
    object["occasions"] = list_of(sheet.occasions, [](const service::OccasionLine& line) {
        return json::object{
            {"trigger", line.trigger},
            {"kind", text_or_null(line.kind)},
            {"text", line.text},
            {"state", line.state},
            {"happened", to_string(line.happened)},
            {"noticed", to_string(line.noticed)},
            {"contact_by", to_json(line.contact_by)},
        };
    });
    object["missing"] = list_of(sheet.missing, [](const service::MissingFact& fact) {
        return json::object{
            {"fact", fact.fact},
            {"rule", fact.rule},
            {"would_change_level", fact.would_change_level},
        };
    });
    add_property(object, sheet);
    object["known_problems"] = list_of(sheet.known_problems, [](const auto& problem) {
        return json::object{
            {"product", problem.product},
            {"name", problem.name},
            {"problem", problem.problem},
            {"fix", problem.fix}};
    });
    object["value_points"] = list_of(sheet.value_points, [](const auto& point) {
        return json::object{
            {"account", point.account},
            {"text", point.text},
            {"day", to_string(point.day)},
            {"alike_in", name(point.likeness)}};
    });
    object["parent"] = nullptr;
    if (sheet.parent) {
        object["parent"] = json::object{{"key", sheet.parent->key}, {"name", sheet.parent->name}};
    }
    object["subsidiaries"] = list_of(sheet.subsidiaries, [](const auto& account) {
        return json::object{
            {"key", account.key}, {"name", account.name}, {"due", to_json(account.due)}};
    });
    object["contacts_logged"] = list_of(sheet.contacts_logged, [](const auto& contact) {
        return json::object{
            {"day", to_string(contact.day)},
            {"who", contact.who},
            {"note", text_or_null(contact.note)}};
    });
    object["last_talk"] = nullptr;
    if (sheet.last_talk) {
        object["last_talk"] = json::object{
            {"day", to_string(sheet.last_talk->day)},
            {"kind", text_or_null(sheet.last_talk->kind)},
            {"who", text_or_null(sheet.last_talk->who)},
            {"note", text_or_null(sheet.last_talk->note)}};
    }
    object["draft"] = nullptr;
    if (sheet.draft) {
        object["draft"] = json::object{
            {"to", text_or_null(sheet.draft->to)},
            {"subject", sheet.draft->subject},
            {"text", sheet.draft->text}};
    }
}

json::object merge_json(const service::AccountDesk::Merge& merge) {
    json::object moves;
    for (const auto& [what, count] : merge.moves) {
        moves[what] = count;
    }
    return json::object{
        {"from", account_json(merge.from)},
        {"into", account_json(merge.into)},
        {"ends", merge.ends.id.value},
        {"moves", std::move(moves)},
    };
}

json::object trail_json(const store::TrailEntry& entry) {
    boost::system::error_code error;
    json::value details = json::parse(entry.details, error);
    const json::value review =
        entry.review ? json::value(entry.review.value) : json::value(nullptr);
    return json::object{
        {"at", to_string(entry.at)},
        {"who", entry.who},
        {"origin", entry.from},
        {"what", entry.what},
        {"details", error ? json::value(json::object{}) : std::move(details)},
        {"review", review},
        {"account", text_or_null(entry.account)},
    };
}

json::object report_json(const service::Report& report, const config::Settings& settings) {
    const double minor = std::pow(10.0, settings.company.minor_digits);
    json::object object{
        {"from", to_string(report.from)},
        {"to", to_string(report.to)},
        {"today", to_string(report.today)},
        {"currency", settings.company.currency},
        {"minor_digits", settings.company.minor_digits},
        {"all", line_json(report.all)},
        {"by_owner", list_of(report.by_owner, owner_line_json)},
        {"by_level", list_of(report.by_level, line_json)},
        {"by_segment", list_of(report.by_segment, line_json)},
    };
    object["revenue"] = list_of(report.revenue, [&](const store::RevenueRow& row) {
        return json::object{
            {"level", text_or_null(row.level)},
            {"accounts", row.accounts},
            {"bought_before", row.bought_before},
            {"bought_again", row.bought_again},
            {"retention", share(row.bought_again, row.bought_before)},
            {"revenue", static_cast<double>(row.revenue_minor) / minor},
            {"revenue_before", static_cast<double>(row.revenue_before_minor) / minor},
        };
    });
    object["friendly"] = list_of(report.friendly, [](const service::FriendlyLine& line) {
        const store::FriendlyRow& row = line.row;
        return json::object{
            {"account", row.key},
            {"name", row.name},
            {"segment", text_or_null(row.segment)},
            {"size", text_or_null(row.size)},
            {"owner", text_or_null(line.owner)},
            {"owner_name", text_or_null(line.owner_name)},
            {"satisfaction", row.satisfaction},
            {"answered", to_string(row.answered)},
            {"value_point", to_json(row.value_point)},
        };
    });
    return object;
}

} // namespace reviewd::control
