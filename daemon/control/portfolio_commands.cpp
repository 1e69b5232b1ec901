#include "daemon/control/arguments.hpp"
#include "daemon/control/handlers.hpp"
#include "daemon/control/limits.hpp"
#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>

#include <limits>
#include <string>

namespace reviewd::control {

namespace {

namespace json = boost::json;

json::value review_by_id(const Call& call, ReviewId id) {
    const auto view = call.service.views().review(id, call.now);
    return view ? json::value(review_json(view->row)) : json::value(nullptr);
}

/// With from whom it came, when and why.
json::value handed_over(const Call& call, ReviewId id) {
    const auto view = call.service.views().review(id, call.now);
    if (!view) {
        return nullptr;
    }
    json::object review = review_json(view->row);
    review["handover"] = handover_json(view->handover);
    return review;
}

Result<std::vector<store::Review>> move_reviews(
    const Call& call,
    const std::string& review,
    const std::string& from,
    const std::string& to,
    const std::string& because
) {
    const service::Views& views = call.service.views();
    const Result<PersonId> receiver = views.find_person(to);
    if (!receiver) {
        return receiver.error();
    }
    const service::AccountDesk::Handover handover{*receiver, because};
    if (!from.empty()) {
        const Result<service::Owner> giver = views.find_giver(from);
        if (!giver) {
            return giver.error();
        }
        return call.service.accounts().reassign_all(*giver, handover, call.actor, call.now);
    }
    const Result<ReviewId> id = views.find_review(review);
    if (!id) {
        return id.error();
    }
    const auto view = views.review(*id, call.now);
    if (!view) {
        return view.error();
    }
    return call.service.accounts().reassign(
        view->row.review.account, handover, call.actor, call.now
    );
}

} // namespace

Result<json::value> reassign(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string review = arguments.text_or_empty("review");
    const std::string from = arguments.text_or_empty("from");
    const std::string to = arguments.text("to");
    const std::string because = arguments.text_or_empty("because");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    if (review.empty() == from.empty()) {
        return fail(
            ErrorCode::usage, "name either one review, or with `from` the owner who gives all"
        );
    }
    const auto moved = move_reviews(call, review, from, to, because);
    if (!moved) {
        return moved.error();
    }
    json::array reviews;
    for (const store::Review& each : *moved) {
        reviews.push_back(handed_over(call, each.id));
    }
    return json::value(json::object{{"reviews", std::move(reviews)}});
}

Result<json::value> contact(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string named = arguments.text("account");
    const service::AccountDesk::Contact made{
        arguments.date("day"), arguments.text_or_empty("note"), arguments.integers("kept")};
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<store::Account> account = call.service.views().find_account(named);
    if (!account) {
        return account.error();
    }
    const Result<store::Review> review =
        call.service.accounts().contact(account->id, made, call.actor, call.now);
    if (!review) {
        return review.error();
    }
    return json::value(json::object{{"review", review_by_id(call, review->id)}});
}

Result<json::value> keep_promise(const Call& call) {
    Arguments arguments{call.arguments};
    const std::int64_t number =
        arguments.integer("promise", 1, std::numeric_limits<std::int64_t>::max()).value_or(0);
    const std::optional<Date> day = arguments.date("day");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    if (number == 0) {
        return fail(ErrorCode::usage, "`promise` is needed: the number of one");
    }
    const auto kept = call.service.accounts().keep_promise(number, day, call.actor, call.now);
    if (!kept) {
        return kept.error();
    }
    const auto view = call.service.views().review(kept->review.id, call.now);
    if (!view) {
        return view.error();
    }
    return json::value(json::object{
        {"promise", promise_json({kept->promise, view->row.account})},
        {"kept_on", to_json(kept->promise.kept_on)},
        {"review", review_json(view->row)}});
}

Result<json::value> merge(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string from = arguments.text("from");
    const std::string into = arguments.text("into");
    const bool is_confirmed = arguments.flag("confirmed");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const service::Views& views = call.service.views();
    const Result<store::Account> old = views.find_account(from);
    if (!old) {
        return old.error();
    }
    const Result<store::Account> kept = views.find_account(into);
    if (!kept) {
        return kept.error();
    }
    service::AccountDesk& accounts = call.service.accounts();
    const auto wanted = accounts.look_at_merge(old->id, kept->id);
    if (!wanted) {
        return wanted.error();
    }
    json::object answer = merge_json(*wanted);
    // As it is before: afterwards it is a review of the account that goes on.
    const bool is_called_off = wanted->ends.state == store::ReviewState::appointment;
    answer["called_off"] =
        is_called_off ? review_by_id(call, wanted->ends.id) : json::value(nullptr);
    if (is_confirmed) {
        const Result<store::Review> review =
            accounts.merge(old->id, kept->id, call.actor, call.now);
        if (!review) {
            return review.error();
        }
    }
    answer["is_merged"] = is_confirmed;
    answer["review"] = review_by_id(call, wanted->goes_on.id);
    return json::value(std::move(answer));
}

Result<json::value> audit(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string account = arguments.text_or_empty("account");
    const std::string review = arguments.text_or_empty("review");
    store::TrailFilter filter;
    filter.who = arguments.text_or_empty("who");
    const std::int64_t limit =
        arguments.integer("limit", 1, trail_rows.largest).value_or(trail_rows.usual);
    filter.limit = static_cast<int>(limit) + 1;
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    if (!account.empty()) {
        const Result<store::Account> found = call.service.views().find_account(account);
        if (!found) {
            return found.error();
        }
        filter.account = found->id;
    }
    if (!review.empty()) {
        const Result<ReviewId> found = call.service.views().find_review(review);
        if (!found) {
            return found.error();
        }
        filter.review = *found;
    }
    auto found = call.service.views().trail(filter);
    if (!found) {
        return found.error();
    }
    const bool is_cut = cut_to(*found, limit);
    json::array trail;
    for (const store::TrailEntry& entry : *found) {
        trail.push_back(trail_json(entry));
    }
    return json::value(json::object{{"trail", std::move(trail)}, {"is_cut", is_cut}});
}

Result<json::value> report(const Call& call) {
    Arguments arguments{call.arguments};
    const std::optional<Date> from = arguments.date("from");
    const std::optional<Date> to = arguments.date("to");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<service::Report> made = call.service.views().report(from, to, call.now);
    if (!made) {
        return made.error();
    }
    return json::value(report_json(*made, *call.service.configuration().settings));
}

} // namespace reviewd::control
