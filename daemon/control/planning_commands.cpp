#include "daemon/control/arguments.hpp"
#include "daemon/control/handlers.hpp"
#include "daemon/control/page_wish.hpp"
#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>

#include <limits>

namespace reviewd::control {

namespace {

namespace json = boost::json;

json::object named_json(const Call& call, const store::Leave& leave) {
    return leave_json(leave, call.service.views().name_of(leave.person));
}

json::array rows_json(const Call& call, const std::vector<ReviewId>& ids) {
    json::array reviews;
    for (const ReviewId id : ids) {
        if (const auto view = call.service.views().review(id, call.now)) {
            reviews.push_back(review_json(view->row));
        }
    }
    return reviews;
}

json::array overlaps_json(const std::vector<service::LeaveDesk::Overlap>& overlaps) {
    json::array all;
    for (const service::LeaveDesk::Overlap& one : overlaps) {
        all.push_back(json::object{
            {"id", one.id ? json::value(*one.id) : json::value(nullptr)},
            {"from", to_string(one.first)},
            {"until", to_string(one.last)}});
    }
    return all;
}

json::array filed_json(const std::vector<service::LeaveDesk::Filed>& filed) {
    json::array all;
    for (const service::LeaveDesk::Filed& one : filed) {
        all.push_back(json::object{
            {"person", text_or_null(one.person)},
            {"name", text_or_null(one.name)},
            {"from", to_string(one.first)},
            {"until", to_string(one.last)}});
    }
    return all;
}

} // namespace

Result<json::value> plan(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string owner = arguments.text_or_empty("owner");
    const PageWish pages = PageWish::read(arguments);
    if (const std::optional<Error> problem = first_problem(arguments, pages)) {
        return *problem;
    }
    if (!pages.rows.empty()) {
        return review_page(call, pages);
    }
    const auto reviews = call.service.views().plan(owner);
    if (!reviews) {
        return reviews.error();
    }
    const auto overloads = call.service.workload().overloads(owner, call.now);
    if (!overloads) {
        return overloads.error();
    }
    json::array named;
    for (const service::Overload& overload : *overloads) {
        named.push_back(overload_json(overload));
    }
    json::object answer{{"reviews", json::array{}}, {"overloads", std::move(named)}};
    put_reviews(answer, call, *reviews, pages);
    return json::value(std::move(answer));
}

Result<json::value> forecast(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string owner = arguments.text_or_empty("owner");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const auto forecasts = call.service.workload().forecast(owner, call.now);
    if (!forecasts) {
        return forecasts.error();
    }
    json::array owners;
    for (const service::OwnerForecast& one : *forecasts) {
        owners.push_back(forecast_json(one));
    }
    return json::value(json::object{{"forecast", std::move(owners)}});
}

Result<json::value> add_leave(const Call& call) {
    Arguments arguments{call.arguments};
    const service::LeaveDesk::Wanted wanted{
        .person = arguments.text("person"),
        .first = arguments.required_date("from"),
        .last = arguments.required_date("until"),
        .because = arguments.text_or_empty("because")};
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const auto leave = call.service.leave().add(wanted, call.actor, call.now);
    if (!leave) {
        return leave.error();
    }
    const service::LeaveDesk::Inside inside = call.service.leave().inside(*leave, call.now);
    return json::value(json::object{
        {"leave", named_json(call, *leave)},
        {"appointments", rows_json(call, inside.appointments)},
        {"contacts", rows_json(call, inside.contacts)},
        {"stands_in",
         inside.other == nullptr ? json::value(nullptr) : json::value(inside.other->key)},
        {"stands_in_name",
         inside.other == nullptr ? json::value(nullptr) : json::value(inside.other->name)},
        {"alone_on", to_json(inside.alone_on)},
        {"overlaps", overlaps_json(inside.overlaps)}});
}

Result<json::value> list_leave(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string person = arguments.text_or_empty("person");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const auto leaves = call.service.leave().list(person);
    if (!leaves) {
        return leaves.error();
    }
    const auto filed = call.service.leave().list_filed(person, call.now);
    if (!filed) {
        return filed.error();
    }
    json::array all;
    for (const store::Leave& leave : *leaves) {
        all.push_back(named_json(call, leave));
    }
    return json::value(json::object{
        {"leave", std::move(all)},
        {"from_files", filed_json(filed->leave)},
        {"from_files_until", to_string(filed->until)},
        {"from_files_later", filed->later}});
}

Result<json::value> remove_leave(const Call& call) {
    Arguments arguments{call.arguments};
    const std::optional<std::int64_t> id =
        arguments.integer("leave", 1, std::numeric_limits<std::int64_t>::max());
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    if (!id) {
        return fail(ErrorCode::usage, "give the number of the leave");
    }
    const auto leave = call.service.leave().remove(*id, call.actor, call.now);
    if (!leave) {
        return leave.error();
    }
    return json::value(json::object{{"leave", named_json(call, *leave)}});
}

} // namespace reviewd::control
