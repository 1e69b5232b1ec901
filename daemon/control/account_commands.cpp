#include "daemon/control/arguments.hpp"
#include "daemon/control/handlers.hpp"
#include "daemon/control/limits.hpp"
#include "daemon/control/page_wish.hpp"
#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>

namespace reviewd::control {

namespace {

namespace json = boost::json;

struct ScoreWish {
    bool is_explained = false;
    Colour colour = Colour::off;
};

json::object shape(const service::ScoreView& view, const ScoreWish& wish, const Call& call) {
    const config::Configuration& configuration = call.service.configuration();
    json::object object = score_json(view, *configuration.rules);
    if (wish.is_explained) {
        engine::LedgerHeading heading = view.heading;
        heading.colour = wish.colour;
        object["lines"] =
            ledger_json(view, *configuration.rules, configuration.settings->company.money());
        object["text"] = render_ledger(*configuration.rules, view.facts, view.ledger, heading);
    }
    return object;
}

Result<json::array> named_scores(
    const Call& call,
    const std::vector<std::string>& accounts,
    std::optional<Date> as_of,
    const ScoreWish& wish
) {
    json::array scores;
    for (const std::string& account : accounts) {
        const Result<service::ScoreView> view =
            call.service.views().score(account, as_of, call.now);
        if (!view) {
            return view.error();
        }
        scores.push_back(shape(*view, wish, call));
    }
    return scores;
}

} // namespace

Result<json::value> score(const Call& call) {
    Arguments arguments{call.arguments};
    const std::vector<std::string> accounts = arguments.texts("accounts");
    const std::optional<Date> as_of = arguments.date("as_of");
    const ScoreWish wish{
        .is_explained = arguments.flag("explain"),
        .colour = arguments.flag("colour") ? Colour::on : Colour::off};
    const std::int64_t limit =
        arguments.integer("limit", 1, score_rows.largest).value_or(score_rows.usual);
    const PageWish pages = PageWish::read(arguments);
    if (const std::optional<Error> problem = first_problem(arguments, pages)) {
        return *problem;
    }
    if (accounts.empty() && as_of) {
        return fail(ErrorCode::usage, "name the accounts whose past score you want to see");
    }
    if (!accounts.empty()) {
        const Result<json::array> scores = named_scores(call, accounts, as_of, wish);
        if (!scores) {
            return scores.error();
        }
        return json::value(json::object{{"scores", *scores}, {"is_cut", false}});
    }
    const service::Views& views = call.service.views();
    const auto to_rows = [&](const std::vector<AccountId>& ids) {
        json::array scores;
        for (const service::ScoreView& view : views.scores(ids, call.now)) {
            scores.push_back(shape(view, wish, call));
        }
        return scores;
    };
    json::object answer{{"scores", json::array{}}, {"is_cut", false}};
    if (pages.rows.empty()) {
        std::vector<AccountId> highest = views.highest(static_cast<int>(limit) + 1);
        answer["is_cut"] = cut_to(highest, limit);
        put_list(answer, "scores", highest, pages, to_rows);
    } else {
        answer["scores"] = to_rows(pages.ids<AccountId>());
    }
    return json::value(std::move(answer));
}

Result<json::value> score_history(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string account = arguments.text("account");
    const std::int64_t limit = arguments.integer("limit", 1, score_history_rows.largest)
                                   .value_or(score_history_rows.usual);
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    auto view = call.service.views().score_history(account, static_cast<int>(limit) + 1);
    if (!view) {
        return view.error();
    }
    const bool is_cut = cut_to(view->changes, limit);
    json::object answer = score_history_json(*view);
    answer["is_cut"] = is_cut;
    return json::value(std::move(answer));
}

Result<json::value> set_override(const Call& call) {
    Arguments arguments{call.arguments};
    service::OverrideDesk::Wish wish;
    wish.account = arguments.text("account");
    wish.level = arguments.text("level");
    wish.until = arguments.required_date("until");
    wish.because = arguments.text("because");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const auto one = call.service.overrides().set(wish, call.actor, call.now);
    if (!one) {
        return one.error();
    }
    const auto view = call.service.views().score(wish.account, std::nullopt, call.now);
    if (!view) {
        return view.error();
    }
    return json::value(json::object{
        {"score", score_json(*view, *call.service.configuration().rules)},
        {"override", override_json(*one)},
    });
}

Result<json::value> remove_override(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string account = arguments.text("account");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<void> removed = call.service.overrides().remove(account, call.actor, call.now);
    if (!removed) {
        return removed.error();
    }
    const auto view = call.service.views().score(account, std::nullopt, call.now);
    if (!view) {
        return view.error();
    }
    return json::value(json::object{
        {"score", score_json(*view, *call.service.configuration().rules)}});
}

Result<json::value> due(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string owner = arguments.text_or_empty("owner");
    const std::optional<Date> until = arguments.date("until");
    const PageWish pages = PageWish::read(arguments);
    if (const std::optional<Error> problem = first_problem(arguments, pages)) {
        return *problem;
    }
    if (!pages.rows.empty()) {
        return review_page(call, pages);
    }
    const auto reviews = call.service.views().due(owner, until, call.now);
    if (!reviews) {
        return reviews.error();
    }
    const auto promises = call.service.views().promises_due(owner, until, call.now);
    if (!promises) {
        return promises.error();
    }
    json::array promised;
    for (const service::PromiseRow& row : *promises) {
        promised.push_back(promise_json(row));
    }
    json::object answer{{"reviews", json::array{}}, {"promises", std::move(promised)}};
    put_reviews(answer, call, *reviews, pages);
    return json::value(std::move(answer));
}

Result<json::value> status(const Call& call) {
    Arguments arguments{call.arguments};
    const auto shares = arguments.flag("shares") ? service::Views::Shares::count
                                                 : service::Views::Shares::if_in_memory;
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    return json::value(status_json(call.service.views().status(shares, call.now, call.counted)));
}

Result<json::value> confirm_levels(const Call& call) {
    if (const std::optional<Error> problem = Arguments{call.arguments}.problem()) {
        return *problem;
    }
    const Result<void> confirmed = call.service.rescorer().confirm(call.actor, call.now);
    if (!confirmed) {
        return confirmed.error();
    }
    return json::value(json::object{
        {"levels_held", levels_held_json(call.service.rescorer().held())}});
}

Result<json::value> resume(const Call& call) {
    Arguments arguments{call.arguments};
    const auto backlog = arguments.flag("drop") ? service::Backlog::drop : service::Backlog::send;
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<int> cancelled = call.service.resume(backlog, call.actor, call.now);
    if (!cancelled) {
        return cancelled.error();
    }
    return json::value(json::object{{"cancelled", *cancelled}});
}

} // namespace reviewd::control
