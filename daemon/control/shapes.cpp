#include "daemon/control/shapes.hpp"

#include "scoring/cel/value.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace reviewd::control {

namespace {

namespace json = boost::json;

std::string_view kind_name(engine::LedgerLine::Kind kind) {
    switch (kind) {
    case engine::LedgerLine::Kind::base:
        return "base";
    case engine::LedgerLine::Kind::rule:
        return "rule";
    case engine::LedgerLine::Kind::group_cap:
        return "group_cap";
    case engine::LedgerLine::Kind::clamp:
        return "clamp";
    }
    return "";
}

std::string_view verdict_name(engine::LedgerLine::Verdict verdict) {
    switch (verdict) {
    case engine::LedgerLine::Verdict::fired:
        return "fired";
    case engine::LedgerLine::Verdict::did_not_fire:
        return "did_not_fire";
    case engine::LedgerLine::Verdict::cannot_be_judged:
        return "cannot_be_judged";
    }
    return "";
}

json::value line_name(const engine::LedgerLine& line, const rules::RuleSet& rules) {
    if (line.kind == engine::LedgerLine::Kind::rule) {
        return json::string{rules.rules.at(line.index).id};
    }
    if (line.kind == engine::LedgerLine::Kind::group_cap) {
        return json::string{rules.groups.at(line.index).name};
    }
    return nullptr;
}

json::value reasons_json(const std::string& reasons) {
    boost::system::error_code error;
    json::value parsed = json::parse(reasons, error);
    return error ? json::value(json::array{}) : parsed;
}

json::value value_json(const cel::Value& value) {
    if (value.is_null()) {
        return nullptr;
    }
    if (const bool* const boolean = value.get_if<bool>()) {
        return *boolean;
    }
    if (const auto* const integer = value.get_if<std::int64_t>()) {
        return *integer;
    }
    if (const double* const number = value.get_if<double>()) {
        return *number;
    }
    if (const auto* const text = value.get_if<std::string>()) {
        return json::string{*text};
    }
    return json::string{to_string(value)};
}

json::value details_json(const std::string& details) {
    boost::system::error_code error;
    json::value parsed = json::parse(details, error);
    return error ? json::value(json::object{}) : parsed;
}

} // namespace

json::value to_json(std::optional<Date> date) {
    return date ? json::value(to_string(*date)) : json::value(nullptr);
}

json::value to_json(std::optional<TimePoint> time) {
    return time ? json::value(to_string(*time)) : json::value(nullptr);
}

