#include "daemon/control/arguments.hpp"
#include "daemon/control/handlers.hpp"
#include "daemon/control/shapes.hpp"

#include <fmt/format.h>

#include <functional>
#include <string>

namespace reviewd::control {

namespace {

namespace json = boost::json;

/// The review as it is now, by its number.
json::value current(const Call& call, ReviewId id) {
    const auto view = call.service.views().review(id, call.now);
    return view ? json::value(review_json(view->row)) : json::value(nullptr);
}

/// The review that a call names, with the version that its sender saw.
struct Named {
    std::string review;
    std::optional<int> version;
};

Named named_review(Arguments& arguments) {
    Named named{arguments.text("review"), std::nullopt};
    constexpr std::int64_t largest_version = 1'000'000'000;
    if (const auto version = arguments.integer("version", 1, largest_version)) {
        named.version = static_cast<int>(*version);
    }
    return named;
}

/// Finds the review that the argument names, changes it, and answers with it.
using Change = std::function<Result<store::Review>(const service::ReviewRef&)>;

Result<json::value> changed(const Call& call, const Named& named, const Change& change) {
    const Result<ReviewId> id = call.service.views().find_review(named.review);
    if (!id) {
        return id.error();
    }
    const Result<store::Review> review = change({*id, named.version});
    if (!review) {
        return review.error();
    }
    return json::value(json::object{{"review", current(call, review->id)}});
}

/// Likewise for a change that closes the review: the answer has the next one too.
Result<json::value> closed(const Call& call, const Named& named, const Change& change) {
    const Result<ReviewId> id = call.service.views().find_review(named.review);
    if (!id) {
        return id.error();
    }
    const Result<store::Review> next = change({*id, named.version});
    if (!next) {
        return next.error();
    }
    return json::value(json::object{
        {"review", current(call, *id)},
        {"next", current(call, next->id)},
        {"with_it", json::array{}}});
}

/// The reviews of subsidiaries that were held with a review, each with the one that follows.
json::array closed_with(const Call& call, ReviewId parent) {
    json::array closed;
    for (const store::Review& one : call.service.reviews().held_with(parent)) {
        const auto next = call.service.views().open_review(one.account);
        closed.push_back(json::object{
            {"review", current(call, one.id)},
            {"next", next ? current(call, *next) : json::value(nullptr)}});
    }
    return closed;
}

/// "HH:MM", or nothing.
Result<std::optional<std::chrono::minutes>> parse_time(const std::string& text) {
    if (text.empty()) {
        return std::optional<std::chrono::minutes>{};
    }
    const auto digit = [&](std::size_t at) {
        return text[at] >= '0' && text[at] <= '9';
    };
    if (text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
        const int hour = std::stoi(text.substr(0, 2));
        const int minute = std::stoi(text.substr(3, 2));
        if (hour < 24 && minute < 60) {
            return std::optional{std::chrono::minutes{hour * 60 + minute}};
        }
    }
    return fail(
        ErrorCode::usage,
        fmt::format("a time of day is written as 09:30, in the owner's zone; found `{}`", text)
    );
}

} // namespace

Result<json::value> show_review(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string named = arguments.text("review");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const auto view = call.service.views().review(named, call.now);
    if (!view) {
        return view.error();
    }
    const config::Configuration& configuration = call.service.configuration();
    return json::value(
        review_view_json(*view, *configuration.rules, configuration.settings->company.money())
    );
}

Result<json::value> close_done(const Call& call) {
    Arguments arguments{call.arguments};
    const Named named = named_review(arguments);
    const service::Outcome outcome{
        .held_on = arguments.date("held_on"),
        .answers = arguments.text_map("answers"),
        .note = arguments.text_or_empty("note"),
        .recommendation = arguments.text_or_empty("recommendation"),
        .promise = arguments.text_or_empty("promise"),
        .promise_due = arguments.date("promise_due"),
        .kept_promises = arguments.integers("kept"),
        .subsidiaries = arguments.flag("with_subsidiaries")
                            ? service::Outcome::Subsidiaries::together
                            : service::Outcome::Subsidiaries::apart,
    };
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    std::optional<ReviewId> done;
    Result<json::value> answer = closed(call, named, [&](const service::ReviewRef& id) {
        done = id.id;
        return call.service.reviews().done(id, outcome, call.actor, call.now);
    });
    if (answer) {
        answer->as_object()["with_it"] = closed_with(call, *done);
    }
    return answer;
}

Result<json::value> close_missed(const Call& call) {
    Arguments arguments{call.arguments};
    const Named named = named_review(arguments);
    const std::string because = arguments.text_or_empty("because");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    return closed(call, named, [&](const service::ReviewRef& id) {
        return call.service.reviews().missed(id, because, call.actor, call.now);
    });
}

Result<json::value> close_skipped(const Call& call) {
    Arguments arguments{call.arguments};
    const Named named = named_review(arguments);
    const std::string because = arguments.text("because");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    return closed(call, named, [&](const service::ReviewRef& id) {
        return call.service.reviews().skip(id, because, call.actor, call.now);
    });
}

Result<json::value> record_attempt(const Call& call) {
    Arguments arguments{call.arguments};
    const Named named = named_review(arguments);
    const std::string result = arguments.text("result");
    const std::string note = arguments.text_or_empty("note");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    return changed(call, named, [&](const service::ReviewRef& id) {
        return call.service.reviews().attempt(id, result, note, call.actor, call.now);
    });
}

Result<json::value> invite(const Call& call) {
    Arguments arguments{call.arguments};
    const Named named = named_review(arguments);
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    return changed(call, named, [&](const service::ReviewRef& id) {
        return call.service.reviews().invite(id, call.actor, call.now);
    });
}

Result<json::value> appoint(const Call& call) {
    Arguments arguments{call.arguments};
    const Named named = named_review(arguments);
    const Date day = arguments.required_date("day");
    const std::string time = arguments.text_or_empty("time");
    const std::string because = arguments.text_or_empty("because");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const auto local_time = parse_time(time);
    if (!local_time) {
        return local_time.error();
    }
    const service::ReviewDesk::Appointment appointment{
        .day = day, .local_time = *local_time, .because = because};
    bool is_day_full = false;
    Result<json::value> answer = changed(call, named, [&](const service::ReviewRef& id) {
        Result<store::Review> agreed =
            call.service.reviews().appoint(id, appointment, call.actor, call.now);
        is_day_full = agreed && call.service.reviews().is_day_full(*agreed);
        return agreed;
    });
    if (answer) {
        answer->as_object()["is_day_full"] = is_day_full;
    }
    return answer;
}

Result<json::value> snooze(const Call& call) {
    Arguments arguments{call.arguments};
    const Named named = named_review(arguments);
    const Date until = arguments.required_date("until");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    return changed(call, named, [&](const service::ReviewRef& id) {
        return call.service.reviews().snooze(id, until, call.actor, call.now);
    });
}

Result<json::value> reschedule(const Call& call) {
    Arguments arguments{call.arguments};
    const Named named = named_review(arguments);
    const Date day = arguments.required_date("day");
    const std::string because = arguments.text_or_empty("because");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    json::value called_off = nullptr;
    Result<json::value> answer = changed(call, named, [&](const service::ReviewRef& id) {
        const auto before = call.service.views().review(id.id, call.now);
        if (before && !before->row.appointment_local.empty()) {
            called_off = review_json(before->row);
        }
        return call.service.reviews().reschedule(id, day, because, call.actor, call.now);
    });
    if (answer) {
        answer->as_object()["called_off"] = called_off;
    }
    return answer;
}

Result<json::value> reopen(const Call& call) {
    Arguments arguments{call.arguments};
    const Named named = named_review(arguments);
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    json::array still_done;
    Result<json::value> answer = changed(call, named, [&](const service::ReviewRef& id) {
        Result<store::Review> reopened = call.service.reviews().reopen(id, call.actor, call.now);
        for (const store::Review& one : call.service.reviews().held_with(id.id)) {
            still_done.push_back(current(call, one.id));
        }
        return reopened;
    });
    if (answer) {
        answer->as_object()["still_done"] = std::move(still_done);
    }
    return answer;
}

} // namespace reviewd::control
