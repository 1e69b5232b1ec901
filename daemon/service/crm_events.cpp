#include "daemon/service/crm_events.hpp"

#include "daemon/store/outbox.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/portfolio.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace reviewd::service {
namespace {

namespace json = boost::json;

/// For how long a system may be out of reach without missing anything.
constexpr std::chrono::hours event_lifetime{24 * 30};

bool is_wanted(const config::EventSettings& events, std::string_view type) {
    return !events.channels.empty()
           && (events.only.empty()
               || std::find(events.only.begin(), events.only.end(), type) != events.only.end());
}

std::string text_of(const std::string& text) {
    return find_invalid_utf8(text) ? escape_controls(text) : text;
}

json::object account_data(Context& context, AccountId id) {
    store::Portfolio portfolio{context.database, context.rules().schema};
    json::object data;
    const auto account = portfolio.account(id);
    if (account) {
        data["account"] = json::object{
            {"source", account->source},
            {"key", text_of(account->key)},
            {"name", text_of(account->name)}};
        data["owner"] = account->owner_key.empty() ? json::value(nullptr)
                                                   : json::value(text_of(account->owner_key));
    }
    return data;
}

json::object review_data(Context& context, const store::Review& review) {
    json::object data = account_data(context, review.account);
    data["review"] = json::object{
        {"id", review.id.value},
        {"kind", review.kind},
        {"level", review.level},
        {"due", to_string(review.due)},
        {"latest", to_string(review.latest)}};
    return data;
}

json::value answer_value(const cel::Value& value) {
    if (const auto* boolean = value.get_if<bool>()) {
        return *boolean;
    }
    if (const auto* integer = value.get_if<std::int64_t>()) {
        return *integer;
    }
    if (const auto* number = value.get_if<double>()) {
        return *number;
    }
    const auto* text = value.get_if<std::string>();
    return text == nullptr ? json::value(nullptr) : json::value(text_of(*text));
}

void tell(
    Context& context,
    std::string_view type,
    const std::string& what,
    json::object data,
    TimePoint now
) {
    const std::string content = json::serialize(json::object{
        {"type", type}, {"timestamp", to_string(now)}, {"data", std::move(data)}});
    for (const std::string& channel : context.settings().events.channels) {
        store::NoticePlan plan;
        plan.kind = "event";
        plan.dedupe = fmt::format("event/{}/{}/{}", type, what, channel);
        plan.content = content;
        plan.channel = channel;
        plan.not_before = now;
        plan.expires_at = now + event_lifetime;
        store::Outbox{context.database}.plan_notice(plan, now);
    }
}

} // namespace

void tell_planned(Context& context, const store::Review& review, TimePoint now) {
    constexpr std::string_view type = "review.planned";
    if (is_wanted(context.settings().events, type)) {
        // The version tells a day that a review came back to from the first time it stood there.
        const std::string what =
            fmt::format("{}/v{}/{}", review.id.value, review.version, to_string(review.due));
        tell(context, type, what, review_data(context, review), now);
    }
}

void tell_done(Context& context, const store::Review& review, TimePoint now) {
    constexpr std::string_view type = "review.done";
    if (!is_wanted(context.settings().events, type)) {
        return;
    }
    json::object data = review_data(context, review);
    if (review.held_on) {
        data["held_on"] = to_string(*review.held_on);
    }
    data["note"] = text_of(review.note);
    json::object answers;
    for (const engine::Answer& answer : store::Outcomes{context.database}.answers(review.id)) {
        answers.emplace(answer.question, answer_value(answer.value));
    }
    data["answers"] = std::move(answers);
    // The version tells a second report, of a review that was reopened, from the first one.
    const std::string what = fmt::format("{}/v{}", review.id.value, review.version);
    tell(context, type, what, std::move(data), now);
}

void tell_level(
    Context& context, const store::ScoreChange& change, store::ScoreChangeId id, TimePoint now
) {
    constexpr std::string_view type = "level.changed";
    if (change.from.empty() || change.from == change.to
        || !is_wanted(context.settings().events, type)) {
        return;
    }
    json::object data = account_data(context, change.account);
    data["level"] = json::object{
        {"from", change.from},
        {"to", change.to},
        {"points", static_cast<double>(change.points) / static_cast<double>(rules::points_scale)}};
    tell(context, type, fmt::format("{}", id.value), std::move(data), now);
}

} // namespace reviewd::service
