#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>

namespace reviewd::control {

namespace {

namespace json = boost::json;

json::object capacity_json(const review::Capacity& capacity) {
    return {{"per_day", capacity.per_day}, {"per_week", capacity.per_week}};
}

json::value lack_json(review::Cure::Lack lack) {
    switch (lack) {
    case review::Cure::Lack::days:
        return "days";
    case review::Cure::Lack::capacity:
        return "capacity";
    case review::Cure::Lack::search:
        return "search";
    case review::Cure::Lack::none:
        break;
    }
    return nullptr;
}

} // namespace

json::object overload_json(const service::Overload& overload) {
    json::array late;
    for (const service::LateDay& day : overload.late) {
        late.push_back(json::object{
            {"review", day.review.value},
            {"account", day.account},
            {"level", day.level},
            {"due", to_string(day.due)},
            {"latest", to_string(day.latest)},
            {"days_late", day.days_late},
            {"is_for_leave", day.is_for_leave}});
        add_stand_in(late.back().as_object(), day.stand_in);
    }
    return {
        {"owner", overload.owner},
        {"name", overload.name},
        {"stretch", overload.stretch},
        {"capacity", capacity_json(overload.capacity)},
        {"cure",
         overload.cure.capacity ? json::value(capacity_json(*overload.cure.capacity))
                                : json::value(nullptr)},
        {"cure_lacks", lack_json(overload.cure.lack)},
        {"late", std::move(late)}};
}

json::object forecast_json(const service::OwnerForecast& forecast) {
    json::array weeks;
    for (const service::WeekLoad& week : forecast.weeks) {
        weeks.push_back(json::object{
            {"week", to_string(week.week)},
            {"planned", week.planned},
            {"expected", week.expected},
            {"capacity", week.capacity}});
    }
    return {
        {"owner", forecast.owner},
        {"name", forecast.name},
        {"reviews", forecast.reviews},
        {"capacity", forecast.capacity},
        {"stretch", forecast.stretch},
        {"weeks", std::move(weeks)}};
}

json::object leave_json(const store::Leave& leave, const std::string& name) {
    return {
        {"id", leave.id},
        {"person", leave.person},
        {"from", to_string(leave.first)},
        {"until", to_string(leave.last)},
        {"because", leave.because},
        {"who", leave.who},
        {"origin", leave.from},
        {"created", to_string(leave.created)},
        {"name", name}};
}

} // namespace reviewd::control