json::value points_json(rules::Points points) {
    if (points % rules::points_scale == 0) {
        return points / rules::points_scale;
    }
    return static_cast<double>(points) / static_cast<double>(rules::points_scale);
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object account_json(const store::Account& account) {
    json::value owner = nullptr;
    if (!account.owner_key.empty()) {
        owner = json::object{{"key", account.owner_key}, {"name", account.owner_name}};
    }
    return json::object{
        {"key", account.key},
        {"name", account.name},
        {"source", account.source},
        {"owner", std::move(owner)},
        {"segment", text_or_null(account.segment)},
        {"size", text_or_null(account.size)},
        {"region", text_or_null(account.region)},
        {"is_active", account.is_active},
    };
}

namespace {

json::value kept_json(const service::ScoreView& view, const rules::RuleSet& rules) {
    const engine::LedgerHeading& heading = view.heading;
    if (!heading.since || heading.is_level_set) {
        return nullptr;
    }
    const auto kept = engine::kept_level(
        rules, view.ledger.score, {heading.level, *heading.since}, heading.as_of
    );
    if (!kept) {
        return nullptr;
    }
    return json::object{
        {"by_points", rules.levels.at(kept->by_points).name}, {"until", to_json(kept->until)}};
}

} // namespace

json::object score_json(const service::ScoreView& view, const rules::RuleSet& rules) {
    const engine::LedgerHeading& heading = view.heading;
    return json::object{
        {"account", account_json(view.account)},
        {"points", points_json(view.ledger.score.points)},
        {"level", rules.levels.at(heading.level).name},
        {"since", to_json(heading.since)},
        {"is_judged", view.ledger.score.is_judged},
        {"rules_version", text_or_null(heading.rules_version)},
        {"as_of", to_string(view.as_of)},
        {"cadence",
         json::object{
             {"name", view.cadence.name},
             {"not_before", to_string(view.cadence.not_before)},
             {"review_every", to_string(view.cadence.review_every)},
             {"at_latest", to_string(view.cadence.at_latest)},
         }},
        {"kept", kept_json(view, rules)},
        {"override",
         view.override_in_force ? json::value(override_json(*view.override_in_force))
                                : json::value(nullptr)},
    };
}

json::array ledger_json(
    const service::ScoreView& view, const rules::RuleSet& rules, const Currency& currency
) {
    json::array lines;
    for (const engine::LedgerLine& line : view.ledger.lines) {
        json::object facts;
        for (const std::uint32_t slot : line.facts) {
            const rules::Fact& fact = rules.facts.facts.at(slot);
            facts[fact.name] = engine::describe_fact(fact, view.facts.at(slot), currency);
        }
        json::array missing;
        for (const std::uint32_t slot : line.missing) {
            missing.emplace_back(rules.facts.facts.at(slot).name);
        }
        lines.push_back(json::object{
            {"kind", kind_name(line.kind)},
            {"name", line_name(line, rules)},
            {"verdict", verdict_name(line.verdict)},
            {"points", points_json(line.points)},
            {"facts", std::move(facts)},
            {"missing", std::move(missing)},
            {"error", text_or_null(line.error)},
        });
    }
    return lines;
}

json::object promise_json(const service::PromiseRow& row) {
    return json::object{
        {"id", row.promise.id},
        {"text", row.promise.text},
        {"due", to_json(row.promise.due)},
        {"made_on", to_string(row.promise.made_on)},
        {"account", account_json(row.account)}};
}

void add_stand_in(json::object& object, const std::optional<service::StandIn>& one) {
    object["stands_in"] = one ? json::value(one->key) : json::value(nullptr);
    object["stands_in_name"] = one ? json::value(one->name) : json::value(nullptr);
    object["stands_in_until"] = one ? json::value(to_string(one->until)) : json::value(nullptr);
}

json::object review_json(const service::ReviewRow& row) {
    const store::Review& review = row.review;
    json::object object{
        {"id", review.id.value},
        {"account", account_json(row.account)},
        {"owner", text_or_null(row.account.owner_key)},
        {"state", name(review.state)},
        {"kind", review.kind},
        {"occurrence", review.occurrence},
        {"version", review.version},
        {"earliest", to_string(review.earliest)},
        {"target", to_string(review.target)},
        {"due", to_string(review.due)},
        {"is_due_on_working_day", row.is_due_on_working_day},
        {"latest", to_string(review.latest)},
        {"quiet_until", to_json(review.quiet_until)},
        {"next_try", to_json(row.next_try)},
        {"is_chosen", review.is_chosen},
        {"level", review.level},
        {"is_judged", row.is_judged},
        {"cadence", review.cadence},
        {"points", points_json(row.points)},
        {"days_late", row.days_late},
        {"reasons", reasons_json(review.reasons)},
        {"appointment", to_json(review.appointment)},
        {"appointment_local",
         row.appointment_local.empty() ? json::value(nullptr) : json::value(row.appointment_local)},
        {"held_on", to_json(review.held_on)},
        {"closed_at", to_json(review.closed_at)},
        {"note", text_or_null(review.note)},
    };
    add_stand_in(object, row.stand_in);
    return object;
}

namespace {

json::array contacts_json(const service::ReviewView& view) {
    json::array contacts;
    for (const store::Contact& contact : view.contacts) {
        contacts.push_back(json::object{
            {"name", contact.name},
            {"role", text_or_null(contact.role)},
            {"phone", text_or_null(contact.phone)},
            {"email", text_or_null(contact.email)},
            {"language", text_or_null(contact.language)},
        });
    }
    return contacts;
}

void add_talk(json::object& object, const service::ReviewView& view) {
    json::array agenda;
    for (const service::AgendaLine& line : view.agenda) {
        agenda.push_back(json::object{
            {"id", line.id},
            {"topic", line.topic},
            {"text", line.text},
            {"would_change_level", line.would_change_level},
        });
    }
    json::array tickets;
    for (const service::TicketLine& ticket : view.tickets) {
        tickets.push_back(json::object{
            {"key", ticket.key},
            {"title", ticket.title},
            {"opened", to_string(ticket.opened)},
            {"fix", text_or_null(ticket.fix)},
        });
    }
    object["tickets"] = std::move(tickets);
    json::array offers;
    for (const service::OfferLine& offer : view.offers) {
        offers.push_back(json::object{
            {"product", offer.product},
            {"name", offer.name},
            {"sets_apart", text_or_null(offer.sets_apart)},
        });
    }
    object["agenda"] = std::move(agenda);
    object["offers"] = std::move(offers);
    object["tips"] = json::array(view.tips.begin(), view.tips.end());
    object["invitation"] = text_or_null(view.invitation);
    object["free_review"] = text_or_null(view.free_review);
}

json::array answers_json(const std::vector<engine::Answer>& answers) {
    json::array lines;
    for (const engine::Answer& answer : answers) {
        lines.push_back(json::object{
            {"question", answer.question},
            {"value", value_json(answer.value)},
            {"day", to_string(answer.day)},
        });
    }
    return lines;
}

void add_past(json::object& object, const service::ReviewView& view) {
    json::array promises;
    for (const store::Promise& promise : view.promises) {
        promises.push_back(json::object{
            {"id", promise.id},
            {"text", promise.text},
            {"due", to_json(promise.due)},
            {"made_on", to_string(promise.made_on)},
        });
    }
    json::array attempts;
    for (const store::ContactAttempt& attempt : view.attempts) {
        attempts.push_back(json::object{
            {"day", to_string(attempt.day)},
            {"result", attempt.result},
            {"who", attempt.who},
            {"note", text_or_null(attempt.note)},
        });
    }
    json::array history;
    for (const store::ReviewEvent& event : view.history) {
        history.push_back(json::object{
            {"at", to_string(event.at)},
            {"who", event.who},
            {"origin", event.from},
            {"what", event.what},
            {"details", details_json(event.details)},
        });
    }
    object["last_held"] = view.last ? to_json(view.last->held_on) : json::value(nullptr);
    object["promises"] = std::move(promises);
    object["attempts"] = std::move(attempts);
    object["last_note"] = view.last ? text_or_null(view.last->note) : json::value(nullptr);
    object["last_answers"] = answers_json(view.last_answers);
    object["answers"] = answers_json(view.answers);
    object["history"] = std::move(history);
}

} // namespace

json::value handover_json(const std::optional<service::HandoverLine>& line) {
    if (!line) {
        return nullptr;
    }
    return json::object{
        {"from", line->from},
        {"from_name", line->from_name},
        {"to", line->to},
        {"to_name", line->to_name},
        {"day", to_string(line->day)},
        {"who", line->who},
        {"because", text_or_null(line->because)},
    };
}

json::object review_view_json(
    const service::ReviewView& view, const rules::RuleSet& rules, const Currency& currency
) {
    json::object object = review_json(view.row);
    object["score"] = score_json(view.score, rules);
    object["ledger"] = ledger_json(view.score, rules, currency);
    object["contacts"] = contacts_json(view);
    add_talk(object, view);
    add_past(object, view);
    object["handover"] = handover_json(view.handover);
    add_call_sheet(object, view.sheet);
    return object;
}

} // namespace reviewd::control
